"""The lists that potential is judged by, and the assessments made from them (K5)."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from hashlib import sha256
from operator import itemgetter
from typing import Any, Literal

from pydantic import TypeAdapter

from services.scoring.domain.customers import Tier
from services.scoring.domain.potential.assessing import Assessment, Finding, Lack, Prospect
from services.scoring.domain.potential.customs import Import, importer_key
from services.scoring.domain.potential.matching import Article
from services.scoring.ports import Basis, Computed, Key, PotentialFound, Unassessed
from services.scoring.store.queries import POTENTIAL, columns
from services.scoring.store.traits import fields
from shared.engine.model import Transaction

FINDINGS, LACKS = TypeAdapter(tuple[Finding, ...]), TypeAdapter(tuple[Lack, ...])


class PostgresPotentials:
    """Implements `PotentialStore`."""

    async def revisions(self, tx: Transaction) -> tuple[int, int]:
        catalogue, customs = await tx.fetchrow(POTENTIAL["read_revisions"])
        return catalogue, customs

    async def articles(self, tx: Transaction) -> Sequence[Article]:
        return [Article(*row) for row in await tx.fetch(POTENTIAL["read_articles"])]

    async def note_outdated(self, tx: Transaction, basis: Basis, today: date) -> None:
        await tx.execute(POTENTIAL["note_outdated"], *basis, today)

    async def page_unassessed(self, tx: Transaction, limit: int) -> Sequence[Unassessed]:
        return [as_unassessed(row) for row in await tx.fetch(POTENTIAL["page_unassessed"], limit)]

    async def find_imports(
        self, tx: Transaction, importers: Collection[Key], since: date
    ) -> Mapping[Key, Sequence[Import]]:
        found: dict[Key, list[Import]] = {}
        if importers:
            for key, country, importer, *rest in await tx.fetch(POTENTIAL["find_imports"], *columns(importers), since):
                found.setdefault((country, key), []).append(Import(importer, country, *rest))
        return found

    async def computed(self, tx: Transaction, customers: Collection[str]) -> Mapping[str, Computed]:
        rows = await tx.fetch(POTENTIAL["read_computed"], list(customers))
        return {row[0]: Computed(*row[1:]) for row in rows}

    async def save(
        self, tx: Transaction, basis: Basis, today: date, assessed: Mapping[str, tuple[int, Assessment]]
    ) -> None:
        if not assessed:
            return
        rows = [assessment_row(customer_id, *assessed[customer_id]) for customer_id in sorted(assessed)]
        await tx.execute(POTENTIAL["save_assessments"], *basis, today, *columns(rows))
        await tx.execute(POTENTIAL["save_computed"], *columns([(row[0], row[3]) for row in rows]))

    async def drop_unassessed(self, tx: Transaction, customers: Collection[str]) -> None:
        await tx.execute(POTENTIAL["drop_unassessed"], list(customers))

    async def find(self, tx: Transaction, customer_id: str) -> PotentialFound | None:
        row = await tx.fetchrow(POTENTIAL["find_potential"], customer_id)
        return None if row is None else as_found(row)

    async def lacks(self, tx: Transaction, customers: Collection[str]) -> Mapping[str, Sequence[Lack]]:
        rows = await tx.fetch(POTENTIAL["read_lacks"], list(customers))
        return {customer_id: LACKS.validate_json(lacks) for customer_id, lacks in rows}

    async def replace_catalogue(self, tx: Transaction, articles: Collection[Article]) -> None:
        await tx.execute(POTENTIAL["drop_articles"])
        if articles:
            await tx.execute(POTENTIAL["add_articles"], *columns(sorted(articles)))

    async def add_imports(self, tx: Transaction, records: Collection[Import]) -> int:
        if not records:
            return 0
        rows = sorted(map(import_row, records), key=itemgetter(0))
        return len(await tx.fetch(POTENTIAL["add_imports"], *columns(rows)))

    async def move_list(self, tx: Transaction, name: Literal["catalogue", "customs"], now: datetime, who: str) -> None:
        await tx.fetchrow(POTENTIAL["lock_list"], name)
        await tx.execute(POTENTIAL["move_list"], name, now, who)


def as_unassessed(row: Any) -> Unassessed:
    customer_id, reason, version, customer_class, country, attributes, inquiry = row
    if customer_class != "potential":
        return Unassessed(customer_id, reason, version or 0, None)
    return Unassessed(customer_id, reason, version, Prospect(customer_id, country, fields(attributes), inquiry))


def assessment_row(customer_id: str, version: int, assessment: Assessment) -> tuple[Any, ...]:
    return (
        customer_id,
        version,
        assessment.until,
        assessment.potential,
        FINDINGS.dump_json(assessment.findings).decode(),
        LACKS.dump_json(assessment.lacks).decode(),
        assessment.mean,
        assessment.known,
    )


def as_found(row: Any) -> PotentialFound:
    customer_id, customer_class, level, judged, computed, assessed_on, until, findings, lacks, mean, known = row
    assessment = None
    if assessed_on is not None:
        assessment = Assessment(
            computed, mean, known, FINDINGS.validate_json(findings), LACKS.validate_json(lacks), until
        )
    return PotentialFound(customer_id, Tier(customer_class, level), judged, computed, assessment, assessed_on)


def import_row(record: Import) -> tuple[Any, ...]:
    """The record with its digest, by which it is known when it is imported again."""
    written = [str(part) for part in record]
    digest = sha256(json.dumps(written, ensure_ascii=False).encode()).digest()
    importer, country, *rest = record
    return digest, importer_key(importer), country, importer, *rest
