"""Who is asking: bearer tokens (JWT, RFC 7519), signed by the stack's own key or by the company's issuer."""

from __future__ import annotations

import json
import math
import os
import secrets
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from joserfc import jwt
from joserfc.errors import (
    BadSignatureError,
    InvalidKeyIdError,
    JoseError,
    SecurityWarning,
    UnsupportedAlgorithmError,
)
from joserfc.jwk import KeySet, OKPKey

from shared.environment import SettingsError
from shared.roles import Role

if TYPE_CHECKING:
    # Whoever signs needs no settings, and starts in half the time without them.
    from shared.settings import IdentitySettings

__all__ = [
    "JWKS_FILE",
    "KEY_FILE",
    "Principal",
    "Role",
    "TokenError",
    "TokenSigner",
    "TokenVerifier",
    "generate_keypair",
]

KEY_FILE: Final = "token-key.json"
JWKS_FILE: Final = "jwks.json"

# Asymmetric only: a service that verifies must not be able to sign. Ed25519 is EdDSA's newer name (RFC 9864).
ALGORITHMS: Final = ("EdDSA", "Ed25519", "ES256", "RS256")
# An access token (RFC 9068) or a plain JWT; anything else was signed for another purpose.
TYPES: Final = frozenset({"jwt", "at+jwt", "application/at+jwt"})
LEEWAY_SECONDS: Final = 30
# A token of ours is under 500 bytes, an OIDC issuer's may carry groups; beyond this nothing is parsed.
LONGEST_TOKEN: Final = 8192
LONGEST_NAME_BYTES: Final = 128


@dataclass(frozen=True, slots=True)
class Principal:
    """Someone who proved who they are; `station` is the remote address that the request came from."""

    person: str
    role: Role
    department: str | None = None
    station: str | None = None


class TokenError(Exception):
    """The token proves nothing; `reason` is one word for logs and audit (`expired`, `signature`, `audience` …)."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class TokenSigner:
    """Signs tokens with a private key kept in a file that nobody else may read."""

    def __init__(
        self,
        key: OKPKey,
        *,
        issuer: str = "tierline",
        audience: str = "tierline",
        now: Callable[[], float] = time.time,
    ) -> None:
        self._key = key
        self._issuer = issuer
        self._audience = audience
        # Real time, not the business date: a token must not outlive its hour because a demo plays in another year.
        self._now = now

    @classmethod
    def from_file(cls, path: Path, *, issuer: str = "tierline", audience: str = "tierline") -> TokenSigner:
        """Load a private JWK; PermissionError when group or others may read it, ValueError when it is no such key."""
        # The mode is asked of the open file: asked of the path, the answer could be about another file.
        with path.open(encoding="utf-8") as file:
            mode = os.fstat(file.fileno()).st_mode
            if mode & 0o077:
                raise PermissionError(f"{path} can be read by others (mode {mode & 0o777:o}): chmod 600 {path}")
            text = file.read()
        try:
            key = OKPKey.import_key(json.loads(text))
        except (JoseError, ValueError, KeyError, TypeError):
            raise ValueError(f"{path} is not an Ed25519 key in JWK form") from None
        if not key.is_private or key.curve_name != "Ed25519":
            raise ValueError(f"{path} is not a private Ed25519 key")
        return cls(key, issuer=issuer, audience=audience)

    def sign(self, sub: str, role: Role, department: str | None = None, ttl: timedelta = timedelta(hours=12)) -> str:
        """A token that says `sub` is a person of that role and department for the next `ttl`."""
        issued = int(self._now())
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": sub,
            "role": str(role),
            "iat": issued,
            "nbf": issued,
            "exp": issued + int(ttl.total_seconds()),
            "jti": secrets.token_urlsafe(12),
        }
        if department is not None:
            claims["department"] = department
        header = {"alg": "Ed25519", "typ": "at+jwt", "kid": self._key.kid}
        return jwt.encode(header, claims, self._key, algorithms=["Ed25519"])


class TokenVerifier:
    """Believes tokens of one issuer for one audience, signed by a key of a JSON Web Key Set.

    ValueError when the set is no such thing or holds a secret.
    """

    def __init__(
        self,
        jwks: object,
        *,
        issuer: str = "tierline",
        audience: str = "tierline",
        now: Callable[[], float] = time.time,
    ) -> None:
        self._keys = _public_keys(jwks)
        self._issuer = issuer
        self._audience = audience
        self._now = now

    @classmethod
    def from_settings(cls, settings: IdentitySettings) -> TokenVerifier:
        """Read the public keys that the environment names; SettingsError when there are none to believe."""
        if settings.jwks_file is None:
            raise SettingsError("TIERLINE_IDENTITY__JWKS_FILE is not set: without public keys nobody can be believed")
        try:
            jwks = json.loads(settings.jwks_file.read_text(encoding="utf-8"))
            return cls(jwks, issuer=settings.issuer, audience=settings.audience)
        except (OSError, ValueError) as error:
            raise SettingsError(f"cannot use the public keys in {settings.jwks_file}: {error}") from None

    def verify(self, token: str, station: str | None = None) -> Principal:
        """Who the token speaks for; TokenError when it does not prove it."""
        claims = self._signed_claims(token)
        self._check_times(claims)
        if claims.get("iss") != self._issuer:
            raise TokenError("issuer", "the token comes from another issuer")
        audience = claims.get("aud")
        if self._audience not in (audience if isinstance(audience, list) else [audience]):
            raise TokenError("audience", "the token is meant for another audience")
        try:
            role = Role(claims.get("role", ""))
        except ValueError:
            raise TokenError("role", "the token names no role that is known here") from None
        department = claims.get("department")
        return Principal(
            person=_name(claims.get("sub"), "sub"),
            role=role,
            department=None if department is None else _name(department, "department"),
            station=station,
        )

    def _signed_claims(self, token: str) -> dict[str, Any]:
        if len(token) > LONGEST_TOKEN:
            raise TokenError("malformed", "the token is too long")
        try:
            with warnings.catch_warnings():
                # Issuers still write EdDSA, which RFC 9864 renamed; that is theirs to change.
                warnings.simplefilter("ignore", SecurityWarning)
                decoded = jwt.decode(token, self._keys, algorithms=list(ALGORITHMS))
        except BadSignatureError:
            raise TokenError("signature", "the signature does not match") from None
        except InvalidKeyIdError:
            raise TokenError("unknown_key", "the token was signed by a key that is not known here") from None
        except UnsupportedAlgorithmError:
            raise TokenError("algorithm", "the token's algorithm is not allowed") from None
        # Whatever else is wrong with the bytes of a stranger, it is the stranger's token that is wrong.
        except (JoseError, ValueError, KeyError, TypeError, RecursionError):
            raise TokenError("malformed", "this is not a signed token") from None
        if str(decoded.header.get("typ", "")).lower() not in TYPES:
            raise TokenError("type", "the token was signed for another purpose")
        return decoded.claims

    def _check_times(self, claims: Mapping[str, Any]) -> None:
        now = self._now()
        expires = _seconds(claims, "exp")
        if expires is None:
            raise TokenError("expiry", "the token has no end (exp)")
        if now > expires + LEEWAY_SECONDS:
            raise TokenError("expired", "the token has expired")
        begins = _seconds(claims, "nbf")
        if begins is not None and now < begins - LEEWAY_SECONDS:
            raise TokenError("not_yet_valid", "the token is not valid yet")


def generate_keypair(directory: Path) -> Path:
    """Write a new Ed25519 pair, `token-key.json` (mode 0600) and `jwks.json`, and return the private key's path.

    FileExistsError when there is a private key already: its tokens would stop being believed.
    """
    private, public = directory / KEY_FILE, directory / JWKS_FILE
    if private.exists():
        raise FileExistsError(f"{private} exists already")
    key = OKPKey.generate_key("Ed25519", {"use": "sig"}, auto_kid=True)
    # The public half first: a key whose tokens nobody believes would be worse than a pair begun anew.
    public.write_text(json.dumps({"keys": [key.as_dict(private=False)]}), encoding="utf-8")
    descriptor = os.open(private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(key.as_dict(private=True), file)
    return private


def _public_keys(jwks: object) -> KeySet:
    """The asymmetric keys of a set; ValueError when it holds none, or holds a secret."""
    entries = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ValueError("not a JSON Web Key Set")
    if any(entry.get("kty") == "oct" or "d" in entry for entry in entries):
        raise ValueError("the set holds a secret key: whoever verifies must not be able to sign")
    try:
        return KeySet.import_key_set({"keys": [dict(entry) for entry in entries]})
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"not a usable JSON Web Key Set: {error}") from None


def _seconds(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    # JSON as Python reads it knows NaN and Infinity, and a token that ends at NaN would never end.
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TokenError("malformed", f"{name} is not a number of seconds")
    return value


def _name(value: Any, claim: str) -> str:
    """A person or department as events spell them: 1 to 128 bytes without control characters."""
    if isinstance(value, str) and value.isprintable() and 0 < len(value.encode()) <= LONGEST_NAME_BYTES:
        return value
    raise TokenError("malformed", f"{claim} names nobody")
