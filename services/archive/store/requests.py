"""Rows of requests: what was asked, the chain, the decisions, the end."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from services.archive.domain.requests import Decision, Ended, Request, Standing, Wish
from services.archive.domain.steps import Step, Subject
from services.archive.ports.requests import RequestFilters
from services.archive.store.queries import SQL
from shared.engine.model import Transaction
from shared.roles import Role


class RequestStore:
    """Implements `RequestBook` in tables that are only added to."""

    async def lock(self, tx: Transaction, request_id: str) -> None:
        await tx.execute(SQL["lock_request"], request_id)

    async def add(self, tx: Transaction, request: Request) -> None:
        wish, subject = request.wish, request.subject
        await tx.execute(
            SQL["insert_request"],
            request.request_id,
            request.asker,
            request.asker_role,
            request.asker_department,
            wish.file,
            subject.tier,
            subject.rank,
            subject.department,
            list(subject.sections),
            wish.copy_allowed,
            wish.original,
            wish.purpose,
            wish.not_before,
            wish.until,
            request.asked_at,
            request.policy_version,
        )
        for step in request.steps:
            await tx.execute(
                SQL["insert_step"], request.request_id, step.number, step.act, list(step.roles), step.department
            )

    async def add_decision(self, tx: Transaction, request: Request, decision: Decision) -> bool:
        step = await tx.fetchval(
            SQL["insert_request_decision"],
            request.request_id,
            decision.step,
            request.asker,
            decision.approved,
            decision.decided_by,
            decision.on_behalf_of,
            decision.delegation_id,
            decision.reason,
            decision.decided_at,
            decision.way,
        )
        return step is not None

    async def end(self, tx: Transaction, request_id: str, ended: Ended) -> bool:
        ended_now = await tx.fetchval(SQL["insert_end"], request_id, ended.end, ended.by, ended.reason, ended.at)
        return ended_now is not None

    async def find(self, tx: Transaction, request_ids: Collection[str]) -> Mapping[str, Standing]:
        ids = list(request_ids)
        rows = await tx.fetch(SQL["find_requests"], ids)
        if not rows:
            return {}
        steps = by_request(await tx.fetch(SQL["find_steps"], ids), as_step)
        decisions = by_request(await tx.fetch(SQL["find_request_decisions"], ids), lambda fields: Decision(*fields))
        ends = by_request(await tx.fetch(SQL["find_ends"], ids), lambda fields: Ended(*fields))
        return {
            row["request_id"]: Standing(
                as_request(row, tuple(steps[row["request_id"]])),
                tuple(decisions.get(row["request_id"], ())),
                next(iter(ends.get(row["request_id"], ())), None),
            )
            for row in rows
        }

    async def page(self, tx: Transaction, filters: RequestFilters, limit: int) -> Sequence[Standing]:
        at, request_id = filters.after or (None, None)
        rows = await tx.fetch(
            SQL["page_requests"],
            filters.asker,
            filters.decided_by,
            filters.waits_for,
            filters.state,
            at,
            request_id,
            limit,
        )
        ids = [row["request_id"] for row in rows]
        found = await self.find(tx, ids)
        return [found[request_id] for request_id in ids]

    async def waiting(self, tx: Transaction, after: str, limit: int) -> Sequence[str]:
        return [row["request_id"] for row in await tx.fetch(SQL["list_open_requests"], after, limit)]

    async def waiting_for(self, tx: Transaction, file: str) -> Sequence[str]:
        return [row["request_id"] for row in await tx.fetch(SQL["list_open_requests_for"], file)]


def by_request(rows: Sequence[Any], make: Any) -> dict[str, list[Any]]:
    """Rows as types, by the request that stands first in each."""
    made: dict[str, list[Any]] = {}
    for request_id, *fields in rows:
        made.setdefault(request_id, []).append(make(fields))
    return made


def as_step(fields: Sequence[Any]) -> Step:
    number, act, roles, department = fields
    return Step(number, act, tuple(Role(role) for role in roles), department)


def as_request(row: Any, steps: tuple[Step, ...]) -> Request:
    sections = tuple(row["sections"])
    return Request(
        request_id=row["request_id"],
        asker=row["asker"],
        asker_role=row["asker_role"],
        asker_department=row["asker_department"],
        wish=Wish(
            row["file"],
            sections,
            row["copy_allowed"],
            row["original"],
            row["purpose"],
            row["not_before"],
            row["until"],
        ),
        subject=Subject(row["file"], row["tier"], row["rank"], row["file_department"], sections),
        steps=steps,
        asked_at=row["asked_at"],
        policy_version=row["policy_version"],
    )
