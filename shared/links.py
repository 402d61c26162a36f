"""Personal links: a decision that a message carries, signed, for one person, one step and some hours.

The service that sends messages makes them, the one that takes decisions reads them; both hold the same key, and no
other. A link says whose decision on what it is, so that nothing has to be kept for it, and it is no login: it opens
this one question, which is decided once.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from shared.environment import SettingsError

KEY_FILE: Final = "link-key"
KEY_BYTES: Final = 32
LONGEST: Final = 1200
PURPOSE: Final = b"tierline link 1\n"


class Link(NamedTuple):
    """`person` may decide on `subject` until `expires` (aware, whole seconds)."""

    subject: str
    person: str
    expires: datetime

    def over(self, now: datetime) -> bool:
        """Whether it opens nothing any more."""
        return now >= self.expires


class Links:
    """Makes and reads links with one key; ValueError for a key that is too short."""

    def __init__(self, key: bytes) -> None:
        if len(key) < KEY_BYTES:
            raise ValueError(f"a link key has {KEY_BYTES} bytes or more")
        self._key = key

    @classmethod
    def from_file(cls, path: Path) -> Links:
        """Read a key in hexadecimal; ValueError when it is no such thing."""
        return cls(bytes.fromhex(path.read_text(encoding="ascii").strip()))

    def make(self, link: Link) -> str:
        """The link as text that may stand in an address."""
        # Identifiers have no control characters, so no two links are spelled alike.
        body = f"{int(link.expires.timestamp())}\n{link.person}\n{link.subject}".encode()
        return f"{_text(body)}.{_text(self._seal(body))}"

    def read(self, token: str) -> Link | None:
        """What the link says, be it over or not; None for one that is altered, or was made with another key."""
        body, dot, seal = token.partition(".")
        if not dot or len(token) > LONGEST:
            return None
        try:
            said, sealed = _bytes(body), _bytes(seal)
        except ValueError:
            return None
        if not hmac.compare_digest(sealed, self._seal(said)):
            return None
        expires, person, subject = said.decode().split("\n")
        return Link(subject, person, datetime.fromtimestamp(int(expires), UTC))

    def _seal(self, body: bytes) -> bytes:
        return hmac.digest(self._key, PURPOSE + body, sha256)


class DecisionLinks:
    """Addresses by which people decide: each opens one question to one person for so many hours from now."""

    def __init__(self, links: Links, base: str, now: Callable[[], datetime], hours: Callable[[], int]) -> None:
        self._links = links
        self._base = base.rstrip("/")
        self._now = now
        self._hours = hours

    def __call__(self, person: str, subject: str) -> str:
        """The address for `person` to decide on `subject`."""
        token = self._links.make(Link(subject, person, self._now() + timedelta(hours=self._hours())))
        return f"{self._base}/decide/{token}"


def read_links(path: Path | None) -> Links | None:
    """The links of the key in a file, None without one; SettingsError when it is no key."""
    if path is None:
        return None
    try:
        return Links.from_file(path)
    except (OSError, ValueError) as error:
        raise SettingsError(f"cannot use the link key in {path}: {error}") from None


def _text(body: bytes) -> str:
    return base64.urlsafe_b64encode(body).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
