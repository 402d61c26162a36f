"""Who may take a step now: its holders, their delegates (A4), else the stand-ins; never who asked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from services.archive.domain.delegations import Delegation
from services.archive.domain.people import Person
from services.archive.domain.steps import Step, Subject
from shared.policy.consulting import Consulting
from shared.roles import Role


class Decider(NamedTuple):
    """Somebody who may take a step; on whose behalf, by which delegation, or in whose stead."""

    person: str
    role: str
    on_behalf_of: str | None = None
    delegation_id: str | None = None
    stands_in: bool = False


@dataclass(frozen=True, slots=True)
class Staff:
    """Those who work here and may have to be asked, by id."""

    people: Mapping[str, Person]

    def holders(self, roles: Collection[Role], department: str | None) -> Sequence[Person]:
        """Who holds one of the roles, of a department where one is named; by id."""
        return [
            person
            for _, person in sorted(self.people.items())
            if person.active and person.role in roles and (department is None or person.department == department)
        ]


@dataclass(frozen=True, slots=True)
class Bench:
    """What it takes to tell who may take a step: the people, what they delegated, the rules, and the time."""

    staff: Staff
    delegations: Sequence[Delegation]
    rules: Consulting
    now: datetime

    def deciders(self, step: Step, asker: str, subject: Subject, barred: Collection[str] = ()) -> tuple[Decider, ...]:
        """Who may take `step` of `asker`'s request; `barred` are kept out besides the asker. Empty: nobody can."""
        out = {asker, *barred}
        holders = self._holders(step, asker)
        able = {h.person: Decider(h.person, h.role) for h in holders if h.person not in out}
        givers = {holder.person for holder in holders} - {asker}
        for delegation in self.delegations:
            delegate = self.staff.people.get(delegation.delegate)
            if delegate is None or not delegate.active or delegate.role not in self.rules.delegation.to:
                continue
            if delegation.giver in givers and delegation.holds(subject, self.now) and delegate.person not in out:
                decider = Decider(delegate.person, delegate.role, delegation.giver, delegation.delegation_id)
                able.setdefault(delegate.person, decider)
        return tuple(able.values()) or self._stand_ins(step, out)

    def _holders(self, step: Step, asker: str) -> Sequence[Person]:
        if step.act != "sign":
            return self.staff.holders(step.roles, step.department)
        known = self.staff.people.get(asker)
        manager = None if known is None or known.manager is None else self.staff.people.get(known.manager)
        return [] if manager is None or not manager.active else [manager]

    def _stand_ins(self, step: Step, out: Collection[str]) -> tuple[Decider, ...]:
        for stand_in in dict.fromkeys(other for role in step.roles for other in self.rules.stand_ins.get(role, ())):
            able = [h for h in self.staff.holders((stand_in,), None) if h.person not in out]
            if able:
                return tuple(Decider(holder.person, holder.role, stands_in=True) for holder in able)
        return ()
