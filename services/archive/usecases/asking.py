"""Asking to consult: what it would take, the request itself, and taking it back."""

from __future__ import annotations

from dataclasses import dataclass

from services.archive.domain import asking, requests, steps
from services.archive.domain.deciders import Bench, Decider
from services.archive.domain.people import Person, UnlawfulError
from services.archive.domain.requests import Request, Standing, Wish
from services.archive.domain.steps import Opening, Step
from services.archive.usecases.office import Found, Office
from shared.audit import Deed
from shared.engine.model import Transaction
from shared.identity import Principal
from shared.policy import Policy
from shared.roles import NO_READERS
from shared.words import Text


@dataclass(frozen=True, slots=True)
class Plan:
    """What a request takes: its chain, who may take each step now, what it opens. `hides`: see `steps.knows_of`."""

    found: Found
    chain: tuple[Step, ...]
    able: tuple[tuple[Decider, ...], ...]
    opening: Opening

    @property
    def hides(self) -> bool:
        return not self.found.knows


class AskToConsult:
    """Requests as their askers make them (A1-A3)."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._desk = office.desk

    async def preview(self, by: Principal, file: str, sections: tuple[str, ...], *, copy: bool) -> Plan:
        """The chain that a request would take, with names; `UnlawfulError` where there is nothing to ask."""
        async with self._office.noting(by, "request.previewed", file), self._desk.database.transaction() as tx:
            policy = await self._office.policy(tx)
            plan, _, _ = await self._plan(tx, by, file, sections, policy, copy=copy)
            await self._desk.trail.append(tx, by, Deed("file.searched", "request.previewed", file))
            return plan

    async def ask(self, by: Principal, wish: Wish) -> tuple[Standing, Plan]:
        """Make a request, and ask whoever takes its first step."""
        now = self._desk.clock.now()
        async with self._office.noting(by, "request.made", wish.file), self._desk.database.transaction() as tx:
            policy = await self._office.policy(tx)
            plan, asker, bench = await self._plan(tx, by, wish.file, wish.sections, policy, copy=wish.copy_allowed)
            # Whether originals are lent hangs on the rank, which only who may know of the file is told.
            requests.check_wish(wish, lends=plan.opening.lends, now=now)
            request = Request(
                request_id=self._desk.new_id(),
                asker=asker.person,
                asker_role=asker.role,
                asker_department=asker.department,
                wish=wish,
                subject=plan.found.subject,
                steps=plan.chain,
                asked_at=now,
                policy_version=policy.version,
            )
            standing = Standing(request)
            await self._office.requests.add(tx, request)
            await self._office.ask_next(tx, standing, bench)
            await self._desk.trail.append(tx, by, Deed("decision.made", "request.made", wish.file, reason=wish.purpose))
        return standing, plan

    async def withdraw(self, by: Principal, request_id: str, reason: str) -> Standing:
        """Take a request back that has not ended."""
        office, now = self._office, self._desk.clock.now()
        async with office.noting(by, "request.withdrawn", "*"), self._desk.database.transaction() as tx:
            await office.requests.lock(tx, request_id)
            standing = (await office.requests.find(tx, [request_id])).get(request_id)
            if standing is None or standing.request.asker != by.person:
                raise unknown_request(request_id)
            ended = requests.withdraw(standing, by.person, reason, now)
            await office.requests.end(tx, request_id, ended)
            if standing.step is not None:
                await office.tasks.clear(tx, asking.STEP, asking.step_subject(request_id, standing.step.number))
            deed = Deed("decision.made", "request.withdrawn", standing.request.wish.file, reason=reason)
            await self._desk.trail.append(tx, by, deed)
        return Standing(standing.request, standing.decisions, ended)

    async def _plan(  # noqa: PLR0913 - who asks for what, by which rules
        self, tx: Transaction, by: Principal, file: str, sections: tuple[str, ...], policy: Policy, *, copy: bool
    ) -> tuple[Plan, Person, Bench]:
        office = self._office
        if by.role in NO_READERS:
            raise no_reader()
        asker = await office.person(tx, by.person)
        if asker.role in NO_READERS:
            raise no_reader()
        found = await office.look_up(tx, file, sections, asker, policy)
        if steps.needs_no_request(found.subject, asker, found.rep, policy, copy=copy):
            raise UnlawfulError(
                "not_needed",
                Text(
                    zh="您无须申请即可查阅该档案（如需复制，请注明）",
                    en="you may consult this file without a request (to take a copy, say so)",
                ),
            )
        chain = steps.chain_of(found.subject, asker, policy)
        bench = await office.bench(tx, chain, [asker.person], policy)
        able = tuple(bench.deciders(step, asker.person, found.subject) for step in chain)
        stuck = requests.first_without(chain, able)
        if stuck is not None:
            raise UnlawfulError(
                "nobody_decides",
                Text(
                    zh=f"没有人可以{asking.ACTS[stuck.act].zh}该申请，请先在组织架构中登记",
                    en=f"there is nobody to {asking.ACTS[stuck.act].en} it: have somebody recorded first",
                ),
            )
        return Plan(found, chain, able, steps.opening_of(found.subject, policy)), asker, bench


def unknown_request(request_id: str) -> UnlawfulError:
    """There is no such request, or it is nothing to who asks for it."""
    return UnlawfulError("unknown_request", Text(zh=f"没有申请 {request_id}", en=f"there is no request {request_id}"))


def no_reader() -> UnlawfulError:
    """Operators and machines are granted nothing: it would open no file to them, neither here nor in customers."""
    return UnlawfulError(
        "role",
        Text(
            zh="运维与系统账号不得查阅档案，因此也无从申请",
            en="operators and machines read no files, so there is nothing to ask for",
        ),
    )
