"""What a search finds, taken out over HTTP (A5, N4)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from pydantic import BaseModel

from services.customers.api.bodies import FileBody, shown_file
from services.customers.api.routes import REFUSALS, Anybody, lawful, sought_for
from services.customers.api.workbook import MEDIA_TYPE, SHEETS, WIDTH, Pen, attached, begun, card, part_of
from services.customers.ports import Sought
from services.customers.usecases.export_files import ExportFiles, TakenOut, TooManyError
from shared.contracts.types import Words
from shared.http import Problem
from shared.words import Language


class WithheldBody(BaseModel):
    """A customer that was found and whose file stays: the code that an export of it alone is refused with, in words."""

    customer_id: str
    reason: str
    words: Words


class ExportBody(BaseModel):
    """All that a search found, by id: the files that were given out, and those that were not."""

    taken_by: str
    taken_at: datetime
    files: list[FileBody]
    withheld: list[WithheldBody]


def exports_router(export: ExportFiles) -> APIRouter:
    """Taking out what a search finds; to be asked before any route that takes "export" for a customer."""
    router = APIRouter(prefix="/customers", tags=["customers"])

    @router.get("/export", response_model=ExportBody, responses={200: {"content": {MEDIA_TYPE: {}}}})
    async def export_found(
        who: Anybody,
        sought: Annotated[Sought, Depends(sought_for)],
        form: Annotated[Literal["json", "xlsx"], Query(alias="format")] = "json",
        lang: Annotated[Language, Query()] = Language.ZH,
    ) -> Response:
        """按条件批量导出客户档案，逐份核对权限；未获准复制的只列编号与原因。Take out what a search finds.

        Each file by its own right: of what may not be copied only the id is listed, and why.
        """
        with bounded(), lawful():
            taken = await export(who, sought)
        # Tens of thousands of lines: the loop has other people to serve meanwhile.
        return await asyncio.to_thread(as_json if form == "json" else as_workbook, taken, lang)

    return router


@contextmanager
def bounded() -> Iterator[None]:
    """Answer as a problem when more was found than one answer holds."""
    try:
        yield
    except TooManyError as error:
        en, zh = {"files": ("files", "份档案"), "lines": ("lines in those files", "条记录")}[error.what]
        raise Problem(
            413,
            "export_too_large",
            f"that is more than {error.most} {en}, the most of one export: nothing was taken out; narrow the search",
            f"超过单次导出上限 {error.most} {zh}，未导出任何内容：请缩小查找范围",
        ) from None


def as_json(taken: TakenOut, _: Language) -> Response:
    """The whole answer as text, made once: its parts were made by the very models that describe it."""
    return Response(shown_export(taken).model_dump_json(by_alias=True), media_type="application/json")


def shown_export(taken: TakenOut) -> ExportBody:
    return ExportBody(
        taken_by=taken.taken_by,
        taken_at=taken.taken_at,
        files=[shown_file(file) for file in taken.files],
        withheld=[
            WithheldBody(
                customer_id=file.customer_id,
                reason=file.reason.value,
                words=Words(zh=REFUSALS[file.reason].zh, en=REFUSALS[file.reason].en),
            )
            for file in taken.withheld
        ],
    )


def as_workbook(taken: TakenOut, language: Language) -> Response:
    """A sheet for each part, with a line or more for each customer; and one of what was withheld."""
    content, book = begun(taken.taken_at)
    pen = Pen(book, language)
    for name, rows in tables(shown_export(taken), language):
        sheet = book.add_worksheet(SHEETS[name].in_(language))
        sheet.freeze_panes(1, 1)
        columns = list(rows[0]) if rows else ["customer_id"]
        for column, key in enumerate(columns):
            pen.head(sheet, 0, column, key)
        for at, row in enumerate(rows, start=1):
            for column, key in enumerate(columns):
                pen.cell(sheet, at, column, key, row[key])
        sheet.set_column(0, len(columns), WIDTH)
    book.close()
    return attached(content, f"customers-{taken.taken_at:%Y-%m-%d}.xlsx")


Row = dict[str, Any]


def tables(export: ExportBody, language: Language) -> Iterator[tuple[str, list[Row]]]:
    """Each sheet's name and its rows: whose they are stands first in each."""
    yield "file", [card(file) for file in export.files]
    for part in ("basic", "business", "trading"):
        yield part, [of(file) | simple for file in export.files if (simple := part_of(file, part)) is not None]
    yield (
        "characteristics",
        [
            of(file) | {"field": field, "value": value}
            for file in export.files
            for field, value in (file.characteristics or {}).items()
        ],
    )
    for name, listed in (
        ("contacts", [(file, each) for file in export.files if file.business for each in file.business.contacts]),
        ("inquiries", [(file, each) for file in export.files if file.business for each in file.business.inquiries]),
        ("newest", [(file, each) for file in export.files if file.trading for each in file.trading.newest]),
    ):
        yield name, [of(file) | each.model_dump(mode="json") for file, each in listed]
    yield (
        "withheld",
        [
            {"customer_id": file.customer_id, "reason": file.words.zh if language is Language.ZH else file.words.en}
            for file in export.withheld
        ],
    )


def of(file: FileBody) -> Row:
    return {"customer_id": file.customer_id}
