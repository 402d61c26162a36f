"""What another policy would do, found out without touching anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby

from services.scoring.domain.customers import Tier
from services.scoring.domain.succession import hindrances, unforeseen
from services.scoring.domain.workload import NO_LOAD, Load, Workload
from services.scoring.ports import Clock, Database, Prospects
from shared.contracts.reminders import UNASSIGNED
from shared.in_force import PolicyInForce
from shared.policy import Policy
from shared.words import Text

A_DAY = timedelta(days=1)

Move = tuple[Tier, Tier]
"""From one class and level to another."""


@dataclass(frozen=True, slots=True)
class Mover:
    """A customer who would have another level."""

    customer_id: str
    rep: str
    before: Tier
    after: Tier


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
    """Computes everybody's level under another policy, today and tomorrow, in one read-only transaction."""

    def __init__(self, *, database: Database, prospects: Prospects, in_force: PolicyInForce, clock: Clock) -> None:
        self._database = database
        self._prospects = prospects
        self._in_force = in_force
        self._clock = clock

    async def __call__(self, wanted: Policy, examples: int) -> Preview:
        """`examples` is how many of the moving customers are named."""
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
            reps = await prospects.reps(tx)
            standings = Counter[tuple[str, Tier, Tier]]()
            today: dict[str, Tier] = {}
            # Few different tiers, and as many customers as there are: one copy of each.
            known: dict[Tier, Tier] = {}
            async for row in prospects.rank(tx, day, wanted):
                customer_id, before, after = row.customer_id, row.decided, known.setdefault(row.tier, row.tier)
                rep = reps.get(customer_id, UNASSIGNED)
                today[customer_id] = after
                standings[rep, before, after] += 1
                if before != after and len(preview.movers) < examples:
                    preview.movers.append(Mover(customer_id, rep, before, after))
            async for row in prospects.rank(tx, day + A_DAY, wanted):
                if (tier := today[row.customer_id]) != row.tier:
                    preview.next_day_moves[tier, row.tier] += 1
        preview.customers = standings.total()
        for (_, before, after), customers in standings.items():
            if before != after:
                preview.moves[before, after] += customers
        preview.loads = loads(standings, Workload(current.cadences), Workload(wanted.cadences))
        return preview


def loads(standings: Mapping[tuple[str, Tier, Tier], int], before: Workload, after: Workload) -> list[RepLoad]:
    """Each rep's load, those whose minutes change most first."""
    found = []
    for rep, rows in groupby(sorted(standings.items()), key=lambda row: row[0][0]):
        customers, load_before, load_after = 0, NO_LOAD, NO_LOAD
        for (_, was, would_be), number in rows:
            customers += number
            load_before += before.of(was) * number
            load_after += after.of(would_be) * number
        found.append(RepLoad(rep, customers, load_before, load_after))
    return sorted(found, key=lambda load: (-abs(load.after.minutes - load.before.minutes), load.rep))
