"""Deciding on requests, step by step; the last step gives the grant."""

from __future__ import annotations

from dataclasses import dataclass

from services.archive.domain import asking, requests, steps
from services.archive.domain.deciders import Bench
from services.archive.domain.grants import Grant, grant_of
from services.archive.domain.outgoing import grant_given
from services.archive.domain.people import UnlawfulError
from services.archive.domain.requests import Decision, Standing, Way
from services.archive.domain.steps import Opening
from services.archive.usecases.asking import unknown_request
from services.archive.usecases.office import Office
from shared.audit import Deed
from shared.engine.model import Transaction
from shared.identity import Principal
from shared.policy import Policy
from shared.words import Text


@dataclass(frozen=True, slots=True)
class Verdict:
    """What somebody says to a step, and why; `step` None is the one that it waits at."""

    approved: bool
    reason: str
    step: int | None = None
    way: Way = "api"


class DecideRequests:
    """One decision, one transaction: the row, its tasks, its audit entry, and the grant where it was the last."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._desk = office.desk

    async def __call__(self, by: Principal, request_id: str, verdict: Verdict) -> tuple[Standing, Grant | None]:
        """Take a step; `UnlawfulError` when a rule forbids it, `unknown_request` to who has nothing to do with it."""
        async with self._office.noting(by, "request.decided", "*"), self._desk.database.transaction() as tx:
            return await self._decide(tx, by, request_id, verdict)

    async def release(self, by: Principal, request_id: str, reason: str) -> Grant:
        """Take the last step; UnlawfulError (`not_approved`) while it waits at another."""
        async with self._office.noting(by, "grant.given", "*"), self._desk.database.transaction() as tx:
            standing = (await self._office.requests.find(tx, [request_id])).get(request_id)
            if standing is None:
                raise unknown_request(request_id)
            if standing.step is not None and standing.step.act != "release":
                raise UnlawfulError("not_approved", Text(zh="申请尚未逐级批准", en="not every step before is approved"))
            _, grant = await self._decide(tx, by, request_id, Verdict(approved=True, reason=reason))
        if grant is None:
            raise UnlawfulError("not_approved", Text(zh="申请尚未逐级批准", en="not every step before is approved"))
        return grant

    async def _decide(
        self, tx: Transaction, by: Principal, request_id: str, verdict: Verdict
    ) -> tuple[Standing, Grant | None]:
        office, now = self._office, self._desk.clock.now()
        await office.requests.lock(tx, request_id)
        standing = (await office.requests.find(tx, [request_id])).get(request_id)
        if standing is None:
            raise unknown_request(request_id)
        policy = await office.policy(tx)
        request, step = standing.request, standing.step
        bench = await office.bench(tx, request.steps, [request.asker], policy)
        able = () if step is None else bench.deciders(step, request.asker, request.subject, standing.barred(step))
        concerned = {request.asker, *(decision.decided_by for decision in standing.decisions)}
        if by.person not in concerned and all(by.person != decider.person for decider in able):
            raise unknown_request(request_id)
        decision = requests.decide(
            standing,
            verdict.step or (0 if step is None else step.number),
            able,
            by.person,
            approved=verdict.approved,
            reason=verdict.reason,
            way=verdict.way,
            now=now,
        )
        decided = requests.after(standing, decision)
        if not await office.requests.add_decision(tx, request, decision):
            raise UnlawfulError(
                "decided_meanwhile",
                Text(zh="刚才已有人处理，请重新查看", en="somebody decided at the same moment: look again"),
            )
        await self._tell(tx, by, decided, decision)
        if decided.ended is None:
            await office.ask_next(tx, decided, bench)
            return decided, None
        await office.requests.end(tx, request_id, decided.ended)
        if decided.state == "refused":
            await office.tasks.ask(tx, [asking.task_of_end(decided)])
            return decided, None
        return decided, await self._give(tx, by, decided, bench, policy)

    async def _tell(self, tx: Transaction, by: Principal, decided: Standing, decision: Decision) -> None:
        """The audit's word on a decision; its tasks wait no more."""
        request = decided.request
        act = request.steps[decision.step - 1].act
        await self._office.tasks.clear(tx, asking.STEP, asking.step_subject(request.request_id, decision.step))
        action = f"request.{act}" if decision.approved else f"request.{act}.refused"
        reason = decision.reason
        if decision.on_behalf_of is not None:
            reason = f"[{decision.on_behalf_of}] {reason}"
        await self._desk.trail.append(tx, by, Deed("decision.made", action, request.wish.file, reason=reason))

    async def _give(self, tx: Transaction, by: Principal, decided: Standing, bench: Bench, policy: Policy) -> Grant:
        office, request = self._office, decided.request
        asker = await office.person(tx, request.asker)
        if (asker.role, asker.department) != (request.asker_role, request.asker_department):
            raise UnlawfulError(
                "asker_changed",
                Text(
                    zh=f"{asker.person} 的岗位或部门在申请后已变，请退回重新申请",
                    en=f"{asker.person} has another role or department since: refuse it, to be asked anew",
                ),
            )
        found = await office.look_up(tx, request.wish.file, request.wish.sections, asker, policy)
        if not found.there or not requests.still_as_asked(request, found.subject):
            raise UnlawfulError(
                "file_changed",
                Text(
                    zh="档案不存在，或其层级、密级在申请后已变，请退回重新申请",
                    en="there is no such file, or its tier or rank is another since: refuse it, to be asked anew",
                ),
            )
        opening: Opening = steps.opening_of(request.subject, policy)
        grant = grant_of(decided, opening, grant_id=self._desk.new_id(), now=bench.now)
        if grant.original and await office.grants.is_lent_out(tx, grant.file):
            raise UnlawfulError("lent_out", Text(zh="原件已借出，尚未归还", en="the original is lent to somebody else"))
        await office.grants.add(tx, grant)
        await self._desk.publish(tx, [grant_given(grant)])
        deed = Deed("decision.made", "grant.given", grant.file, grant=grant.grant_id)
        await self._desk.trail.append(tx, by, deed)
        await office.tasks.ask(tx, [asking.task_of_grant(grant, office.shown(grant.until))])
        return grant
