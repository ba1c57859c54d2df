"""Signing in at an identity provider: OpenID Connect, authorization code with PKCE (RFC 7636, OpenID Connect Core 1.0).

Nothing is kept while somebody is at the provider. The browser gets a random secret in a cookie; state, nonce and PKCE
verifier are derived from it, so an answer counts only in the browser that asked. That an answer is used once is
written into the database.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from sightline.errors import Conflict, NotAllowed, NotSignedIn
from sightline.library.actor import SYSTEM, Actor
from sightline.library.database import Database
from sightline.library.running_tables import RepeatRow
from sightline.library.tables import UserRow
from sightline.service import audit
from sightline.service.people.accounts import add_account
from sightline.service.people.attempts import SUCCEEDED
from sightline.service.people.caller import Caller
from sightline.service.people.email import LONGEST as LONGEST_EMAIL
from sightline.service.people.email import normalised
from sightline.service.people.oidc_provider import Provider
from sightline.service.people.secret import hash_of, new_secret
from sightline.service.people.sessions import Sessions, SignedIn
from sightline.service.settings import Settings

COOKIE_S = 600
"""How long somebody may take at the provider."""


@dataclass(frozen=True, slots=True)
class Departure:
    """Where to send the browser, and what it has to bring back."""

    url: str
    cookie: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider sent the browser back with."""

    state: str
    code: str
    error: str = ""
    issuer: str = ""
    """RFC 9207; empty where the provider does not say."""


class Oidc:
    def __init__(
        self, database: Database, settings: Settings, sessions: Sessions, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._database, self._settings, self._sessions = database, settings, sessions
        self._provider = Provider(settings, transport) if settings.oidc_issuer and settings.oidc_client_id else None

    @property
    def is_on(self) -> bool:
        return self._provider is not None

    def start(self, redirect_uri: str) -> Departure:
        """Raises `Conflict` where no provider is set, `Unavailable` when it cannot be reached."""
        provider = self._known()
        cookie = new_secret()
        asked = {
            "response_type": "code",
            "client_id": self._settings.oidc_client_id,
            "redirect_uri": redirect_uri,
            "scope": "openid email profile",
            "state": _derived("state", cookie),
            "nonce": _derived("nonce", cookie),
            "code_challenge": _challenge(_derived("verifier", cookie)),
            "code_challenge_method": "S256",
        }
        endpoint = provider.endpoint("authorization_endpoint")
        return Departure(f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}", cookie)

    def finish(
        self, answer: Answer, cookie: str | None, redirect_uri: str, caller: Caller, replaces: str | None = None
    ) -> SignedIn:
        """A session for who comes back. ``redirect_uri`` as `start` had it.

        Raises `NotSignedIn` for an answer that is not ours, not of this browser, used before, or not signed by the
        provider for us; `NotAllowed` for somebody without an account; `TooManyAttempts`; `Unavailable`.
        """
        provider = self._known()
        if not cookie or not secrets.compare_digest(answer.state.encode(), _derived("state", cookie).encode()):
            raise NotSignedIn("account.oidc_state")
        if answer.error:
            raise NotSignedIn("account.oidc_refused", why=answer.error[:100])
        if not answer.code or (answer.issuer and answer.issuer != provider.issuer()):
            raise NotSignedIn("account.oidc_state")
        self._use_once(answer.state)
        tokens = provider.exchange(answer.code, _derived("verifier", cookie), redirect_uri)
        claims = provider.claims(tokens, _derived("nonce", cookie))
        return self._signed_in(claims, caller, replaces)

    def _known(self) -> Provider:
        if self._provider is None:
            raise Conflict("account.no_oidc")
        return self._provider

    def _use_once(self, state: str) -> None:
        key = hashlib.sha256(f"oidc:{state}".encode()).hexdigest()
        try:
            self._database.change(SYSTEM, lambda session: session.add(RepeatRow(key_hash=key, request_hash=key)))
        except IntegrityError as error:
            raise NotSignedIn("account.oidc_state") from error

    def _signed_in(self, claims: Mapping[str, Any], caller: Caller, replaces: str | None) -> SignedIn:
        subject = _subject(claims)

        def work(session: Session) -> SignedIn:
            user = session.scalar(select(UserRow).where(UserRow.oidc_subject == subject))
            if user is None:
                user = self._by_email(session, subject, claims, caller)
            signed_in = self._sessions.begin(session, user, caller, replaces)
            audit.record(session, _as(user, caller), SUCCEEDED, f"user:{user.id}", by="oidc")
            return signed_in

        try:
            return self._database.change(SYSTEM, work)
        except IntegrityError:
            # The same person came back twice at the same time, and the other one made the account.
            return self._database.change(SYSTEM, work)

    def _by_email(self, session: Session, subject: str, claims: Mapping[str, Any], caller: Caller) -> UserRow:
        email = str(claims.get("email") or "")
        address = normalised(email)
        # Some providers send the word. An address that only looks like another after composing is not that other.
        is_verified = claims.get("email_verified") in (True, "true") and address == email.strip().lower()
        if not is_verified or "@" not in address or len(address) > LONGEST_EMAIL:
            raise NotAllowed("account.oidc_unverified")
        user = session.scalar(select(UserRow).where(UserRow.email == address))
        if user is not None:
            if user.oidc_subject is not None:
                raise Conflict("account.oidc_other_subject", email=address)
            user.oidc_subject = subject
            audit.record(session, _as(user, caller), "user.changed", f"user:{user.id}", by="oidc")
            return user
        if not self._settings.oidc_create_accounts:
            raise NotAllowed("account.oidc_no_account", email=address)
        name = " ".join(str(claims.get("name") or "").split())[:255]
        user = UserRow(email=address, name=name if name.isprintable() else "", oidc_subject=subject)
        return add_account(session, Actor(None, "oidc", address=caller.address, request_id=caller.request_id), user)


def _as(user: UserRow, caller: Caller) -> Actor:
    return Actor(user.id, user.email, address=caller.address, request_id=caller.request_id)


def _subject(claims: Mapping[str, Any]) -> str:
    whole = f"{claims['iss']} {claims['sub']}"
    return whole if len(whole) <= 255 else f"{whole[:180]} {hash_of(whole)}"


def _derived(what: str, cookie: str) -> str:
    return _encoded(hashlib.sha256(f"sightline.oidc.{what}:{cookie}".encode()).digest())


def _challenge(verifier: str) -> str:
    return _encoded(hashlib.sha256(verifier.encode()).digest())


def _encoded(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
