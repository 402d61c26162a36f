import base64
import json
import stat
import warnings
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from shared.environment import SettingsError
from shared.identity import (
    JWKS_FILE,
    KEY_FILE,
    Principal,
    Role,
    TokenError,
    TokenSigner,
    TokenVerifier,
    generate_keypair,
)
from shared.settings import IdentitySettings

NOW = 1_800_000_000.0
KEY = OKPKey.generate_key("Ed25519", {"use": "sig"}, auto_kid=True)
JWKS = {"keys": [KEY.as_dict(private=False)]}
VERIFIER = TokenVerifier(JWKS, now=lambda: NOW)
CLAIMS = {"iss": "tierline", "aud": "tierline", "sub": "rep-7", "role": "rep", "exp": NOW + 60}


def signed(claims: dict[str, Any], key: Any = KEY, algorithm: str = "Ed25519", **header: Any) -> str:
    """A token as an issuer would sign it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        whole = {"alg": algorithm, "typ": "at+jwt", "kid": key.kid, **header}
        return jwt.encode({name: value for name, value in whole.items() if value}, claims, key, algorithms=[algorithm])


def segment(content: dict[str, Any]) -> str:
    """One part of a token, unsigned."""
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def refusal(token: str, verifier: TokenVerifier = VERIFIER) -> str:
    """Why a token is not believed."""
    with pytest.raises(TokenError) as caught:
        verifier.verify(token)
    return caught.value.reason


def test_a_token_of_the_stack_says_who_asks(tmp_path: Path) -> None:
    """From `generate_keypair` through the files to the principal, with the remote address as station."""
    signer = TokenSigner.from_file(generate_keypair(tmp_path))
    verifier = TokenVerifier.from_settings(IdentitySettings(jwks_file=tmp_path / JWKS_FILE))
    token = signer.sign("经理-3", Role.DEPARTMENT_MANAGER, "field", timedelta(minutes=5))
    assert verifier.verify(token, "10.0.0.7") == Principal("经理-3", Role.DEPARTMENT_MANAGER, "field", "10.0.0.7")


@pytest.mark.parametrize("algorithm", ["EdDSA", "Ed25519", "ES256", "RS256"])
def test_allowed_algorithms_are_believed(algorithm: str) -> None:
    """Ed25519 under both of its names, and what OIDC issuers sign with."""
    keys: dict[str, Any] = {
        "ES256": ECKey.generate_key("P-256", auto_kid=True),
        "RS256": RSAKey.generate_key(2048, auto_kid=True),
    }
    key = keys.get(algorithm, KEY)
    verifier = TokenVerifier({"keys": [key.as_dict(private=False)]}, now=lambda: NOW)
    assert verifier.verify(signed(CLAIMS, key, algorithm)).person == "rep-7"


def test_an_unsigned_token_is_refused() -> None:
    """`alg: none` is the oldest forgery."""
    assert refusal(f"{segment({'alg': 'none', 'typ': 'at+jwt'})}.{segment(CLAIMS)}.") == "algorithm"


def test_a_public_key_used_as_a_shared_secret_is_refused() -> None:
    """HS256 over the public key would let anyone sign who can read it."""
    forged = OctKey.import_key(json.dumps(JWKS["keys"][0]).encode())
    header = {"alg": "HS256", "typ": "at+jwt", "kid": KEY.kid}
    assert refusal(jwt.encode(header, CLAIMS, forged, algorithms=["HS256"])) == "algorithm"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"exp": NOW - 31}, "expired"),
        ({"exp": None}, "expiry"),
        ({"exp": "tomorrow"}, "malformed"),
        ({"exp": float("nan")}, "malformed"),
        ({"exp": True}, "malformed"),
        ({"nbf": NOW + 31}, "not_yet_valid"),
        ({"iss": "elsewhere"}, "issuer"),
        ({"iss": None}, "issuer"),
        ({"aud": "console"}, "audience"),
        ({"aud": ["console", "mail"]}, "audience"),
        ({"aud": None}, "audience"),
        ({"role": "emperor"}, "role"),
        ({"role": None}, "role"),
        ({"role": ["gm"]}, "role"),
        ({"sub": ""}, "malformed"),
        ({"sub": None}, "malformed"),
        ({"sub": "a\u0000b"}, "malformed"),
        ({"sub": "客" * 43}, "malformed"),
        ({"department": 7}, "malformed"),
    ],
)
def test_each_claim_is_checked(change: dict[str, Any], reason: str) -> None:
    """A good signature proves nothing about another issuer, audience, time or person."""
    claims = {name: value for name, value in {**CLAIMS, **change}.items() if value is not None}
    assert refusal(signed(claims)) == reason


def test_clocks_may_differ_by_half_a_minute() -> None:
    """Machines' clocks drift."""
    assert VERIFIER.verify(signed({**CLAIMS, "exp": NOW - 29, "nbf": NOW - 60})).person == "rep-7"
    assert VERIFIER.verify(signed({**CLAIMS, "nbf": NOW + 29, "aud": ["x", "tierline"]})).person == "rep-7"


@pytest.mark.parametrize("kind", ["logout+jwt", "dpop+jwt", None])
def test_a_token_for_another_purpose_is_refused(kind: str | None) -> None:
    """An issuer signs other things with the same key."""
    token = signed(CLAIMS, typ=kind)
    # joserfc writes JWT where no type is given, which is a type that is taken.
    assert kind is None or refusal(token) == "type"


def test_a_strangers_key_is_refused() -> None:
    """Under its own name it is unknown, under ours its signature does not match."""
    stranger = OKPKey.generate_key("Ed25519", auto_kid=True)
    assert refusal(signed(CLAIMS, stranger)) == "unknown_key"
    assert refusal(signed(CLAIMS, stranger, kid=KEY.kid)) == "signature"


@given(st.one_of(st.text(max_size=300), st.builds(".".join, st.lists(st.text(max_size=40), min_size=3, max_size=3))))
def test_no_text_breaks_the_verifier(token: str) -> None:
    """Whatever a stranger sends as a token is refused as one."""
    assert refusal(token) in {"malformed", "algorithm"}


@given(st.integers(0, 400), st.integers(1, 255))
def test_a_changed_byte_is_noticed(position: int, change: int) -> None:
    """No byte of a token may be another, but for the unused last bits of its base64."""
    token = signed(CLAIMS)
    position %= len(token) - 1
    other = chr(ord(token[position]) ^ change)
    assert refusal(token[:position] + other + token[position + 1 :])


def test_an_endless_token_is_not_read() -> None:
    """Before any parsing."""
    assert refusal("a" * 9000) == "malformed"


def test_the_private_key_is_its_owners_alone(tmp_path: Path) -> None:
    """Written with mode 0600, refused when others may read it, never replaced."""
    key = generate_keypair(tmp_path)
    assert key == tmp_path / KEY_FILE
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert '"d"' not in (tmp_path / JWKS_FILE).read_text(encoding="utf-8")
    with pytest.raises(FileExistsError):
        generate_keypair(tmp_path)
    key.chmod(0o640)
    with pytest.raises(PermissionError, match="chmod 600"):
        TokenSigner.from_file(key)


@pytest.mark.parametrize("content", ["", "[]", "{}", json.dumps(KEY.as_dict(private=False))])
def test_what_is_no_private_key_does_not_sign(content: str, tmp_path: Path) -> None:
    """The message names the file, and shows nothing of it."""
    path = tmp_path / KEY_FILE
    path.write_text(content, encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(ValueError, match=KEY_FILE):
        TokenSigner.from_file(path)


@pytest.mark.parametrize(
    "jwks",
    [
        None,
        [],
        {},
        {"keys": []},
        {"keys": [7]},
        {"keys": [KEY.as_dict(private=True)]},
        {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]},
    ],
)
def test_a_verifier_holds_public_keys_only(jwks: Any, tmp_path: Path) -> None:
    """With a secret among its keys a service could forge what it checks; without keys it believes nobody."""
    path = tmp_path / JWKS_FILE
    path.write_text(json.dumps(jwks), encoding="utf-8")
    with pytest.raises(SettingsError, match=JWKS_FILE):
        TokenVerifier.from_settings(IdentitySettings(jwks_file=path))


def test_a_service_without_keys_does_not_start() -> None:
    """Better than one that turns everyone away."""
    with pytest.raises(SettingsError, match="JWKS_FILE"):
        TokenVerifier.from_settings(IdentitySettings())
