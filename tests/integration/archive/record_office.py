"""The archive's record office over one database: records with content, and everybody who decides about them."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from fastapi import FastAPI

from services.archive.domain.files import Record, Section
from services.archive.domain.records import NewAttachment, attachment_of
from services.archive.parts import Life
from services.archive.store import ObjectVault, RecordStore
from shared.contracts.organisation import PersonRecorded
from shared.http import create_app
from shared.identity import Principal, TokenSigner, TokenVerifier
from shared.metrics import Metrics
from shared.objects import Objects, open_objects
from shared.roles import Role
from shared.settings import ObjectSettings
from tests.integration.archive.house import NOW, Archive

ROLES = {
    "an": Role.ARCHIVIST, "aki": Role.ARCHIVIST, "head": Role.GM_OFFICE_HEAD, "boss": Role.GM, "vic": Role.DEPUTY_GM,
    "mia": Role.DEPARTMENT_MANAGER, "max": Role.DEPARTMENT_MANAGER, "li": Role.REP, "hana": Role.HR,
    "ivy": Role.INSPECTOR, "oscar": Role.OPS, "dee": Role.MARKETING_DIRECTOR, "machine": Role.ORDER_SYSTEM,
}  # fmt: skip
DEPARTMENTS = {"mia": "field", "max": "showroom", "li": "field"}


class RecordOffice:
    """Its use cases and its doors, over objects of its own."""

    def __init__(self, archive: Archive, folder: Path, objects: Objects | None = None) -> None:
        self.archive = archive
        self.objects = objects or open_objects(ObjectSettings(url=f"file://{folder}"))
        self.vault = ObjectVault(self.objects, {"m1": b"k" * 32})
        self.records = RecordStore()
        self.life = Life.over(archive.ground, self.objects, archive.consulting.office)

    async def staff(self) -> None:
        """Everybody is recorded, a day ago."""
        await self.archive.staff(
            *(PersonRecorded(person=name, role=role, department=DEPARTMENTS.get(name), active=True)
              for name, role in ROLES.items()),
            at=NOW - timedelta(days=1),
        )  # fmt: skip

    async def file(  # noqa: PLR0913 - what is said of a record
        self,
        record: str,
        rank: str = "unclassified",
        *,
        content: bytes | None = b"words",
        until: date | None = date(2025, 12, 31),
        record_class: str = "statistics",
        period: str | None = "2015",
        department: str | None = "field",
    ) -> None:
        """A record of one section whose time is over, with a piece of content, unless said otherwise."""
        card = Record(
            record=record, title=f"title of {record}", rank=rank, department=department,  # type: ignore[arg-type]
            record_class=record_class, period=period, filed_by="an", filed_at=NOW - timedelta(days=3000),
            sections=(Section("all", rank),), retain_until=until, holds=0, destroyed_at=None,  # type: ignore[arg-type]
        )  # fmt: skip
        async with self.archive.database.transaction() as tx:
            assert await self.records.add(tx, card)
        if content is not None:
            by = Principal("an", Role.ARCHIVIST)
            new = NewAttachment("all", "paper.txt", "text/plain", content)
            piece = attachment_of(new, record, f"at-{record}", by, NOW)
            key = await self.vault.put(piece.attachment_id, piece.object_key, content)
            async with self.archive.database.transaction() as tx:
                await self.records.add_attachment(tx, piece, key)

    async def grant(self, number: int, file: str, person: str, hours: int) -> None:
        """A grant that runs, whatever request it came of."""
        connection = await asyncpg.connect(self.archive.dsn)
        try:
            await connection.execute("SET session_replication_role = replica")
            await connection.execute(
                "INSERT INTO grants (grant_id, file, person, sections, copy_allowed, not_before, until, approved_by,"
                " given_by, given_at, request_id) VALUES ($1, $2, $3, '{*}', false, $4, $5, 'boss', 'an', $4, $1)",
                f"g-{number}", file, person, NOW, NOW + timedelta(hours=hours),
            )  # fmt: skip
        finally:
            await connection.close()

    async def ask(self, who: str, path: str, role: Role | None = None, /, **body: Any) -> httpx.Response:
        """Somebody posts, in their role unless another one is given."""
        async with self.client(who, role) as client:
            return await client.post(path, json={"reason": "按制度", **body})

    async def approved(self, *records: str, classified: bool = False) -> str:
        """A destruction that was asked for and approved."""
        asked = await self.ask("an", "/destructions", records=list(records))
        assert asked.status_code == 201, asked.text
        name: str = asked.json()["destruction_id"]
        for decider in ["head", "boss"] if classified else ["head"]:
            assert (await self.ask(decider, f"/destructions/{name}/decisions", decision="agree")).status_code == 201
        return name

    async def witnessed(self, *records: str, classified: bool = False) -> str:
        """And attested by the witness."""
        name = await self.approved(*records, classified=classified)
        assert (await self.ask("vic", f"/destructions/{name}/witness", witness="li")).status_code == 201
        assert (await self.ask("li", f"/destructions/{name}/attest")).status_code == 201
        return name

    @cached_property
    def app(self) -> FastAPI:
        """The doors of this part of the service."""

        async def ready() -> list[str]:
            return []

        verifier = TokenVerifier({"keys": [self.archive.key.as_dict(private=False)]})
        return create_app("archive", self.life.routers(), verifier, metrics=Metrics(), ready=ready)

    def client(self, who: str, role: Role | None = None) -> httpx.AsyncClient:
        """A browser in that person's hands."""
        token = TokenSigner(self.archive.key).sign(who, role or ROLES[who], DEPARTMENTS.get(who), timedelta(hours=1))
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, client=("10.0.0.9", 1)),
            base_url="http://archive",
            headers={"Authorization": f"Bearer {token}"},
        )
