"""Entries as JSON lines, for other programs and for whoever verifies them without us.

The first line says what follows; each further line is an entry by the names of its columns, with times in UTC to the
microsecond, `detail` as the very text that was sealed, and its two hashes. Canonical bytes are made from these again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from shared.proof.chain import Entry, Link

FORMAT = "tierline-audit-1"
COLUMNS = Entry._fields
LINE_ENDS = {0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"}


class ExportError(ValueError):
    """This is no export, or not a whole one."""


def header(entries: int, checkpoint: str | None) -> str:
    """The first line: how many entries follow, and the newest signed head as the exporter knew it."""
    return spell({"format": FORMAT, "entries": entries, "checkpoint": checkpoint})


def read_header(line: str) -> tuple[int, str | None]:
    """How many entries follow, and the head; ExportError where this is another file."""
    said = _object(line)
    if said.get("format") != FORMAT or not isinstance(said.get("entries"), int):
        raise ExportError(f"not an export of the audit: its first line does not say {FORMAT}")
    return said["entries"], said.get("checkpoint")


def line_of(link: Link) -> str:
    """A line for an entry as it stands in the chain."""
    entry, prev_hash, link_hash = link
    said = dict(zip(COLUMNS, entry, strict=True))
    return spell(
        said
        | {
            "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "recorded_at": entry.recorded_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "prev_hash": prev_hash.hex(),
            "hash": link_hash.hex(),
        }
    )


def read_line(line: str) -> Link:
    """The entry of a line; ExportError where it is none."""
    return link_from(_object(line))


def link_from(said: Mapping[str, Any]) -> Link:
    """The entry that an object spells; ExportError where it spells none."""
    try:
        texts = [said[name] for name in COLUMNS[3:]]
        if not all(text is None or isinstance(text, str) for text in texts) or not isinstance(said["seq"], int):
            raise ExportError("an entry holds something else than texts")
        # Half of a character, which JSON can spell and UTF-8 cannot.
        "".join(filter(None, texts)).encode()
        at, recorded_at = datetime.fromisoformat(said["at"]), datetime.fromisoformat(said["recorded_at"])
        if at.tzinfo is None or recorded_at.tzinfo is None:
            raise ExportError("an entry's time has no offset")
        entry = Entry(said["seq"], at, recorded_at, *texts)
        return Link(entry, bytes.fromhex(said["prev_hash"]), bytes.fromhex(said["hash"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ExportError(f"not an entry: {error!r}") from None


def spell(said: Mapping[str, Any]) -> str:
    """One line, also for programs that take more than a newline for the end of one."""
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).translate(LINE_ENDS)


def _object(line: str) -> dict[str, Any]:
    try:
        said = json.loads(line)
    except ValueError:
        raise ExportError("a line is not JSON: the file was cut off or is another") from None
    if not isinstance(said, dict):
        raise ExportError("a line is not an object")
    return said
