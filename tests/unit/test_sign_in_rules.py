"""Decisions about signing in that need no database: waits, addresses, names, passwords."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.security.accounts_app import QUICK

from sightline.api.proxies import Proxies, host_of
from sightline.api.routes.session import local_path
from sightline.errors import RequestInvalid, SetupError, TooManyAttempts
from sightline.service.people.attempts import Failure, network_of, subject_of, wait_s
from sightline.service.people.email import checked, normalised
from sightline.service.people.passwords import WAITING, Passwords, fitting
from sightline.service.people.secret import hash_of, new_secret
from sightline.service.settings import Settings

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MOST = 3


def failed(minutes_ago: float, subject: str = "user:a", address: str = "192.0.2.1") -> Failure:
    return Failure(NOON - timedelta(minutes=minutes_ago), subject, address)


MINE = failed(0)


def test_fewer_failures_than_the_limit_let_one_more_try() -> None:
    assert wait_s([failed(1), failed(2)], MINE, MOST, is_known=False) == 0


def test_the_wait_ends_when_the_oldest_of_the_last_failures_leaves_the_window() -> None:
    assert wait_s([failed(1), failed(2), failed(5)], MINE, MOST, is_known=False) == 10 * 60 + 1


def test_failures_before_the_window_do_not_count() -> None:
    assert wait_s([failed(16), failed(17), failed(15)], MINE, MOST, is_known=False) == 0


def test_strangers_who_guess_do_not_lock_an_account_out_where_its_owner_usually_is() -> None:
    strangers = [failed(n, address=f"198.51.100.{n}") for n in range(1, 9)]
    assert wait_s(strangers, MINE, MOST, is_known=True) == 0
    assert wait_s(strangers, MINE, MOST, is_known=False) > 0


def test_one_address_that_tries_many_accounts_waits() -> None:
    sprayed = [failed(n, subject=f"user:{n}") for n in range(1, 5)]
    assert wait_s(sprayed, MINE, MOST, is_known=True) > 0


def test_all_of_an_ipv6_customers_addresses_count_as_one() -> None:
    sprayed = [failed(n, f"user:{n}", f"2001:db8:1:2::{n}") for n in range(1, 5)]
    assert wait_s(sprayed, failed(0, address="2001:db8:1:2:ffff::1"), MOST, is_known=False) > 0
    assert wait_s(sprayed, failed(0, address="2001:db8:1:3::1"), MOST, is_known=False) == 0


def test_no_address_is_nobodys_neighbour() -> None:
    assert network_of("") == ""
    assert wait_s([failed(1, f"user:{n}", "") for n in range(9)], failed(0, address=""), MOST, is_known=False) == 0


@given(st.lists(st.tuples(st.floats(0, 40), st.sampled_from("ab"), st.sampled_from(["192.0.2.1", "192.0.2.2"]))))
def test_after_the_wait_one_more_is_let_through(rows: list[tuple[float, str, str]]) -> None:
    failures = [failed(ago, f"user:{who}", address) for ago, who, address in rows]
    wait = wait_s(failures, MINE, MOST, is_known=False)
    assert 0 <= wait <= 15 * 60 + 1
    later = Failure(NOON + timedelta(seconds=wait), MINE.subject, MINE.address)
    assert wait_s(failures, later, MOST, is_known=False) == 0


def test_what_is_typed_where_the_address_belongs_is_not_kept() -> None:
    assert subject_of("my secret password", None).startswith("unknown:")
    assert "password" not in subject_of("my secret password", None)


@pytest.mark.parametrize(
    ("email", "spelt"),
    [
        ("Mina@Example.ORG ", "mina@example.org"),
        ("admin@localhost", "admin@localhost"),
        ("é@x.org", "é@x.org"),
    ],
)
def test_an_address_has_one_spelling(email: str, spelt: str) -> None:
    assert checked(email) == normalised(spelt) == spelt


@pytest.mark.parametrize(
    "email", ["", "a", "a@", "@b", "a b@c", "a@b\0", "a@b@c", "a@" + "b" * 260, "a\n@b", "\u202ea@b"]
)
def test_what_is_no_address_is_refused(email: str) -> None:
    with pytest.raises(RequestInvalid):
        checked(email)


def test_passwords_are_ten_characters_and_not_the_address() -> None:
    assert fitting("ten chars!", "a@b") == "ten chars!"
    for bad in ("nine char", "x" * 257, "mina@example.org", "MINA@example.org", "long.local.part"):
        with pytest.raises(RequestInvalid):
            fitting(bad, "long.local.part@example.org" if bad.startswith("long") else "mina@example.org")


def test_a_password_typed_on_another_keyboard_is_the_same() -> None:
    passwords = Passwords(QUICK)
    kept = passwords.hash("비밀번호는아주깁니다", "a@b")
    decomposed = "비밀번호는아주깁니다"
    assert passwords.check(decomposed, kept) == (True, None)


def test_hashes_made_with_other_parameters_are_renewed() -> None:
    from pwdlib import PasswordHash
    from pwdlib.hashers.argon2 import Argon2Hasher

    older = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=128, parallelism=1),)).hash("ten chars!")
    fits, renewed = Passwords(QUICK).check("ten chars!", older)
    assert fits
    assert renewed is not None
    assert renewed.startswith("$argon2id$v=19$m=64,t=1,p=1$")
    assert Passwords(QUICK).check("wrong password", older) == (False, None)


def test_an_unknown_account_is_checked_against_something() -> None:
    verified = []

    class Counting:
        def verify_and_update(self, password: str, known: str) -> tuple[bool, None]:
            verified.append(known)
            return QUICK.verify(password, known), None

        def hash(self, password: str) -> str:
            return QUICK.hash(password)

    passwords = Passwords(Counting())  # type: ignore[arg-type]
    assert passwords.check("any password", None) == (False, None)
    assert passwords.check("any password", QUICK.hash("other password")) == (False, None)
    assert len(verified) == 2


def test_a_flood_of_checks_is_turned_away_and_the_rest_take_turns() -> None:
    release, running, most = threading.Event(), [], [0]

    class Slow:
        def hash(self, password: str) -> str:
            running.append(1)
            most[0] = max(most[0], len(running))
            release.wait(10)
            running.pop()
            return "hash"

    passwords, answers = Passwords(Slow(), at_once=2), []  # type: ignore[arg-type]

    def one() -> None:
        try:
            answers.append(passwords.hash("ten chars!", "a@b"))
        except TooManyAttempts as error:
            answers.append(str(error.retry_after_s))

    threads = [threading.Thread(target=one) for _ in range(40)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 10
    while len(answers) < 40 - 2 - WAITING and time.monotonic() < deadline:
        time.sleep(0.01)
    turned_away = len(answers)
    release.set()
    for thread in threads:
        thread.join()
    assert turned_away == 40 - 2 - WAITING
    assert answers.count("hash") == 2 + WAITING
    assert most[0] == 2


def test_secrets_are_256_bits_and_kept_as_a_hash() -> None:
    first, second = new_secret("sl_"), new_secret("sl_")
    assert first != second
    assert len(first) == 3 + 43
    assert len(hash_of(first)) == 64
    assert hash_of("x\ud800") == hash_of("x\ud800")


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/videos?x=1#y", "/videos?x=1#y"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("", "/"),
        ("/a\r\nSet-Cookie: x=1", "/"),
        ("/\t/evil.example", "/"),
    ],
)
def test_nobody_is_sent_to_another_site_after_signing_in(path: str, kept: str) -> None:
    assert local_path(path) == kept


def scope(peer: str | None, **headers: str) -> dict[str, Any]:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "scheme": "http", "client": (peer, 1) if peer else None, "headers": raw}


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.9", "192.0.2.1", "203.0.113.9"),
        ("127.0.0.1", "192.0.2.1", "192.0.2.1"),
        ("127.0.0.1", "6.6.6.6, 192.0.2.1", "192.0.2.1"),
        ("127.0.0.1", "192.0.2.1, 10.0.0.4", "192.0.2.1"),
        ("127.0.0.1", "6.6.6.6, nonsense", "127.0.0.1"),
        ("127.0.0.1", "192.0.2.1:5555", "192.0.2.1"),
        ("127.0.0.1", "[2001:db8::1]:5555", "2001:db8::1"),
        ("::ffff:127.0.0.1", "192.0.2.1", "192.0.2.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("::1", "::ffff:192.0.2.7", "192.0.2.7"),
    ],
)
def test_only_trusted_proxies_are_believed(peer: str, forwarded: str, address: str) -> None:
    proxies = Proxies(Settings(trusted_proxies=("127.0.0.1", "::1", "10.0.0.0/8")))
    assert proxies.seen_through(scope(peer, x_forwarded_for=forwarded))[0] == address


def test_https_is_believed_of_trusted_proxies_only() -> None:
    proxies = Proxies(Settings())
    assert proxies.seen_through(scope("127.0.0.1", x_forwarded_proto="https"))[1]
    assert not proxies.seen_through(scope("203.0.113.9", x_forwarded_proto="https"))[1]
    assert Proxies(Settings(public_url="https://qc.example.org")).seen_through(scope("203.0.113.9"))[1]
    assert proxies.seen_through(scope(None)) == ("", False)


def test_a_proxy_that_is_no_address_is_a_fault_of_the_settings() -> None:
    with pytest.raises(SetupError):
        Proxies(Settings(trusted_proxies=("nginx",)))


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("localhost:8000", "localhost"),
        ("[::1]:8000", "::1"),
        ("QC.example.org.", "qc.example.org"),
        ("", None),
        ("a b", None),
        ("evil@localhost", None),
        ("localhost/x", None),
        ("localhost:99999", None),
        ("[::1", None),
    ],
)
def test_the_name_in_a_host_header(host: str, name: str | None) -> None:
    assert host_of(host) == name


@pytest.mark.parametrize(
    ("settings", "host", "is_ours"),
    [
        ({}, "localhost:8000", True),
        ({}, "127.0.0.1:8000", True),
        ({}, "[::1]:8000", True),
        ({}, "evil.example", False),
        ({}, "localhost.evil.example", False),
        ({}, "", False),
        ({"host": "0.0.0.0"}, "whatever.example", True),
        ({"host": "0.0.0.0", "public_url": "https://qc.example.org"}, "qc.example.org", True),
        ({"host": "0.0.0.0", "public_url": "https://qc.example.org"}, "evil.example", False),
        ({"host": "0.0.0.0", "public_url": "https://qc.example.org"}, "127.0.0.1:8000", True),
        ({"public_url": "https://qc.example.org"}, "qc.example.org:443", True),
    ],
)
def test_a_service_of_this_machine_answers_to_no_strange_name(
    settings: dict[str, str], host: str, is_ours: bool
) -> None:
    assert Proxies(Settings(**settings)).is_our_name(host) is is_ours  # type: ignore[arg-type]
