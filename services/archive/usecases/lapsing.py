"""What the clock does to requests and grants: warn before the end, ask for what is overdue, let lapse, ask anew."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import structlog

from services.archive.domain import asking
from services.archive.domain.requests import Ended, Standing
from services.archive.usecases.grants import KeepGrants
from services.archive.usecases.office import Office
from shared.audit import Deed
from shared.engine.model import Transaction

log = structlog.get_logger()

AT_A_TIME: Final = 200
"""So many requests in one transaction: whoever decides on one of them waits for it."""


class WatchConsulting:
    """Runs every few seconds; every task is raised once, so that running twice changes nothing."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._desk = office.desk
        self._grants = KeepGrants(office)

    async def __call__(self) -> None:
        await self._grants.end_displaced()
        await self._watch_grants()
        after = ""
        while (last := await self._watch_requests(after)) is not None:
            after = last

    async def _watch_grants(self) -> None:
        office, now = self._office, self._desk.clock.now()
        async with self._desk.database.transaction() as tx:
            policy = await office.policy(tx)
            ahead = now + timedelta(minutes=policy.consulting.warn_minutes)
            soon = [s.grant for s in await office.grants.ending(tx, now, ahead) if s.grant.given_at < now]
            await office.tasks.ask(tx, [asking.task_of_ending(grant, office.shown(grant.until)) for grant in soon])
            for grant_id in await office.grants.ended(tx, now):
                await office.tasks.clear(tx, asking.GRANT, grant_id)
            told_long_ago = now - timedelta(days=policy.consulting.lapse_days)
            await office.tasks.clear_older(tx, asking.REQUEST, told_long_ago)
            overdue = await office.grants.overdue(tx, now)
            archivists = await office.archivists(tx, policy) if overdue else ()
            for standing in overdue:
                due_at = min(standing.grant.until, standing.revoked_at or standing.grant.until)
                tasks = asking.tasks_of_overdue(standing.grant, archivists, due_at, office.shown(due_at))
                await office.tasks.ask(tx, tasks)

    async def _watch_requests(self, after: str) -> str | None:
        """Let what nobody finished lapse, and ask of the others whoever may decide now (leave, delegations, roles)."""
        office, now = self._office, self._desk.clock.now()
        async with self._desk.database.transaction() as tx:
            open_ones = await office.requests.waiting(tx, after, AT_A_TIME)
            if not open_ones:
                return None
            for request_id in open_ones:
                await office.requests.lock(tx, request_id)
            found = await office.requests.find(tx, open_ones)
            waiting = [standing for standing in found.values() if standing.ended is None]
            policy = await office.policy(tx)
            patience = timedelta(days=policy.consulting.lapse_days)
            steps = [step for standing in waiting for step in standing.request.steps]
            bench = await office.bench(tx, steps, {standing.request.asker for standing in waiting}, policy)
            for standing in waiting:
                request = standing.request
                gone = request.asker not in bench.staff.people or not bench.staff.people[request.asker].active
                if gone or request.wish.until <= now or request.asked_at + patience <= now:
                    why = "left_the_company" if gone else "not_finished_in_time"
                    await lapse(office, tx, standing, why)
                else:
                    await office.ask_next(tx, standing, bench)
        return open_ones[-1]


async def lapse(office: Office, tx: Transaction, standing: Standing, why: str) -> None:
    """End a request that nobody finishes, and tell its asker."""
    request, desk = standing.request, office.desk
    ended = Ended("lapsed", None, None, desk.clock.now())
    if standing.step is not None:
        subject = asking.step_subject(request.request_id, standing.step.number)
        await office.tasks.clear(tx, asking.STEP, subject)
    await office.requests.end(tx, request.request_id, ended)
    lapsed = Standing(request, standing.decisions, ended)
    await office.tasks.ask(tx, [asking.task_of_end(lapsed)])
    deed = Deed("decision.made", "request.lapsed", request.wish.file, reason=f"{request.asker}: {why}")
    await desk.trail.append(tx, None, deed)
    log.info("request_lapsed", request_id=request.request_id, why=why)
