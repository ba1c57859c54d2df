"""Passwords: what they must be, and their argon2id hashes.

A check takes about a tenth of a second of a processor and 64 MiB, on purpose. So only a few run at the same time and
only a few more wait: a flood of sign-ins is turned away instead of taking every thread of the service.
"""

from __future__ import annotations

import os
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from pwdlib import PasswordHash

from sightline.errors import RequestInvalid, TooManyAttempts
from sightline.service.people.secret import new_secret

SHORTEST, LONGEST = 10, 256
WAITING = 8
"""Checks that may wait for their turn, beyond those that run."""
BUSY_S = 5


def fitting(password: str, email: str) -> str:
    """The password as it is hashed. Raises `RequestInvalid` for one that is too short, too long, or the address."""
    # Keyboards send the same Korean letters composed or not.
    plain = unicodedata.normalize("NFKC", password)
    if len(plain) < SHORTEST:
        raise RequestInvalid("account.password_short", shortest=SHORTEST)
    if len(password) > LONGEST or len(plain) > LONGEST:
        raise RequestInvalid("account.password_long", longest=LONGEST)
    if plain.strip().lower() in (email, email.partition("@")[0]):
        raise RequestInvalid("account.password_is_email")
    return plain


class Passwords:
    """Makes and checks hashes. ``at_once``: checks that run at the same time. Safe for many threads."""

    def __init__(self, hasher: PasswordHash | None = None, at_once: int | None = None) -> None:
        self._hasher = hasher or PasswordHash.recommended()
        running = at_once or max(1, (os.cpu_count() or 2) // 2)
        self._running = threading.BoundedSemaphore(running)
        self._inside = threading.BoundedSemaphore(running + WAITING)
        self._dummy: str | None = None
        self._making_dummy = threading.Lock()

    def hash(self, password: str, email: str) -> str:
        """Raises `RequestInvalid` for a password that does not fit, `TooManyAttempts` when too many wait."""
        plain = fitting(password, email)
        with self._turn():
            return self._hasher.hash(plain)

    def check(self, password: str, known: str | None) -> tuple[bool, str | None]:
        """Whether it is the password, and a new hash to keep where the old one was made with other parameters.

        ``known`` None (no such account, or none with a password) takes as long as a wrong password. Raises
        `TooManyAttempts` when too many wait.
        """
        plain = unicodedata.normalize("NFKC", password[: LONGEST + 1])
        with self._turn():
            # Made first either way, or else the first unknown account would take twice as long.
            dummy = self._made_dummy()
            fits, renewed = self._hasher.verify_and_update(plain, known or dummy)
        fits = fits and known is not None and len(password) <= LONGEST
        return fits, renewed if fits else None

    def _made_dummy(self) -> str:
        with self._making_dummy:
            if self._dummy is None:
                self._dummy = self._hasher.hash(new_secret())
            return self._dummy

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._inside.acquire(blocking=False):
            raise TooManyAttempts("account.busy", retry_after_s=BUSY_S)
        try:
            with self._running:
                yield
        finally:
            self._inside.release()
