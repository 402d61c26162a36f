"""What every area of archive stands on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self
from zoneinfo import ZoneInfo

from services.archive.store import PeopleStore, TaskStore
from services.archive.usecases import Desk, TellTasks
from shared.audit import AuditTrail
from shared.clock import Clock
from shared.engine.outbox import Outbox
from shared.engine.postgres import Database
from shared.in_force import Derived, PolicyInForce
from shared.policy import Policy
from shared.policy.breaches import Breaches

NAME = "archive"


@dataclass(frozen=True, slots=True)
class Ground:
    """One database, one clock, the policy in force, the way to tell of what was done, and the people it concerns."""

    database: Database
    clock: Clock
    outbox: Outbox
    trail: AuditTrail
    in_force: PolicyInForce
    breach_rules: Derived[Breaches]
    desk: Desk
    people: PeopleStore
    tell: TellTasks

    @classmethod
    def over(cls, database: Database, clock: Clock, policy: Policy, new_id: Callable[[], str]) -> Self:
        """`policy` is what is in force until the database says otherwise; `new_id` names what is new."""
        outbox = Outbox(f"/tierline/{NAME}")
        # Nobody is woken here: the relay looks again by itself, within a second.
        trail = AuditTrail(NAME, database, outbox, clock, wake=lambda: None)
        in_force = PolicyInForce(policy, clock)
        desk = Desk(database, outbox, trail, clock, new_id)
        return cls(
            database=database,
            clock=clock,
            outbox=outbox,
            trail=trail,
            in_force=in_force,
            breach_rules=Derived(in_force, lambda policy: policy.breaches),
            desk=desk,
            people=PeopleStore(),
            tell=TellTasks(desk, TaskStore()),
        )

    def zone(self) -> ZoneInfo:
        """Where the business's days begin, now."""
        return self.clock.zone
