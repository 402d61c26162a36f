"""Why a customer lapsed (K7): for its rep, the rep's manager and the leaders, and never without the audit."""

from __future__ import annotations

from typing import Final

from services.scoring.domain.lapse import A_YEAR, Lapse, explain
from services.scoring.domain.people import Person, may_read
from services.scoring.ports import Desk, People, Readings, Trades, Trail
from services.scoring.usecases.memory import Memory
from shared.audit import Deed
from shared.identity import Principal

ACTION: Final = "lapse.read"


class NotForThemError(Exception):
    """The report quotes the customer's file, which this person may not read."""


class NotLapsedError(Exception):
    """The customer is not lapsed."""


class ExplainLapse:
    """Reads trade and file in the transaction that notes who did."""

    def __init__(  # noqa: PLR0913 - its parts
        self, *, memory: Memory, desk: Desk, readings: Readings, trades: Trades, people: People, trail: Trail
    ) -> None:
        self._memory = memory
        self._desk = desk
        self._readings = readings
        self._trades = trades
        self._people = people
        self._trail = trail

    async def __call__(self, who: Principal, customer_id: str) -> Lapse | None:
        """None for a customer that is not known; `NotForThemError`, `NotLapsedError`."""
        file = f"customer:{customer_id}"
        async with self._desk.database.transaction() as tx:
            saved = (await self._readings.find(tx, [customer_id])).get(customer_id)
            # The token says who and in which role, the organisation the rest, if it knows the person.
            me = await self._people.find(tx, who.person) or Person(who.person, who.department)
            rep = None if saved is None else saved.facts.rep
            is_allowed = may_read(who.role, me, rep, await self._people.departments_of(tx, customer_id))
            if not is_allowed:
                await self._trail.append(tx, who, Deed("access.denied", ACTION, file, "denied", "role"))
            elif saved is not None and saved.level == "lapsed" and saved.facts.last_order_on is not None:
                await self._trail.append(tx, who, Deed("file.read", ACTION, file))
                last, policy = saved.facts.last_order_on, self._memory.ruling.policy
                trade = await self._trades.trade(tx, customer_id, last - 2 * A_YEAR)
                return explain(last, policy.rfm.lapsed_after_days, policy.base_currency, trade)
        # Only now, when the refusal is in the audit.
        if not is_allowed:
            raise NotForThemError(customer_id)
        if saved is not None:
            raise NotLapsedError(customer_id)
        return None
