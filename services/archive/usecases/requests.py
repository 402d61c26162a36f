"""Requests as people look at them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from services.archive.domain import steps
from services.archive.domain.deciders import Decider
from services.archive.domain.people import UnlawfulError
from services.archive.domain.requests import Standing
from services.archive.domain.steps import Opening
from services.archive.ports.requests import RequestFilters
from services.archive.usecases.asking import unknown_request
from services.archive.usecases.office import Office
from shared.audit import Deed
from shared.identity import Principal
from shared.roles import Role
from shared.words import Text

Side = Literal["mine", "waiting", "decided", "all"]
"""One's own requests, those that wait for one, those one decided on, everybody's."""

OVERSEERS: Final = frozenset({Role.ARCHIVIST, Role.GM, Role.GM_OFFICE_HEAD, Role.INSPECTOR})
"""Those who see everybody's requests and grants."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A request, who may take each step that is left, and what it opens.

    `hides`: who looks may not know of the file (`steps.knows_of`), be it the asker or who only signs for them.
    """

    standing: Standing
    able: tuple[tuple[Decider, ...], ...]
    opening: Opening
    hides: bool


def consenters(standing: Standing, able: Sequence[Sequence[Decider]]) -> set[str]:
    """Those who consented or refused to, and those whose consent it waits for."""
    chain = standing.request.steps
    decided = {decision.decided_by for decision in standing.decisions if chain[decision.step - 1].act == "consent"}
    waits = able[0] if standing.step is not None and standing.step.act == "consent" else ()
    return decided | {decider.person for decider in waits}


class LookAtRequests:
    """A request for those it concerns: its asker, who decides or decided on it, and the overseers."""

    def __init__(self, office: Office) -> None:
        self._office = office

    async def one(self, by: Principal, request_id: str) -> Shown:
        """One request; UnlawfulError (`unknown_request`) also for one that does not concern the asker."""
        office = self._office
        async with office.desk.database.transaction() as tx:
            standing = (await office.requests.find(tx, [request_id])).get(request_id)
            if standing is None:
                raise unknown_request(request_id)
            policy = await office.policy(tx)
            request = standing.request
            bench = await office.bench(tx, request.steps, [request.asker], policy)
            left = () if standing.ended is not None else request.steps[len(standing.decisions) :]
            able = tuple(bench.deciders(s, request.asker, request.subject, standing.barred(s)) for s in left)
            concerned = {request.asker, *(decision.decided_by for decision in standing.decisions)}
            concerned |= {decider.person for decider in (able[0] if able else ())}
            if by.person not in concerned and by.role not in OVERSEERS:
                raise unknown_request(request_id)
            viewer = (await office.people.find(tx, [by.person])).get(by.person)
            knows = viewer is not None and steps.knows_of(request.subject, viewer, None, policy)
            if by.person != request.asker:
                # Whoever consents keeps the file, or stands in for who does.
                knows |= by.role in OVERSEERS or by.person in consenters(standing, able)
            return Shown(standing, able, steps.opening_of(request.subject, policy), hides=not knows)

    async def page(self, by: Principal, side: Side, filters: RequestFilters, limit: int) -> Sequence[Standing]:
        """Requests, the newest first; everybody's only for the overseers, and that look is in the audit."""
        office = self._office
        if side == "all" and by.role not in OVERSEERS:
            raise UnlawfulError("not_yours", Text(zh="只能查看与本人有关的申请", en="you see what concerns you only"))
        asked = RequestFilters(
            asker=by.person if side == "mine" else filters.asker,
            decided_by=by.person if side == "decided" else None,
            waits_for=by.person if side == "waiting" else None,
            state=filters.state,
            after=filters.after,
        )
        async with office.desk.database.transaction() as tx:
            if side == "all":
                await office.desk.trail.append(tx, by, Deed("file.searched", "requests.listed"))
            return await office.requests.page(tx, asked, limit)
