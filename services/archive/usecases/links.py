"""Deciding by the link in a personal message: it acts as its person, who must still be the one to decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from services.archive.domain.people import Person, UnlawfulError
from services.archive.domain.requests import Standing
from services.archive.domain.steps import Step
from services.archive.usecases.deciding import DecideRequests, Verdict
from services.archive.usecases.office import Office
from services.archive.usecases.refused_links import RefusedLinks, Why
from shared.engine.model import Transaction
from shared.identity import Principal
from shared.links import Link, Links
from shared.roles import Role


@dataclass(frozen=True, slots=True)
class Question:
    """What a link asks: a step of a request, of somebody who may take it now."""

    standing: Standing
    step: Step
    person: Person


class DecideByLink:
    """Reads and answers links; one that is over, used, foreign, or whose person may decide no more is None alike.

    Which it was is an entry of the audit.
    """

    def __init__(self, office: Office, decide: DecideRequests, links: Links, refused: RefusedLinks) -> None:
        self._office = office
        self._decide = decide
        self._links = links
        self._refused = refused

    async def look(self, token: str, station: str | None) -> Question | None:
        """What the link asks now; nothing is changed, since programs fetch links before people do."""
        link = self._links.read(token)
        found = Why.FORGED if link is None else await self._asks(link)
        if isinstance(found, Question):
            return found
        await self._refused.note(found, link, station)
        return None

    async def answer(self, token: str, *, approved: bool, reason: str, station: str | None) -> Standing | None:
        """Decide once, as the link's person."""
        question = await self.look(token, station)
        if question is None:
            return None
        person = question.person
        # A role that only the organisation knows goes into the audit as it is, and opens no door.
        role = next((role for role in Role if role == person.role), cast("Role", person.role))
        who = Principal(person.person, role, person.department, station)
        verdict = Verdict(approved, reason, question.step.number, "message")
        try:
            standing, _ = await self._decide(who, question.standing.request.request_id, verdict)
        except UnlawfulError as error:
            # Somebody decided in between: the link is used.
            if error.code in {"decided_meanwhile", "another_step", "ended_before", "not_your_step", "unknown_request"}:
                await self._refused.note(Why.USED, self._links.read(token), station)
                return None
            raise
        return standing

    async def _asks(self, link: Link) -> Question | Why:
        if link.over(self._office.desk.clock.now()):
            return Why.EXPIRED
        async with self._office.desk.database.transaction() as tx:
            return await self._question(tx, link)

    async def _question(self, tx: Transaction, link: Link) -> Question | Why:
        office = self._office
        request_id, _, number = link.subject.partition("/")
        standing = (await office.requests.find(tx, [request_id])).get(request_id)
        step = None if standing is None else standing.step
        if standing is None or step is None or str(step.number) != number:
            return Why.USED
        request, policy = standing.request, await office.policy(tx)
        bench = await office.bench(tx, request.steps, [request.asker], policy)
        able = bench.deciders(step, request.asker, request.subject, standing.barred(step))
        if all(decider.person != link.person for decider in able):
            return Why.NOT_THEIRS
        return Question(standing, step, bench.staff.people[link.person])
