"""Rows of fines, of what was decided about them, and of what they are counted and measured by."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from services.archive.domain.catalogue import Known
from services.archive.domain.chain import Entry
from services.archive.domain.fines import Fine, FineState, Gap, Standing
from services.archive.domain.ledger import Posting
from services.archive.ports.fines import Counted, Counting, Dismissal, Step
from shared.engine.model import Transaction
from shared.engine.queries import load_queries

SQL = load_queries("services.archive", "sql/fines.sql")
POSTINGS = load_queries("services.archive", "sql/statements.sql")["list_postings"]


class FineStore:
    """Fines and their decisions, in tables that are only added to."""

    async def lock_facts(self, tx: Transaction) -> None:
        await tx.execute(SQL["lock_facts"])

    async def add(self, tx: Transaction, fines: Sequence[Fine]) -> Sequence[Fine]:
        if not fines:
            return []
        rows = await tx.fetch(SQL["insert_fines"], *columns(fines))
        added = {row["fine_id"] for row in rows}
        return [fine for fine in fines if fine.fine_id in added]

    async def add_gaps(self, tx: Transaction, gaps: Sequence[Gap]) -> None:
        await tx.execute(SQL["insert_gaps"], *columns(gaps))

    async def count(self, tx: Transaction, counted: Sequence[Counted]) -> int:
        return len(await tx.fetch(SQL["insert_counts"], *columns(counted)))

    async def known(self, tx: Transaction, countings: Collection[Counting]) -> Mapping[Counting, Known]:
        rows = await tx.fetch(SQL["load_known"], *columns(sorted(countings)))
        return {
            Counting(row["kind"], row["person"], row["month"]): Known(
                row["times"], row["total"], row["base_wage"], row["manager"]
            )
            for row in rows
        }

    async def find(self, tx: Transaction, fine_id: str) -> Standing | None:
        row = await tx.fetchrow(SQL["find_fine"], fine_id)
        return None if row is None else as_standing(row)

    async def for_facts(self, tx: Transaction, facts: Collection[tuple[str, str]]) -> Sequence[Standing]:
        if not facts:
            return []
        return [as_standing(row) for row in await tx.fetch(SQL["find_fines_of_facts"], *columns(sorted(facts)))]

    async def page(
        self, tx: Transaction, person: str | None, state: FineState | None, after: tuple[int, str] | None, limit: int
    ) -> Sequence[Standing]:
        entry, fine_id = after or (None, None)
        rows = await tx.fetch(SQL["list_fines"], person, state, entry, fine_id, limit)
        return [as_standing(row) for row in rows]

    async def steps(self, tx: Transaction, fine_id: str) -> Sequence[Step]:
        rows = await tx.fetch(SQL["list_steps"], fine_id)
        return [Step(step, FineState(state), *rest) for step, state, *rest in map(tuple, rows)]

    async def postings(self, tx: Transaction, fine_id: str) -> Sequence[Posting]:
        return [Posting._make(row) for row in await tx.fetch(POSTINGS, fine_id)]

    async def add_decision(self, tx: Transaction, standing: Standing) -> bool:
        """Return False, changing nothing, when somebody else has taken this step."""
        step = await tx.fetchval(
            SQL["insert_decision"],
            standing.fine.fine_id,
            standing.step,
            standing.state,
            standing.decided_by,
            standing.decision_reason,
            standing.decided_at,
        )
        return step is not None

    async def gaps(self, tx: Transaction, after: tuple[int, str] | None, limit: int) -> Sequence[Gap]:
        entry, kind = after or (None, None)
        return [Gap._make(row) for row in await tx.fetch(SQL["list_gaps"], entry, kind, limit)]

    async def dismiss_gap(self, tx: Transaction, dismissal: Dismissal) -> bool:
        """Return False, changing nothing, when there is no such gap, or somebody let it be before."""
        return await tx.fetchval(SQL["dismiss_gap"], *dismissal) is not None

    async def unpaid_gaps(self, tx: Transaction, person: str) -> Sequence[Entry]:
        return [Entry._make(row) for row in await tx.fetch(SQL["unpaid_gaps"], person)]


def columns(rows: Sequence[Sequence[Any]]) -> Iterable[list[Any]]:
    """Rows as one array per column, which is what `unnest` takes."""
    return map(list, zip(*rows, strict=True))


def as_standing(row: Any) -> Standing:
    """Split a row into the fine as proposed and where it stands now."""
    fields = len(Fine._fields)
    values = tuple(row)
    state, *rest = values[fields:]
    return Standing(Fine._make(values[:fields]), FineState(state), *rest)
