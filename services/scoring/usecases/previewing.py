"""What another policy would do, found out without touching anything."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from operator import itemgetter

from services.scoring.domain.customers import Tier
from services.scoring.domain.foresight import A_DAY, Foresight, Move, Mover
from services.scoring.domain.succession import hindrances, unforeseen
from services.scoring.domain.workload import NO_LOAD, Load, Workload
from services.scoring.ports import Clock, Database, Prospects
from shared.contracts.reminders import UNASSIGNED
from shared.in_force import PolicyInForce
from shared.policy import Policy
from shared.words import Text


@dataclass(frozen=True, slots=True)
class RepLoad:
    """What a rep's customers ask for a month, by the policy in force and by the other."""

    rep: str
    customers: int
    before: Load
    after: Load


@dataclass(slots=True)
class Preview:
    """What would change on `day`, and what the next day would change after that.

    `movers` are the first of those who would move, best rank first; `refused` says why it cannot be activated at all,
    `unforeseen` what cannot be known before it is.
    """

    against: Policy
    day: date
    customers: int = 0
    moves: Counter[Move] = field(default_factory=Counter)
    movers: list[Mover] = field(default_factory=list)
    loads: list[RepLoad] = field(default_factory=list)
    next_day_moves: Counter[Move] = field(default_factory=Counter)
    refused: Sequence[Text] = ()
    unforeseen: Sequence[Text] = ()

    @property
    def next_day(self) -> date:
        return self.day + A_DAY

    @property
    def changing(self) -> int:
        """How many customers would move."""
        return self.moves.total()


class PreviewPolicy:
    """Computes everybody's level under another policy, today and tomorrow, in one read-only transaction.

    The tables are read once, and the ranking is made beside the one that decides, in a thread: events go on. One
    preview at a time, since each holds everybody in memory.
    """

    def __init__(self, *, database: Database, prospects: Prospects, in_force: PolicyInForce, clock: Clock) -> None:
        self._database = database
        self._prospects = prospects
        self._in_force = in_force
        self._clock = clock
        self._one = asyncio.Lock()

    async def __call__(self, wanted: Policy, examples: int) -> Preview:
        """`examples` is how many of the moving customers are named."""
        async with self._one:
            return await self._preview(wanted, examples)

    async def _preview(self, wanted: Policy, examples: int) -> Preview:
        current, prospects = self._in_force.policy, self._prospects
        async with self._database.transaction() as tx:
            await prospects.freeze(tx)
            board = await prospects.read_board(tx)
            day = self._clock.today() if board is None else board.day
            preview = Preview(
                current,
                day,
                refused=tuple(hindrances(current, wanted, self._clock.today())),
                unforeseen=tuple(unforeseen(current, wanted)),
            )
            if board is None:
                return preview
            foresight = Foresight(wanted, day)
            async with aclosing(prospects.standings(tx, day, wanted)) as pages:
                async for page in pages:
                    foresight.take_in(page)
        foreseen = await asyncio.to_thread(foresight.look, examples)
        preview.customers = foreseen.standings.total()
        for (_, before, after), customers in foreseen.standings.items():
            if before != after:
                preview.moves[before, after] += customers
        preview.movers, preview.next_day_moves = foreseen.movers, foreseen.next_day
        preview.loads = loads(foreseen.standings, Workload(current.cadences), Workload(wanted.cadences))
        return preview


def loads(standings: Mapping[tuple[str | None, Tier, Tier], int], before: Workload, after: Workload) -> list[RepLoad]:
    """Each rep's load, those whose minutes change most first."""
    found = []
    by_rep = sorted((rep or UNASSIGNED, was, would_be, number) for (rep, was, would_be), number in standings.items())
    for rep, rows in groupby(by_rep, key=itemgetter(0)):
        customers, load_before, load_after = 0, NO_LOAD, NO_LOAD
        for _, was, would_be, number in rows:
            customers += number
            load_before += before.of(was) * number
            load_after += after.of(would_be) * number
        found.append(RepLoad(rep, customers, load_before, load_after))
    return sorted(found, key=lambda load: (-abs(load.after.minutes - load.before.minutes), load.rep))
