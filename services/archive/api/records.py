"""Company records over HTTP: filed by the archivist, read by whoever may (A3)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from services.archive.api.doors import Anybody, Archivist, Paging, lawful
from services.archive.api.parcels import ZIP, packed, packed_found
from services.archive.domain.files import Record
from services.archive.domain.records import Attachment, Draft, NewAttachment
from services.archive.ports import Sought
from services.archive.usecases import FileRecords, ReadRecords
from services.archive.usecases.parcels import Card, TooManyError, TooMuchError
from shared.contracts.types import Identifier, Rank, Text
from shared.http import Page, Problem, read_streamed

RecordId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
"""As it stands in addresses, grants and the audit: better a number than a title."""
Title = Annotated[Text, Field(min_length=1, max_length=300, pattern=r"^[^\x00]*\S[^\x00]*$")]
SectionName = Annotated[Identifier, Field(pattern=r"^[^*]")]
Period = Annotated[str, Field(pattern=r"^(19|2[0-9])[0-9]{2}(-(Q[1-4]|0[1-9]|1[0-2]))?$")]
"""2026, 2026-Q1 or 2026-03; no year that a term of keeping could not be counted from."""
PieceName = Annotated[Identifier, Field(pattern=r"^[^/\\]+$")]
MediaType = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,60}$")]

STREAMED = re.compile(r"/records/[^/]+/attachments")
"""Where content comes in."""

# Content is somebody's file: no browser runs or frames it, whatever it says it is.
UNTRUSTED = {"Content-Security-Policy": "sandbox; default-src 'none'"}


@dataclass(frozen=True, slots=True)
class Piece:
    """What a piece of content is called, and where in the record it belongs."""

    section: Annotated[SectionName, Query()]
    name: Annotated[PieceName, Query()]
    media_type: Annotated[MediaType, Query()] = "application/octet-stream"


class SectionRequest(BaseModel):
    """A section to be; of the record's own rank where none is given."""

    name: SectionName
    rank: Rank | None = None


class RecordRequest(BaseModel):
    """A record to be filed (A3, A6); without an id it gets a new one."""

    record_id: RecordId | None = None
    title: Title
    rank: Rank
    department: Identifier | None = None
    record_class: Identifier = Field(alias="class")
    period: Period | None = None
    sections: Annotated[tuple[SectionRequest, ...], Field(min_length=1, max_length=100)]


class RecordBody(BaseModel):
    """A record's card: `retain_until` null is for ever, `destroyed_at` null that it is there."""

    record_id: str
    file: str
    title: str
    rank: Rank
    department: str | None
    record_class: str = Field(serialization_alias="class")
    period: str | None
    filed_by: str
    filed_at: datetime
    retain_until: date | None
    held: bool
    destroyed_at: datetime | None
    sections: list[str]


class AttachmentBody(BaseModel):
    """A piece of content: `size` in bytes, `sha256` in hex, both of the content itself."""

    attachment_id: str
    section: str
    name: str
    media_type: str
    size: int
    sha256: str
    added_by: str
    added_at: datetime


class SectionBody(BaseModel):
    """A section, and whether the asker may read it and take it out now."""

    name: str
    rank: Rank
    readable: bool
    copyable: bool


class CardBody(BaseModel):
    """A record as one reader sees it; of sections that they may not read, the content is not listed."""

    record: RecordBody
    sections: list[SectionBody]
    attachments: list[AttachmentBody]


def records_router(filing: FileRecords, reading: ReadRecords, largest: int) -> APIRouter:
    """Company records; `largest` is the most bytes that one attachment has."""
    router = APIRouter(prefix="/records", tags=["records"])

    @router.post("", status_code=201)
    async def file(who: Archivist, body: RecordRequest) -> RecordBody:
        """归档。File a record."""
        draft = Draft(
            title=body.title,
            rank=body.rank,
            department=body.department,
            record_class=body.record_class,
            period=body.period,
            sections=tuple((section.name, section.rank) for section in body.sections),
        )
        with lawful():
            return shown_record(await filing.file(who, draft, body.record_id))

    @router.get("")
    async def search(who: Anybody, page: Paging, sought: Annotated[Sought, Depends(sought_for)]) -> Page[RecordBody]:
        """查找档案，只列出可知其存在的。Search: what the asker may not know of is not found."""
        found = await reading.search(who, sought, page.after or "", page.limit)
        return page.of([shown_record(record) for record in found], lambda record: record.record_id)

    @router.get("/export", response_class=Response)
    async def export_found(who: Anybody, sought: Annotated[Sought, Depends(sought_for)]) -> Response:
        """按条件批量导出，逐份核对权限；未获准复制的只列编号与原因。Take out what a search finds: a ZIP.

        Each record by its own right: of what may not be copied only the id is listed, and why.
        """
        with reachable(), lawful():
            found = await reading.export_found(who, sought)
        content = await asyncio.to_thread(packed_found, found, who.person)
        return download(content, ZIP, f"records-{found.taken_at:%Y-%m-%d}.zip")

    @router.get("/{record_id}")
    async def card(who: Anybody, record_id: Annotated[RecordId, Path()]) -> CardBody:
        """档案卡。What a record is, and what it consists of."""
        with lawful():
            return shown_card(await reading.card(who, record_id))

    @router.post(
        "/{record_id}/attachments",
        status_code=201,
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
            }
        },
    )
    async def attach(
        who: Archivist,
        request: Request,
        record_id: Annotated[RecordId, Path()],
        piece: Annotated[Piece, Depends()],
    ) -> AttachmentBody:
        """存入材料（请求内容即文件本身）。Add a piece of content: the body is the file itself."""
        content = await read_streamed(request.stream(), largest)
        if not content:
            # A scan that went wrong: filed, it would be found out when somebody needs it.
            raise Problem(
                422, "empty", "the file is empty: look whether it is the right one", "文件为空，请确认是否选错"
            )
        with reachable(), lawful():
            return shown_attachment(
                await filing.attach(who, record_id, NewAttachment(piece.section, piece.name, piece.media_type, content))
            )

    @router.get("/{record_id}/attachments/{attachment_id}", response_class=Response)
    async def read(
        who: Anybody, record_id: Annotated[RecordId, Path()], attachment_id: Annotated[RecordId, Path()]
    ) -> Response:
        """查阅材料。Read a piece of content."""
        with reachable(), lawful():
            opened = await reading.open(who, record_id, attachment_id)
        return download(opened.content, opened.attachment.media_type, opened.attachment.name)

    @router.get("/{record_id}/export", response_class=Response)
    async def export(who: Anybody, record_id: Annotated[RecordId, Path()]) -> Response:
        """导出（须有复制授权）。Take out, as a ZIP with a manifest, whatever the asker may copy."""
        with reachable(), lawful():
            parcel = await reading.export(who, record_id)
        return download(packed(parcel, who.person), ZIP, f"{record_id}.zip")

    return router


def sought_for(
    title: Annotated[Text | None, Query(min_length=1, max_length=200)] = None,
    rank: Annotated[Rank | None, Query()] = None,
    record_class: Annotated[Identifier | None, Query(alias="class")] = None,
    department: Annotated[Identifier | None, Query()] = None,
    period: Annotated[Period | None, Query()] = None,
) -> Sought:
    """What a search asks for; `title` is looked for inside titles."""
    return Sought(title, rank, record_class, department, period)


@contextmanager
def reachable() -> Iterator[None]:
    """Answer as a problem when the object store is away, and when more is asked for than one answer holds."""
    try:
        yield
    except OSError:
        raise Problem(
            503, "store_away", "the store of attachments does not answer; try again", "材料库暂时无法访问，请稍后再试"
        ) from None
    except TooMuchError as error:
        mib = 1024 * 1024
        raise Problem(
            413,
            "export_too_large",
            f"that is {error.size / mib:.1f} MiB, and one export holds {error.most / mib:.0f}: read the pieces singly",
            f"共 {error.size / mib:.1f} MiB，超过单次导出上限 {error.most / mib:.0f} MiB：请逐件查阅",
        ) from None
    except TooManyError as error:
        raise Problem(
            413,
            "export_too_large",
            f"that is more than {error.most} records, the most of one export: nothing was taken out; narrow the search",
            f"超过单次导出上限 {error.most} 份档案，未导出任何内容：请缩小查找范围",
        ) from None


def download(content: bytes, media_type: str, name: str) -> Response:
    """A file for its reader's disk, under its own name."""
    headers = {**UNTRUSTED, "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
    return Response(content, media_type=media_type, headers=headers)


def shown_record(record: Record) -> RecordBody:
    return RecordBody(
        record_id=record.record,
        file=record.file,
        title=record.title,
        rank=record.rank,
        department=record.department,
        record_class=record.record_class,
        period=record.period,
        filed_by=record.filed_by,
        filed_at=record.filed_at,
        retain_until=record.retain_until,
        held=record.holds > 0,
        destroyed_at=record.destroyed_at,
        sections=[section.name for section in record.sections],
    )


def shown_attachment(attachment: Attachment) -> AttachmentBody:
    return AttachmentBody(
        attachment_id=attachment.attachment_id,
        section=attachment.section,
        name=attachment.name,
        media_type=attachment.media_type,
        size=attachment.size,
        sha256=attachment.sha256.hex(),
        added_by=attachment.added_by,
        added_at=attachment.added_at,
    )


def shown_card(card: Card) -> CardBody:
    return CardBody(
        record=shown_record(card.record),
        sections=[
            SectionBody(
                name=section.name,
                rank=section.rank,
                readable=section.name in card.readable,
                copyable=section.name in card.copyable,
            )
            for section in card.record.sections
        ],
        attachments=[shown_attachment(attachment) for attachment in card.attachments],
    )
