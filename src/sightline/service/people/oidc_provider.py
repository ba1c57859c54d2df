"""An OpenID Connect provider: what it says of itself, its keys, its tokens and what they claim."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry

from sightline.errors import NotSignedIn, SetupError, Unavailable
from sightline.service.settings import Settings

TIMEOUT_S = 10
KEPT_S = 600
"""What the provider says of itself, and its keys."""
KEYS_AGAIN_S = 30
"""An unknown key is looked for at most so often."""
LEEWAY_S = 60
"""By which two clocks may differ."""
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
"""Signatures by a key only the provider has. Never ``none``, never a secret both sides know."""


class Provider:
    """Asks nothing until it is needed. Safe for many threads."""

    def __init__(self, settings: Settings, transport: httpx.BaseTransport | None = None) -> None:
        self._issuer = settings.oidc_issuer
        self._id, self._secret = settings.oidc_client_id, settings.oidc_client_secret.get_secret_value()
        self._transport = transport
        self._guard = threading.Lock()
        self._about: tuple[float, Mapping[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None

    def issuer(self) -> str:
        return str(self._metadata()["issuer"])

    def endpoint(self, name: str) -> str:
        """An address the provider names. Raises `SetupError` for one that is missing or not encrypted."""
        address = self._metadata().get(name)
        if not isinstance(address, str):
            raise SetupError("account.oidc_provider", why=f"{name} is missing")
        return _encrypted(address)

    def exchange(self, code: str, verifier: str, redirect_uri: str) -> Mapping[str, Any]:
        """The tokens for a code. Raises `NotSignedIn` for a code that is not ours, `Unavailable`."""
        asked = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri, "code_verifier": verifier,
        }  # fmt: skip
        basic = None
        if not self._secret:
            asked["client_id"] = self._id
        elif "client_secret_basic" in self._metadata().get(
            "token_endpoint_auth_methods_supported", ["client_secret_basic"]
        ):
            basic = httpx.BasicAuth(_form(self._id), _form(self._secret))
        else:
            asked |= {"client_id": self._id, "client_secret": self._secret}
        answer = self._send("POST", self.endpoint("token_endpoint"), data=asked, auth=basic)
        if answer.status_code >= 500:
            raise Unavailable("account.oidc_gone", why=answer.status_code)
        found = _object(answer)
        if answer.status_code != 200 or "id_token" not in found:
            raise NotSignedIn("account.oidc_refused", why=str(found.get("error", answer.status_code))[:100])
        return found

    def claims(self, tokens: Mapping[str, Any], nonce: str) -> Mapping[str, Any]:
        """What the provider says of who signed in: checked as OpenID Connect Core 1.0, 3.1.3.7 asks.

        Raises `NotSignedIn` for a token that is not signed by the provider, not for us, not of this sign-in, or old.
        """
        try:
            found = self._decoded(str(tokens["id_token"]))
            JWTClaimsRegistry(
                leeway=LEEWAY_S,
                iss={"essential": True, "value": self.issuer()},
                aud={"essential": True, "value": self._id},
                exp={"essential": True},
                iat={"essential": True},
                sub={"essential": True},
                nonce={"essential": True, "value": nonce},
            ).validate(found)
        except (JoseError, ValueError) as error:
            raise NotSignedIn("account.oidc_token", why=type(error).__name__) from error
        audience = found["aud"]
        # One for several must have been made for us.
        is_for_others = (isinstance(audience, list) and len(audience) > 1) or "azp" in found
        if is_for_others and found.get("azp") != self._id:
            raise NotSignedIn("account.oidc_token", why="azp")
        if "email" in found or not isinstance(tokens.get("access_token"), str):
            return found
        return {**self._user_info(tokens["access_token"], str(found["sub"])), **found}

    def _user_info(self, access_token: str, subject: str) -> Mapping[str, Any]:
        if "userinfo_endpoint" not in self._metadata():
            return {}
        answer = self._send(
            "GET", self.endpoint("userinfo_endpoint"), headers={"Authorization": f"Bearer {access_token}"}
        )
        found = _object(answer) if answer.status_code == 200 else {}
        # Of somebody else it must not be believed.
        return found if found.get("sub") == subject else {}

    def _decoded(self, token: str) -> dict[str, Any]:
        try:
            return jwt.decode(token, self._key_set(), algorithms=ALGORITHMS).claims
        except (InvalidKeyIdError, ValueError):
            # Keys are changed now and then.
            return jwt.decode(token, self._key_set(KEYS_AGAIN_S), algorithms=ALGORITHMS).claims

    def _key_set(self, kept_s: float = KEPT_S) -> KeySet:
        with self._guard:
            if self._keys is not None and time.monotonic() - self._keys[0] < kept_s:
                return self._keys[1]
        answer = self._send("GET", self.endpoint("jwks_uri"))
        keys = KeySet.import_key_set(_object(answer))  # type: ignore[arg-type]
        with self._guard:
            self._keys = (time.monotonic(), keys)
        return keys

    def _metadata(self) -> Mapping[str, Any]:
        with self._guard:
            if self._about is not None and time.monotonic() - self._about[0] < KEPT_S:
                return self._about[1]
        answer = self._send("GET", f"{_encrypted(self._issuer).rstrip('/')}/.well-known/openid-configuration")
        found = _object(answer)
        if answer.status_code != 200 or str(found.get("issuer", "")).rstrip("/") != self._issuer.rstrip("/"):
            raise SetupError("account.oidc_provider", why=f"issuer {found.get('issuer')!r}, {answer.status_code}")
        with self._guard:
            self._about = (time.monotonic(), found)
        return found

    def _send(self, method: str, address: str, **how: Any) -> httpx.Response:
        try:
            with httpx.Client(transport=self._transport, timeout=TIMEOUT_S, trust_env=False) as client:
                return client.request(method, address, **how)
        except httpx.HTTPError as error:
            raise Unavailable("account.oidc_gone", why=type(error).__name__) from error


def _object(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _form(text: str) -> str:
    """RFC 6749, 2.3.1: encoded as in a form before it goes into the header."""
    return quote_plus(text)


def _encrypted(address: str) -> str:
    """The address, if nobody on the way can read or change what is sent there. Raises `SetupError`."""
    at = urlsplit(address)
    host = at.hostname or ""
    if at.scheme == "https" or (at.scheme == "http" and (host == "localhost" or _is_loopback(host))):
        return address
    raise SetupError("account.oidc_provider", why=f"{address} is not https")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
