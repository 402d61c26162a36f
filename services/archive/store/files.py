"""Rows of files, records and stations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.archive.domain.files import CUSTOMER, RECORD, CustomerFile, Record, Section
from services.archive.domain.stations import Station
from services.archive.ports import Told
from services.archive.store.queries import SQL
from shared.engine.model import Transaction


class FileStore:
    """What there is to consult."""

    async def find(self, tx: Transaction, file: str) -> CustomerFile | Record | None:
        if file.startswith(CUSTOMER):
            row = await tx.fetchrow(SQL["find_file"], file)
            return None if row is None else CustomerFile._make(row)
        if file.startswith(RECORD):
            rows = await tx.fetch(SQL["find_record"], file.removeprefix(RECORD))
            return next(iter(await with_sections(tx, rows)), None)
        return None

    async def keep(self, tx: Transaction, told: Mapping[str, Told], now: datetime) -> None:
        if told:
            columns = zip(*((*told[name].file, told[name].version) for name in sorted(told)), strict=True)
            await tx.execute(SQL["upsert_files"], *map(list, columns), now)


class StationStore:
    """Where people work."""

    async def save(self, tx: Transaction, stations: Collection[Station]) -> None:
        for it in sorted(stations, key=lambda station: station.station):
            await tx.execute(
                SQL["upsert_stations"], it.station, list(it.networks), it.place, it.reading_room, it.active, it.as_of
            )

    async def all(self, tx: Transaction) -> Sequence[Station]:
        return [Station(row[0], tuple(row[1]), *row[2:]) for row in await tx.fetch(SQL["list_stations"])]


async def with_sections(tx: Transaction, rows: Sequence[Any]) -> list[Record]:
    """Records of their rows, each with its sections in their order."""
    sections: dict[str, list[Section]] = defaultdict(list)
    for row in await tx.fetch(SQL["find_sections"], [row["record"] for row in rows]) if rows else ():
        sections[row["record"]].append(Section(row["name"], row["rank"]))
    return [as_record(row, tuple(sections[row["record"]])) for row in rows]


def as_record(row: Any, sections: tuple[Section, ...]) -> Record:
    """A record of its row, whose columns are the card's in their order, but for the sections."""
    record, title, rank, department, record_class, period, filed_by, filed_at, retain_until, holds, destroyed_at = row
    return Record(
        record=record,
        title=title,
        rank=rank,
        department=department,
        record_class=record_class,
        period=period,
        filed_by=filed_by,
        filed_at=filed_at,
        sections=sections,
        retain_until=retain_until,
        holds=holds,
        destroyed_at=destroyed_at,
    )
