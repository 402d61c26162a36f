"""Fines explained, confirmed, appealed against and judged, and the ledger behind them (N9, N10)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import count
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.contracts.organisation import PersonRecorded
from shared.roles import Role
from tests.integration.archive.house import Archive
from tests.integration.archive.offices import decide, post, tasks, total_of_ledger

pytestmark = pytest.mark.backend
BECAUSE = {"reason": "because"}


async def staffed(archive: Archive) -> None:
    """Wang, two of human resources, the general manager and a deputy."""
    await archive.staff(
        *(
            PersonRecorded(person=person, role=role, department="d1", manager="boss", active=True)
            for person, role in (
                ("wang", "rep"), ("hr", "hr"), ("hr-2", "hr"), ("boss", "gm"), ("deputy", "deputy_gm"),
            )
        )
    )  # fmt: skip


async def test_a_fine_goes_its_way_from_explanation_to_judgement(archive: Archive) -> None:
    """Each step is a row and an entry of the audit; what stood before the appeal stands until it is lifted."""
    await staffed(archive)
    await archive.seal(archive.unapproved(actor="wang"))
    assert await tasks(archive) == {("wang", "fine.explain"), ("hr", "fine.decide"), ("hr-2", "fine.decide")}

    answered = await post(archive, "wang", Role.REP, "/fines/N2-1/explanation", {"reason": "客户在场"})
    assert (answered.status_code, answered.json()["state"]) == (201, "answered")
    assert await tasks(archive) == {("hr", "fine.decide"), ("hr-2", "fine.decide")}

    assert (await decide(archive, "N2-1", "confirmed")).status_code == 201
    assert await total_of_ledger(archive, "wang") == "50"
    assert await tasks(archive) == {("wang", "fine.appeal")}

    appealed = await post(archive, "wang", Role.REP, "/fines/N2-1/appeal", {"reason": "有口头批准"})
    assert (appealed.status_code, appealed.json()["state"]) == (201, "appealed")
    assert await total_of_ledger(archive, "wang") == "50"
    assert await tasks(archive) == {("boss", "fine.judge"), ("deputy", "fine.judge")}
    assert (await decide(archive, "N2-1", "waived")).json()["code"] == "no_such_step"

    lifted = await post(
        archive, "boss", Role.GM, "/fines/N2-1/appeal/decisions", {"state": "lifted", "reason": "确有批准"}
    )
    assert (lifted.status_code, lifted.json()["state"]) == (201, "lifted")
    assert await total_of_ledger(archive, "wang") == "0"
    assert await tasks(archive) == set()

    async with archive.client("wang", Role.REP) as client:
        whole = (await client.get("/fines/N2-1")).json()
    assert [(step["state"], step["decided_by"]) for step in whole["steps"]] == [
        ("answered", "wang"), ("confirmed", "hr"), ("appealed", "wang"), ("lifted", "boss"),
    ]  # fmt: skip
    assert [(posting["month"], posting["due"]) for posting in whole["postings"]] == [
        ("2026-03", "50.00"), ("2026-03", "-50.00"),
    ]  # fmt: skip
    told = [(e["data"]["actor"], e["data"]["action"]) for e in await archive.sent("audit.v1")]
    assert told == [
        ("wang", "fine.answered"), ("hr", "fine.confirmed"), ("wang", "fine.appealed"), ("boss", "fine.lifted"),
    ]  # fmt: skip


async def test_an_appeal_comes_in_time_or_not_at_all(archive: Archive) -> None:
    """Seven days after the confirmation by the shipped policy; the task says until when."""
    await staffed(archive)
    await archive.seal(archive.unapproved(actor="wang"), archive.unapproved(actor="wang"))
    await decide(archive, "N2-1", "confirmed")
    await decide(archive, "N2-2", "confirmed")
    raised = [e["data"] for e in await archive.sent("archive.v1", "task.raised") if e["data"]["kind"] == "fine.appeal"]
    assert [task["due_at"] for task in raised] == ["2026-03-09T16:00:00Z"] * 2
    archive.clock.advance(timedelta(days=7))
    assert (await post(archive, "wang", Role.REP, "/fines/N2-1/appeal", BECAUSE)).status_code == 201
    archive.clock.advance(timedelta(days=1))
    assert (await post(archive, "wang", Role.REP, "/fines/N2-2/appeal", BECAUSE)).json()["code"] == "too_late"


WAYS: dict[str, tuple[str, dict[str, Any]]] = {
    "explain": ("/fines/N2-1/explanation", BECAUSE),
    "decide": ("/fines/N2-1/decisions", {"state": "confirmed", **BECAUSE}),
    "appeal": ("/fines/N2-2/appeal", BECAUSE),
    "judge": ("/fines/N2-3/appeal/decisions", {"state": "lifted", **BECAUSE}),
    "report": ("/fines", {"kind": "poor_display", "person": "wang", "evidence": {"entry": 4}, **BECAUSE}),
    "dismiss": ("/fines/gaps/5/unapproved_consulting/dismissal", BECAUSE),
    "wage": ("/wages/wang", {"amount": "1000", "from_month": "2026-01", **BECAUSE}),
    "close": ("/statements/2026-02/closing", {}),
}
REPORTERS = {Role.INSPECTOR, Role.DEPARTMENT_MANAGER, Role.MARKETING_DIRECTOR, Role.DEPUTY_GM, Role.GM}
ALLOWED: dict[str, set[Role]] = {
    "explain": set(),
    "appeal": set(),
    "decide": {Role.HR},
    "judge": {Role.GM, Role.DEPUTY_GM},
    "report": REPORTERS,
    "dismiss": {Role.HR},
    "wage": {Role.HR},
    "close": {Role.HR},
}


@pytest.mark.parametrize("way", list(WAYS))
async def test_every_door_lets_in_its_roles_and_nobody_else(archive: Archive, way: str) -> None:
    """Every role at each door, as somebody whom the fine does not concern; explaining and appealing is wang's alone."""
    await archive.seal(
        archive.unapproved(actor="wang"), archive.unapproved(actor="wang"), archive.unapproved(actor="wang"),
        archive.access(actor="wang"), archive.unapproved(event_type="file.searched", file="*", actor="li"),
    )  # fmt: skip
    await decide(archive, "N2-2", "confirmed")
    await decide(archive, "N2-3", "confirmed")
    await post(archive, "wang", Role.REP, "/fines/N2-3/appeal", BECAUSE)
    path, body = WAYS[way]
    # Whoever is refused changes nothing, so that all may try before those who are let in.
    for role in sorted(Role, key=lambda role: role in ALLOWED[way]):
        answer = await post(archive, f"some-{role}", role, path, body)
        if role not in ALLOWED[way]:
            hidden = {"explain", "appeal"}
            assert answer.status_code == (404 if way in hidden else 403), role
        elif answer.status_code != 201:
            # Somebody of another role was let in before.
            assert answer.status_code in {404, 409}, role
            assert role is not min(ALLOWED[way], key=list(Role).index), role
    if way in {"explain", "appeal"}:
        assert (await post(archive, "wang", Role.REP, path, body)).status_code == 201


async def test_nobody_has_a_hand_in_their_own_fine(archive: Archive) -> None:
    """Human resources not in theirs, a judge not in what he reported, or in his own."""
    await archive.seal(archive.access(actor="wang"), archive.unapproved(actor="boss"), archive.unapproved(actor="hr"))
    report = {"kind": "poor_display", "person": "wang", "evidence": {"entry": 1}, **BECAUSE}
    assert (await post(archive, "boss", Role.GM, "/fines", report)).status_code == 201
    for fine, fined in (("N7-1", "wang"), ("N2-2", "boss")):
        await decide(archive, fine, "confirmed")
        await post(archive, fined, Role.REP, f"/fines/{fine}/appeal", BECAUSE)
        judged = await post(archive, "boss", Role.GM, f"/fines/{fine}/appeal/decisions", {"state": "lifted", **BECAUSE})
        assert (judged.status_code, judged.json()["code"]) == (403, "own_case")
    assert (await decide(archive, "N2-3", "waived")).json()["code"] == "own_fine"
    wage = await post(archive, "hr", Role.HR, "/wages/hr", {"amount": "9000", "from_month": "2026-01", **BECAUSE})
    assert (wage.status_code, wage.json()["code"]) == (403, "own_wage")


@pytest.mark.parametrize(
    ("state", "by"),
    [
        ("confirmed", "wang"), ("waived", "wang"), ("lifted", "wang"), ("lifted", "hr"), ("upheld", "du"),
        ("appealed", "li"), ("answered", "hr"), ("confirmed", None),
    ],
)  # fmt: skip
async def test_the_database_itself_refuses_decisions_about_ones_own(
    archive: Archive, superuser: asyncpg.Connection, state: str, by: str | None
) -> None:
    """Whatever the service believes, and even for the owner of the tables."""
    await archive.seal(archive.access(actor="wang"))
    report = {"kind": "poor_display", "person": "wang", "evidence": {"entry": 1}, **BECAUSE}
    await post(archive, "du", Role.INSPECTOR, "/fines", report)
    await decide(archive, "N7-1", "confirmed")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await superuser.execute(
            "INSERT INTO fine_decisions (fine_id, step, state, decided_by, reason, decided_at)"
            " VALUES ('N7-1', 9, $1::text::fine_state, $2, '', now())",
            state,
            by,
        )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE fine_ledger SET amount = 0",
        "DELETE FROM fine_ledger",
        "TRUNCATE fine_counts",
        "UPDATE base_wages SET amount = 1",
        "DELETE FROM statements",
        "DELETE FROM fine_decisions",
        "UPDATE fines SET amount = 0",
        "INSERT INTO fine_ledger SELECT fine_id, 2, month, person, 1, amount, currency, posted_at FROM fine_ledger",
        "INSERT INTO fine_ledger SELECT fine_id, 2, month, person, -1, 0, currency, posted_at FROM fine_ledger",
        "INSERT INTO fine_ledger SELECT fine_id, 2, '2026-01-01', person, -1, amount, currency, now() FROM fine_ledger",
        "INSERT INTO statements VALUES ('2026-01-01', 'hr', now(), null)",
    ],
)
async def test_the_ledger_is_never_edited(archive: Archive, superuser: asyncpg.Connection, statement: str) -> None:
    """Not by its owner either: no posting twice, none of another sum, none into a closed month."""
    await archive.seal(archive.unapproved(actor="wang"))
    await decide(archive, "N2-1", "confirmed")
    await decide(archive, "N2-1", "waived")
    await superuser.execute("ALTER TABLE fine_ledger DISABLE TRIGGER fine_ledger_is_final")
    await superuser.execute("DELETE FROM fine_ledger WHERE sign < 0")
    await superuser.execute("ALTER TABLE fine_ledger ENABLE ALWAYS TRIGGER fine_ledger_is_final")
    await superuser.execute("INSERT INTO statements VALUES ('2026-02-01', 'hr', now(), null)")
    with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.CheckViolationError)):
        await superuser.execute(statement)


async def test_many_who_step_at_once_leave_the_ledger_consistent(archive: Archive) -> None:
    """Of a crowd of acts upon one fine each takes its turn or is refused; the sums are right."""
    await archive.seal(archive.unapproved(actor="wang"))
    crowd = [decide(archive, "N2-1", state) for state in ("confirmed", "waived", "explained") * 5]
    await asyncio.gather(*crowd)
    await assert_consistent(archive)


ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            ["explanation", "confirmed", "waived", "explained", "appeal", "upheld", "lifted", "close", "copy", "graver"]
        ),
        st.integers(1, 3),
    ),
    max_size=16,
)


@pytest.mark.slow
async def test_any_interleaving_of_acts_leaves_the_ledger_consistent(archive: Archive) -> None:
    """Explanations, decisions, corrections, appeals, closings and graver findings, in any order and some at once."""
    numbers = count()

    async def play(acts: list[tuple[str, int]]) -> None:
        base = await archive.database.fetchval("SELECT coalesce(max(seq), 0) FROM audit_entries")
        game = next(numbers)
        await archive.seal(
            *(archive.unapproved(actor="wang", event_id=f"read-{game}-{n}", file=f"C-{n}") for n in (1, 2, 3))
        )
        for first, second in zip(acts[::2], [*acts[1::2], ("explanation", 1)], strict=False):
            await asyncio.gather(act(first, base, game), act(second, base, game))
        await assert_consistent(archive)

    async def act(what: tuple[str, int], base: int, game: int) -> None:
        name, n = what
        fine = f"/fines/N2-{base + n}"
        match name:
            case "explanation" | "appeal":
                await post(archive, "wang", Role.REP, f"{fine}/{name}", BECAUSE)
            case "upheld" | "lifted":
                await post(archive, "boss", Role.GM, f"{fine}/appeal/decisions", {"state": name, **BECAUSE})
            case "close":
                archive.clock.advance(timedelta(days=31))
                month = (archive.clock.today().replace(day=1) - timedelta(days=1)).isoformat()[:7]
                await post(archive, "hr", Role.HR, f"/statements/{month}/closing", {})
            case "copy":
                cause = {"id": f"read-{game}-{n}", "source": "/tierline/customers", "type": "file.read"}
                await archive.seal(
                    archive.breach(
                        breach_id=f"copy-{game}-{n}", file=f"C-{n}", cause=cause, occurred_on=archive.clock.today()
                    )
                )
            case "graver":
                await turn_about(archive, f"read-{game}-{n}")
            case _:
                await decide(archive, f"N2-{base + n}", name)

    loop = asyncio.get_running_loop()

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(ACTS)
    def games(acts: list[tuple[str, int]]) -> None:
        asyncio.run_coroutine_threadsafe(play(acts), loop).result(60)

    await asyncio.to_thread(games)


async def turn_about(archive: Archive, event: str) -> None:
    """Let the fine for a copy fall, where one was found, or stand again where it has fallen."""
    query = "SELECT fine_id, state FROM fine_standings WHERE kind = 'unapproved_copy' AND fact LIKE '%' || $1"
    for fine_id, state in await archive.rows(query, event):
        await decide(archive, fine_id, "confirmed" if state == "waived" else "waived")


async def assert_consistent(archive: Archive) -> None:
    """Of each fine the postings sum up to what stands; no fact is fined twice; closed months hold what they held."""
    wrong = await archive.rows(
        "SELECT s.fine_id FROM fine_standings AS s LEFT JOIN fine_ledger AS l USING (fine_id)"
        " GROUP BY s.fine_id, s.state, s.amount"
        " HAVING coalesce(sum(l.sign * l.amount), 0) <> CASE WHEN s.state IN ('confirmed', 'appealed', 'upheld')"
        " THEN s.amount ELSE 0 END"
    )
    assert wrong == []
    twice = await archive.rows(
        "SELECT person, fact FROM fine_standings WHERE state NOT IN ('replaced', 'explained', 'waived', 'lifted')"
        " GROUP BY person, fact HAVING count(*) > 1"
    )
    assert twice == []
    forgotten = await archive.rows(
        "SELECT person, fact FROM fine_standings GROUP BY person, fact HAVING bool_or(state = 'replaced')"
        " AND bool_and(state IN ('replaced', 'explained', 'waived', 'lifted'))"
    )
    assert forgotten == []
    late = await archive.rows(
        "SELECT l.fine_id FROM fine_ledger AS l JOIN statements AS s ON l.month <= s.month"
        " WHERE l.posted_at > s.closed_at"
    )
    assert late == []


async def test_a_fine_is_replaced_while_human_resources_decide_about_it(
    archive: Archive, superuser: asyncpg.Connection
) -> None:
    """The sealer finds a copy while the reading is being confirmed: it waits, and reverses what then stands."""
    await archive.seal(archive.unapproved(event_type="file.exported", event_id="export-1", actor="wang"))
    cause = {"id": "export-1", "source": "/tierline/customers", "type": "file.exported"}
    async with superuser.transaction():
        await superuser.execute("SELECT pg_advisory_xact_lock(7460871941)")
        sealing = asyncio.create_task(archive.seal(archive.breach(cause=cause)))
        waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        async with asyncio.timeout(20):
            while not await superuser.fetchval(waiting):
                await asyncio.sleep(0.01)
        await superuser.execute(
            "INSERT INTO fine_decisions (fine_id, step, state, decided_by, reason, decided_at)"
            " VALUES ('N2-1', 1, 'confirmed', 'hr', '核实', now())"
        )
        await superuser.execute(
            "INSERT INTO fine_ledger (fine_id, step, month, person, sign, amount, currency, posted_at)"
            " VALUES ('N2-1', 1, '2026-03-01', 'wang', 1, 50, 'CNY', now())"
        )
    async with asyncio.timeout(20):
        assert (await sealing).refused == 0
    states = await archive.rows("SELECT fine_id, state FROM fine_standings ORDER BY fine_id")
    assert [tuple(row) for row in states] == [("N2-1", "replaced"), ("N4-2", "proposed")]
    assert await total_of_ledger(archive, "wang") == "0"
