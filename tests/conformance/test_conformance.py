"""Whatever anybody sends that OpenAPI describes, or almost: the answer is one that OpenAPI describes."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from tests.authorization import archive, archive_fines, customers, followup, scoring, tables
from tests.authorization.company import ASKERS, ELSEWHERE, HOME, Somebody
from tests.conformance.strangers import Strangers

pytestmark = [pytest.mark.backend, pytest.mark.slow, pytest.mark.timeout(600)]

EXAMPLES = 100  # of each route
PEOPLE = {"person": ("rep", "li", "far", "hr", "nobody"), "department": (HOME, ELSEWHERE)}


async def test_archive_answers_as_it_says(archive_world: archive.World) -> None:
    """By tokens of several roles, on real tables: no fault of ours, and nothing that is not described."""
    world = archive_world
    request = await world.request("consent")
    granted = await world.grant()
    known = {
        **PEOPLE,
        "record_id": (*world.pieces, "none"), "attachment_id": tuple(world.pieces.values()),
        "file": ("customer:C-far", "customer:C-own", "record:unclassified-d1", "record:secret-d1"),
        "request_id": (request,), "request": (request,), "grant_id": (granted,), "month": (archive_fines.MONTH,),
        "fine_id": (await world.fine_of("rep"), await world.fine_of("far")), "backup": ("b-1",),
        "section": ("text",), "class": ("contracts",), "kind": ("unapproved_copy", "lateness"),
    }  # fmt: skip
    await hold(
        Strangers(
            world.doors,
            list(ASKERS.values()),
            let_in("archive", "records"),
            known,
            asyncio.get_running_loop(),
            EXAMPLES,
        )
    )


async def test_customers_answers_as_it_says(customers_world: customers.World) -> None:
    """By tokens of several roles, on real tables: no fault of ours, and nothing that is not described."""
    ids = tuple(f"{tier}-{relation}" for tier in customers.TIERS for relation in customers.RELATIONS)
    known = {**PEOPLE, "customer_id": ids, "inquiry_id": ("I-personal-own",)}
    await hold(
        Strangers(
            customers_world.doors, list(ASKERS.values()), let_in("customers", "files"), known,
            asyncio.get_running_loop(), EXAMPLES,
        )
    )  # fmt: skip


async def test_followup_answers_as_it_says(followup_world: followup.World) -> None:
    """By tokens of several roles, on real tables: no fault of ours, and nothing that is not described."""
    names = followup_world.names
    known = {
        **PEOPLE,
        "reminder_id": tuple(name for key, name in names.items() if key.startswith("reminder")),
        "feed_id": tuple(name for key, name in names.items() if key.startswith("feed")),
        "customer_id": tuple(f"C-{whose}" for whose in followup.KEPT), "rep": PEOPLE["person"], "to": ("li", "wei"),
        "week": (followup.WEEK,), "month": ("2026-03",), "lang": ("zh", "en"), "channel": ("robot", "wecom"),
    }  # fmt: skip
    await hold(
        Strangers(
            followup_world.doors, list(ASKERS.values()), let_in("followup"), known, asyncio.get_running_loop(),
            EXAMPLES,
        )
    )  # fmt: skip


async def test_scoring_answers_as_it_says(scoring_world: scoring.World) -> None:
    """By tokens of several roles, on real tables: no fault of ours, and nothing that is not described."""
    known = {
        **PEOPLE,
        "customer_id": (*(f"C-{whose}" for whose in scoring.KEPT), *(f"L-{whose}" for whose in scoring.KEPT), "P-1"),
        "rep": ("rep-1", "rep-3"), "resource": ("trial_pack",), "version": ("1", "second"), "lang": ("zh", "en"),
        "written": (scoring.written("strangers'"),),
    }  # fmt: skip
    await hold(
        Strangers(
            scoring_world.doors, list(ASKERS.values()), let_in("scoring"), known, asyncio.get_running_loop(), EXAMPLES
        )
    )


def let_in(*names: str) -> dict[str, list[Somebody]]:
    """Whom each route does something for, in some line of the tables of rights."""
    found: dict[str, list[Somebody]] = {}
    for line in (line for name in names for line in tables.lines(name)):
        insiders = found.setdefault(line.what, [])
        insiders += [ASKERS[role] for role in tables.ROLES if line.answers[role].isdigit()]
    return found


async def hold(strangers: Strangers) -> None:
    """Ask from a thread: hypothesis knows no coroutines."""
    with capture_logs():
        faults = await asyncio.to_thread(strangers.ask_everything)
    assert not faults, "\n\n".join(faults)
    # Nothing but refusals would prove little.
    assert strangers.answered.get(200, 0) > 0
