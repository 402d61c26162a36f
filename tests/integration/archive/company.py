"""A company that consults its files: who is who, one customer's file, one record of each rank."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx

from services.archive.domain.people import Person
from shared.contracts.organisation import PersonRecorded
from shared.roles import Role
from tests.integration.archive.house import NOW, Archive

PEOPLE = (
    ("boss", "gm", None, None),
    ("fu", "deputy_gm", None, "boss"),
    ("he", "gm_office_head", None, "boss"),
    ("mei", "marketing_director", None, "fu"),
    ("meng", "department_manager", "d1", "mei"),
    ("bao", "department_manager", "d2", "mei"),
    ("li", "rep", "d1", "meng"),
    ("qi", "rep", "d2", "bao"),
    ("an", "archivist", None, "he"),
    ("du", "inspector", None, "boss"),
    ("lone", "rep", "d2", None),
)
CUSTOMER = "customer:C-1"
"""A personal file of d1, kept by rep-7, who is li."""

ROLES = {name: Role(role) for name, role, *_ in PEOPLE}


async def staff(archive: Archive) -> None:
    """Record everybody, and the customer's file."""
    await archive.staff(
        *(
            PersonRecorded(
                person=name, role=role, department=department, manager=manager, active=True,
                rep_code="rep-7" if name == "li" else None,
            )
            for name, role, department, manager in PEOPLE
        )
    )  # fmt: skip
    await archive.seal(archive.amended())


async def file_records(archive: Archive, dsn_rows: Any) -> None:
    """A record of each rank, R-top_secret … R-unclassified, filed by the archivist."""
    for rank in ("top_secret", "secret", "confidential", "unclassified"):
        await dsn_rows.execute(
            "INSERT INTO records (record, title, rank, department, record_class, filed_by, filed_at)"
            " VALUES ($1, 'Minutes', $2, 'd1', 'minutes', 'an', $3)",
            f"R-{rank}", rank, NOW,
        )  # fmt: skip


def wish(file: str = CUSTOMER, **changed: Any) -> dict[str, Any]:
    """A request's body: to see the trading part until tomorrow."""
    body = {"file": file, "sections": ["*"], "why": "报价", "until": (NOW + timedelta(days=1)).isoformat()}
    return body | changed


async def call(archive: Archive, person: str, method: str, path: str, body: Any = None) -> httpx.Response:
    """Somebody of the company at the desk."""
    async with archive.client(person, ROLES.get(person, Role.REP)) as client:
        return await client.request(method, path, json=body)


async def decide(
    archive: Archive, person: str, request_id: str, decision: str = "approve", **more: Any
) -> httpx.Response:
    """Somebody takes a step."""
    body = {"decision": decision, "reason": "同意"} | more
    return await call(archive, person, "POST", f"/requests/{request_id}/decisions", body)


async def ask(archive: Archive, person: str, **changed: Any) -> dict[str, Any]:
    """Somebody asks, lawfully."""
    answer = await call(archive, person, "POST", "/requests", wish(**changed))
    assert answer.status_code == 201, answer.text
    asked: dict[str, Any] = answer.json()
    return asked


async def grant(archive: Archive, person: str = "qi", **changed: Any) -> dict[str, Any]:
    """A request that went all its way: the last step's grant."""
    asked = await ask(archive, person, **changed)
    request_id = asked["request_id"]
    while True:
        async with archive.database.transaction() as tx:
            standing = (await archive.consulting.office.requests.find(tx, [request_id]))[request_id]
            if standing.step is None:
                break
            bench = await archive.consulting.office.bench(tx, standing.request.steps, [person], archive.in_force.policy)
        step = standing.step
        able = bench.deciders(step, person, standing.request.subject, standing.barred(step))
        answer = await decide(archive, able[0].person, request_id)
        assert answer.status_code == 201, answer.text
    granted = await call(archive, person, "GET", "/grants")
    found: dict[str, Any] = granted.json()["items"][0]
    return found


def someone(person: str) -> Person:
    """Somebody of the company as the rules see them."""
    name, role, department, manager = next(row for row in PEOPLE if row[0] == person)
    return Person(name, role, department, manager, active=True, as_of=NOW)
