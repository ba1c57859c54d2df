"""Signing in at an identity provider: end to end against a real one on loopback, and against one that lies."""

from __future__ import annotations

import base64
import hmac
import json
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from sqlalchemy import select, update
from tests.security.accounts_app import Parts, browser

from sightline.errors import Conflict, NotSignedIn, SetupError, SightlineError, Unavailable
from sightline.library.actor import SYSTEM
from sightline.library.columns import now
from sightline.library.database import Database
from sightline.library.tables import UserRow
from sightline.service.people.caller import NOBODY
from sightline.service.people.oidc import Answer, Departure
from sightline.service.settings import Settings

ISSUER, CLIENT, BACK = "https://id.example.org", "sightline", "http://localhost:8000/api/v1/session/oidc/callback"
KEY, OTHER_KEY = (RSAKey.generate_key(2048, {"kid": kid}) for kid in ("one", "two"))


# A provider that says what a test wants


@dataclass
class Liar:
    """An identity provider; ``claims`` go over what an honest one would say."""

    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=lambda: {"alg": "RS256", "kid": "one"})
    key: Any = field(default_factory=lambda: KEY)
    published: list[RSAKey] = field(default_factory=lambda: [KEY])
    metadata: dict[str, Any] = field(default_factory=dict)
    user_info: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    asked: list[httpx.Request] = field(default_factory=list)
    nonce: str = ""
    forge: Callable[[dict[str, Any]], str] | None = None

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if request.url.path == "/.well-known/openid-configuration":
            return httpx.Response(
                200,
                json={
                    "issuer": ISSUER,
                    "authorization_endpoint": f"{ISSUER}/authorize",
                    "token_endpoint": f"{ISSUER}/token",
                    "jwks_uri": f"{ISSUER}/keys",
                    "userinfo_endpoint": f"{ISSUER}/me",
                    **self.metadata,
                },
            )
        if request.url.path == "/keys":
            return httpx.Response(200, json={"keys": [key.as_dict(private=False) for key in self.published]})
        if request.url.path == "/me":
            return httpx.Response(200, json=self.user_info)
        if self.status != 200:
            return httpx.Response(self.status, json={"error": "invalid_grant"})
        return httpx.Response(200, json={"access_token": "a", "token_type": "Bearer", "id_token": self.token()})

    def token(self) -> str:
        moment = int(time.time())
        said = {
            "iss": ISSUER, "aud": CLIENT, "sub": "s1", "iat": moment, "exp": moment + 300, "nonce": self.nonce,
            "email": "mina@example.org", "email_verified": True, "name": "Mina",
        }  # fmt: skip
        said |= self.claims
        if self.forge is not None:
            return self.forge(said)
        return jwt.encode(self.header, {k: v for k, v in said.items() if v is not None}, self.key)


def at(liar: Liar, database: Database, **more: Any) -> Parts:
    settings = Settings(oidc_issuer=ISSUER, oidc_client_id=CLIENT, oidc_client_secret="s p%", **more)
    return Parts(database, settings, httpx.MockTransport(liar.answer))


def come_back(parts: Parts, liar: Liar, departure: Departure | None = None, **other: Any) -> str:
    """Through the provider and back; the secret of the session."""
    departure = departure or parts.oidc.start(BACK)
    asked = parse_qs(urlsplit(departure.url).query)
    liar.nonce = asked["nonce"][0]
    answer = Answer(**({"state": asked["state"][0], "code": "c"} | {k: v for k, v in other.items() if k != "cookie"}))
    return parts.oidc.finish(answer, other.get("cookie", departure.cookie), BACK, NOBODY).secret


@pytest.fixture
def liar() -> Liar:
    return Liar()


@pytest.fixture
def parts(liar: Liar, sqlite_database: Database) -> Parts:
    found = at(liar, sqlite_database)
    found.user("mina@example.org")
    return found


def key_of(error: pytest.ExceptionInfo[SightlineError]) -> str:
    return error.value.message.key


def test_an_honest_answer_signs_its_user_in(parts: Parts, liar: Liar) -> None:
    actor = parts.actors.actor_of_session(come_back(parts, liar))
    assert actor.name == "mina@example.org"
    asked = next(request for request in liar.asked if request.url.path == "/token")
    form = parse_qs(asked.content.decode())
    assert form["grant_type"] == ["authorization_code"]
    assert len(form["code_verifier"][0]) == 43
    assert asked.headers["authorization"] == httpx.BasicAuth("sightline", "s+p%25")._auth_header


def test_what_is_asked_for_has_pkce_state_and_nonce(parts: Parts) -> None:
    first, second = (parse_qs(urlsplit(parts.oidc.start(BACK).url).query) for _ in range(2))
    assert first["code_challenge_method"] == ["S256"]
    assert first["scope"] == ["openid email profile"]
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name][0]) == 43
        assert first[name] != second[name]


MOMENT = int(time.time())


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "somebody-else"},
        {"aud": ["somebody-else"]},
        {"aud": None},
        {"aud": [CLIENT, "somebody-else"]},
        {"aud": [CLIENT, "somebody-else"], "azp": "somebody-else"},
        {"azp": "somebody-else"},
        {"iss": "https://evil.example"},
        {"iss": f"{ISSUER}/"},
        {"iss": None},
        {"exp": MOMENT - 3600},
        {"exp": None},
        {"exp": "never"},
        {"iat": MOMENT + 3600},
        {"iat": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
    ],
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(parts: Parts, liar: Liar, claims: dict[str, Any]) -> None:
    liar.claims = claims
    with pytest.raises(NotSignedIn) as told:
        come_back(parts, liar)
    assert key_of(told) == "account.oidc_token"


def _part(what: bytes | dict[str, Any]) -> str:
    plain = what if isinstance(what, bytes) else json.dumps(what).encode()
    return base64.urlsafe_b64encode(plain).decode().rstrip("=")


def by_another_key(liar: Liar) -> None:
    liar.key = OTHER_KEY


def by_the_public_key_as_a_secret(liar: Liar) -> None:
    def forge(said: dict[str, Any]) -> str:
        body = f"{_part({'alg': 'HS256', 'kid': 'one'})}.{_part(said)}"
        return f"{body}.{_part(hmac.digest(KEY.as_pem(private=False), body.encode(), 'sha256'))}"

    liar.forge = forge


def by_the_clients_secret(liar: Liar) -> None:
    liar.header, liar.key = {"alg": "HS256"}, OctKey.import_key("s p%")


def by_nobody(liar: Liar) -> None:
    liar.forge = lambda said: f"{_part({'alg': 'none'})}.{_part(said)}."


def by_nonsense(liar: Liar) -> None:
    liar.forge = lambda said: "a.b.c"


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize(
    "signed",
    [by_another_key, by_the_public_key_as_a_secret, by_the_clients_secret, by_nobody, by_nonsense],
)
def test_a_token_the_provider_did_not_sign_is_refused(parts: Parts, liar: Liar, signed: Callable[[Liar], None]) -> None:
    signed(liar)
    with pytest.raises(NotSignedIn) as told:
        come_back(parts, liar)
    assert key_of(told) == "account.oidc_token"


def test_a_new_key_of_the_provider_is_found(parts: Parts, liar: Liar, monkeypatch: pytest.MonkeyPatch) -> None:
    come_back(parts, liar)
    liar.key, liar.header, liar.published = OTHER_KEY, {"alg": "RS256", "kid": "two"}, [OTHER_KEY]
    monkeypatch.setattr("sightline.service.people.oidc_provider.KEYS_AGAIN_S", 0)
    come_back(parts, liar)


def test_another_state_is_refused_before_the_provider_is_asked(parts: Parts, liar: Liar) -> None:
    theirs = parts.oidc.start(BACK)
    asked = len(liar.asked)
    for other in ({"state": "x" * 43}, {"cookie": None}, {"cookie": ""}, {"cookie": theirs.cookie}, {"code": ""}):
        with pytest.raises(NotSignedIn) as told:
            come_back(parts, liar, parts.oidc.start(BACK), **other)
        assert key_of(told) == "account.oidc_state"
    assert len(liar.asked) == asked


def test_an_answer_is_used_once(parts: Parts, liar: Liar) -> None:
    departure = parts.oidc.start(BACK)
    come_back(parts, liar, departure)
    with pytest.raises(NotSignedIn) as told:
        come_back(parts, liar, departure)
    assert key_of(told) == "account.oidc_state"


def test_an_answer_of_another_provider_is_refused(parts: Parts, liar: Liar) -> None:
    with pytest.raises(NotSignedIn):
        come_back(parts, liar, issuer="https://evil.example")
    come_back(parts, liar, issuer=ISSUER)


def test_a_refusal_of_the_provider_is_told(parts: Parts, liar: Liar) -> None:
    with pytest.raises(NotSignedIn) as told:
        come_back(parts, liar, error="access_denied", code="")
    assert "access_denied" in str(told.value)
    liar.status = 400
    with pytest.raises(NotSignedIn):
        come_back(parts, liar)
    liar.status = 502
    with pytest.raises(Unavailable):
        come_back(parts, liar)


# Whose account it is


def test_an_address_the_provider_does_not_vouch_for_opens_no_account(parts: Parts, liar: Liar) -> None:
    for claims in ({"email_verified": False}, {"email_verified": None}, {"email": "MINA＠example.org"}, {"email": ""}):
        liar.claims = claims
        with pytest.raises(SightlineError) as told:
            come_back(parts, liar)
        assert key_of(told) == "account.oidc_unverified"


def test_the_subject_goes_before_the_address(parts: Parts, liar: Liar) -> None:
    come_back(parts, liar)
    liar.claims = {"email": "another@example.org"}
    assert parts.actors.actor_of_session(come_back(parts, liar)).name == "mina@example.org"


def test_an_account_of_one_identity_is_not_taken_by_another(parts: Parts, liar: Liar) -> None:
    come_back(parts, liar)
    liar.claims = {"sub": "s2"}
    with pytest.raises(SightlineError) as told:
        come_back(parts, liar)
    assert key_of(told) == "account.oidc_other_subject"


def test_a_disabled_account_stays_closed(parts: Parts, liar: Liar) -> None:
    come_back(parts, liar)
    with parts.database.write(SYSTEM) as opened:
        opened.execute(update(UserRow).values(disabled_at=now() - timedelta(days=1)))
    with pytest.raises(NotSignedIn) as told:
        come_back(parts, liar)
    assert key_of(told) == "account.disabled"


def test_accounts_are_made_only_where_that_is_wanted(liar: Liar, database: Database) -> None:
    with pytest.raises(SightlineError) as told:
        come_back(at(liar, database), liar)
    assert key_of(told) == "account.oidc_no_account"
    parts = at(liar, database, oidc_create_accounts=True)
    actor = parts.actors.actor_of_session(come_back(parts, liar))
    assert (actor.name, actor.is_admin, len(actor.roles)) == ("mina@example.org", False, 1)
    with database.read(SYSTEM) as opened:
        user = opened.scalars(select(UserRow)).one()
    assert (user.name, user.oidc_subject, user.password_hash) == ("Mina", f"{ISSUER} s1", None)


def test_the_address_may_stand_in_the_user_info(parts: Parts, liar: Liar) -> None:
    liar.claims = {"email": None, "email_verified": None}
    liar.user_info = {"sub": "s1", "email": "mina@example.org", "email_verified": "true"}
    come_back(parts, liar)


def test_the_user_info_of_somebody_else_is_not_believed(parts: Parts, liar: Liar) -> None:
    liar.claims = {"email": None, "email_verified": None}
    liar.user_info = {"sub": "s2", "email": "mina@example.org", "email_verified": True}
    with pytest.raises(SightlineError) as told:
        come_back(parts, liar)
    assert key_of(told) == "account.oidc_unverified"


# How the provider is set up


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"authorization_endpoint": "http://id.example.org/authorize"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": None},
    ],
)
def test_a_provider_set_up_wrongly_is_a_fault_of_the_installation(
    parts: Parts, liar: Liar, metadata: dict[str, Any]
) -> None:
    liar.metadata = metadata
    with pytest.raises(SetupError):
        parts.oidc.start(BACK)


def test_a_token_endpoint_without_encryption_gets_no_code(parts: Parts, liar: Liar) -> None:
    liar.metadata = {"token_endpoint": "http://id.example.org/token"}
    with pytest.raises(SetupError):
        come_back(parts, liar)


def test_a_provider_that_is_away_is_told(sqlite_database: Database) -> None:
    settings = Settings(oidc_issuer="http://127.0.0.1:9", oidc_client_id=CLIENT)
    with pytest.raises(Unavailable):
        Parts(sqlite_database, settings).oidc.start(BACK)
    with pytest.raises(Conflict):
        Parts(sqlite_database).oidc.start(BACK)


# End to end


@pytest.fixture
def provider() -> Iterator[str]:
    """``oidc-provider-mock`` on loopback. Its address."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from oidc_provider_mock import run_server_in_thread

        with run_server_in_thread(require_nonce=True) as server:
            yield f"http://localhost:{server.server_port}"


def test_through_a_real_provider_and_back(provider: str, sqlite_database: Database) -> None:
    settings = Settings(
        oidc_issuer=provider, oidc_client_id=CLIENT, oidc_client_secret="secret", oidc_create_accounts=True
    )  # type: ignore[arg-type]
    parts = Parts(sqlite_database, settings)
    httpx.put(
        f"{provider}/users/mina", json={"email": "mina@example.org", "email_verified": True, "name": "민아"}
    ).raise_for_status()
    client = browser(parts)
    assert client.get("/api/v1/session/ways").json() == {"password": True, "oidc": True}
    leaving = client.get("/api/v1/session/oidc?next=/videos")
    assert leaving.status_code == 303
    assert "HttpOnly" in leaving.headers["set-cookie"]
    there = httpx.post(leaving.headers["location"], data={"sub": "mina"})
    assert there.status_code == 302, there.text
    back = urlsplit(there.headers["location"])
    assert f"http://{back.netloc}{back.path}" == BACK
    # Whoever sends somebody his own answer does not sign him in.
    stranger = browser(parts).get(f"{back.path}?{back.query}")
    assert (stranger.status_code, stranger.json()["code"]) == (401, "account.oidc_state")
    answer = client.get(f"{back.path}?{back.query}", headers={"Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/videos"), answer.text
    who = client.get("/api/v1/session").json()
    assert (who["user"]["email"], who["user"]["name"], who["user"]["has_identity"]) == (
        "mina@example.org",
        "민아",
        True,
    )
    assert client.get(f"{back.path}?{back.query}").status_code == 401
