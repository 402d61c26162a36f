"""A backup is made: one moment of everything, into one file, encrypted as it is written."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from pyrage import x25519

from deploy.backup.dumps import dump
from deploy.backup.envelope import Packer, Sink, seal
from deploy.backup.places import SUFFIX, Place
from deploy.backup.signing import NAMED, SIGNED_FORMAT, signature
from deploy.backup.snapshot import Moment, hold_moment
from deploy.backup.source import Origin
from deploy.backup.tails import packed, read_tails
from shared.contracts.registry import SERVICES
from shared.objects import NoSuchObjectError
from shared.proof.notes import SigningKey
from shared.words import Text

ABOUT, TAILS = "about.json", "kafka.jsonl"
KEYS, OBJECTS = "keys/", "objects/"

Report = Callable[[Text], None]


@dataclass(slots=True)
class Measured:
    """A sink that knows what went through it: the file's own bytes, as they lie in its place."""

    sink: Sink
    size: int = 0
    digest: Any = field(default_factory=sha256)

    def write(self, data: bytes) -> int:
        self.sink.write(data)
        self.size += len(data)
        self.digest.update(data)
        return len(data)

    def flush(self) -> None:
        """The place does that when all of it is there."""


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that is whole in its place.

    `rehearsal` opens this file and no other; it was never written down, and with this process it is gone. So a drill
    needs no key of anybody's, and still reads the very bytes that were kept.
    """

    name: str
    size: int
    sha256: str
    signer: str
    manifest: Mapping[str, Any]
    rehearsal: x25519.Identity = field(repr=False)

    @property
    def rows(self) -> int:
        """Of all tables together."""
        return sum(sum(tables.values()) for tables in self.manifest["tables"].values())


async def make_backup(
    origin: Origin, place: Place, recipients: Sequence[x25519.Recipient], key: SigningKey, report: Report
) -> Made:
    """A new backup in `place`, signed by `key`; Failure, and nothing there, when any of it could not be had."""
    rehearsal = x25519.Identity.generate()
    now = datetime.now(UTC)
    name = f"{NAMED}{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}{SUFFIX}"
    with place.writing(name) as sink:
        measured = Measured(sink)
        manifest = await seal(
            measured,
            [*recipients, rehearsal.to_public()],
            lambda packer: fill(packer, origin, report),
            lambda manifest: signature(key, name, manifest),
        )
    return Made(name, measured.size, measured.digest.hexdigest(), key.name, manifest, rehearsal)


async def fill(packer: Packer, origin: Origin, report: Report) -> dict[str, Any]:
    """Everything, as of one moment, and what a restore compares it with."""
    async with hold_moment(origin) as moment:
        packer.add(ABOUT, json.dumps({"format": SIGNED_FORMAT, "at": moment.at.isoformat()}).encode())
        tables = {}
        for service in SERVICES:
            report(Text(en=f"Reading {service} …", zh=f"读取 {service} ……"))
            with packer.part(dump_of(service)) as part:
                dump(origin.login(service), moment.snapshots[service], part)
            tables[service] = await moment.counts(service)
        head, begins = await moment.head(), await moment.begins()
        for name, data in origin.keys.files():
            packer.add(f"{KEYS}{name}", data)
    records = await pack_tails(packer, origin, moment, begins)
    objects = await pack_objects(packer, origin, report)
    return {
        "format": SIGNED_FORMAT,
        "at": moment.at.isoformat(),
        "tables": tables,
        "audit": head._asdict(),
        "ends": [[*place, end] for place, end in moment.ends.items()],
        "records": records,
        "objects": objects,
    }


async def pack_tails(packer: Packer, origin: Origin, moment: Moment, begins: Mapping[tuple[str, int], int]) -> int:
    """What is under way in the topics; returns how many records that is."""
    count = 0
    with packer.part(TAILS) as part:
        async for records in read_tails(origin.kafka, begins, moment.ends):
            count += len(records)
            part.write(packed(records))
    return count


async def pack_objects(packer: Packer, origin: Origin, report: Report) -> int:
    """The attachments, which are only ever added, so those that the databases name are among them.

    What is destroyed meanwhile is gone from here as well.
    """
    report(Text(en="Reading attachments …", zh="读取附件……"))
    count = 0
    async for info in origin.objects.list():
        try:
            data = await origin.objects.get(info.key)
        except NoSuchObjectError:
            continue
        packer.add(f"{OBJECTS}{info.key}", data)
        count += 1
    return count


def dump_of(service: str) -> str:
    """A service's part of the file."""
    return f"{service}.dump"
