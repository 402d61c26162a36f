"""Which step of an overdue reminder is due when, and whom it goes to."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.followup.domain.escalation import NEVER, Ladder, Look, Organisation, Overdue
from services.followup.domain.people import Person
from shared.contracts.reminders import UNASSIGNED, Rung
from shared.policy import load_policy
from shared.policy.escalation import Escalation
from shared.working_time import DAY, WorkingTime

POLICY = load_policy()
RULE = WorkingTime(POLICY)
MONDAY = date(2026, 3, 2)
TEAM = Organisation.of(
    [
        Person("ann", "field", "rep-1", role="rep", manager="mia"),
        Person("bob", "field", "rep-2", role="rep", manager="gone"),
        Person("cat", "field", None, role="rep"),
        Person("dan", "shop", None, role="rep"),
        Person("eve", None, None, role="rep", manager="fay"),
        Person("fay", None, None, role="rep", manager="eve"),
        Person("mia", "field", None, role="department_manager", manager="boss"),
        Person("gone", "field", None, active=False, role="department_manager", manager="boss"),
        Person("boss", None, None, role="gm"),
    ]
)


def overdue(rep: str = "rep-1", due_on: date = MONDAY, department: str | None = None, **said: object) -> Overdue:
    known = Overdue(
        "r-1", "C-1", rep, department, "contact", "key", due_on, rep, answered=False, taken=frozenset(), trace=""
    )
    return known._replace(**said)  # type: ignore[arg-type]


def look(reminder: Overdue, team: Organisation, away: Collection[date], today: date) -> Look:
    return Ladder(POLICY.escalation, team, RULE, today).look(reminder, away)


def roles(today: date, reminder: Overdue, away: frozenset[date] = frozenset()) -> list[tuple[str, str | None]]:
    return [(step.to_role, step.to) for step in look(reminder, TEAM, away, today).steps]


def test_steps_come_on_the_third_fifth_and_seventh_working_day() -> None:
    """Due on a Monday: Thursday, Saturday, and over the Sunday Tuesday."""
    taken: frozenset[Rung] = frozenset()
    came = {}
    day = MONDAY
    for _ in range(14):
        found = look(overdue(taken=taken), TEAM, (), day)
        for step in found.steps:
            came[step.to_role] = (day, step.step, step.to, step.days)
            taken |= {step.to_role}
        day += DAY
    assert came == {
        "rep": (date(2026, 3, 5), 1, "rep-1", 3),
        "manager": (date(2026, 3, 7), 2, "mia", 5),
        "reassignment": (date(2026, 3, 10), 3, None, 7),
    }


def test_after_an_outage_every_step_is_taken_once_and_in_order() -> None:
    """Nobody looked for a month: each step is an event, whoever looks when."""
    found = look(overdue(), TEAM, (), MONDAY + timedelta(days=30))
    assert [(step.to_role, step.step) for step in found.steps] == [("rep", 1), ("manager", 2), ("reassignment", 3)]
    assert found.again_on == NEVER


@given(st.lists(st.integers(0, 40), min_size=1, max_size=15), st.sets(st.integers(0, 30), max_size=10))
def test_however_often_and_in_whichever_order_one_looks_the_same_steps_are_taken(
    looks: list[int], away_after: set[int]
) -> None:
    """A clock that jumps back repeats nothing; the last day looked at decides, and leave only puts off."""
    away = frozenset(MONDAY + n * DAY for n in away_after)
    taken: list[str] = []
    for after in looks:
        found = look(overdue(taken=frozenset(taken)), TEAM, away, MONDAY + after * DAY)
        taken += [step.to_role for step in found.steps]
        assert found.again_on > MONDAY + after * DAY
    assert len(taken) == len(set(taken))
    farthest = MONDAY + max(looks) * DAY
    assert taken == [role for role, _ in roles(farthest, overdue(), away)]
    without_leave = [role for role, _ in roles(farthest, overdue())]
    assert taken == without_leave[: len(taken)]


@given(st.integers(0, 400), st.sets(st.integers(0, 60), max_size=20))
def test_the_day_to_look_again_is_the_day_of_the_next_step(after: int, away_after: set[int]) -> None:
    """The day before it nothing is due, on it something is: no look is missed, and none is for nothing."""
    start = MONDAY + after * DAY
    away = frozenset(start + n * DAY for n in away_after)
    reminder = overdue(due_on=RULE.on_or_after(start))
    taken: frozenset[Rung] = frozenset()
    today = reminder.due_on
    rungs: tuple[Rung, ...] = ("rep", "manager", "reassignment")
    for expected in rungs:
        again_on = look(reminder._replace(taken=taken), TEAM, away, today).again_on
        assert look(reminder._replace(taken=taken), TEAM, away, again_on - DAY).steps == ()
        steps = look(reminder._replace(taken=taken), TEAM, away, again_on).steps
        assert [step.to_role for step in steps] == [expected]
        taken |= {expected}
        today = again_on


def test_leave_does_not_count() -> None:
    """A rep who was away all week is reminded after three days of work."""
    away = frozenset(MONDAY + n * DAY for n in range(1, 6))
    assert roles(date(2026, 3, 5), overdue(), away) == []
    assert roles(date(2026, 3, 11), overdue(), away) == [("rep", "rep-1")]


@pytest.mark.parametrize(
    ("rep", "department", "expected"),
    [
        ("rep-1", None, "mia"),  # the manager of the person whose code it is
        ("bob", None, "boss"),  # the manager left: next up
        ("cat", None, "mia"),  # no manager is recorded: the department's
        ("dan", None, None),  # nor has the department one
        ("eve", None, "fay"),  # each other's manager: no loop
        ("stranger", "field", "mia"),  # whom nobody told us of, by the customer's department
        (UNASSIGNED, "field", "mia"),
        (UNASSIGNED, None, None),
        ("mia", None, "boss"),  # nobody is their own manager
    ],
)
def test_who_is_asked_next(rep: str, department: str | None, expected: str | None) -> None:
    """The nearest manager who works here."""
    assert TEAM.superior(rep, department) == expected


def test_a_manager_on_leave_is_passed_over_unless_all_are() -> None:
    """Next up, and the nearest again where nobody is there."""
    people = list(TEAM.people.values())
    assert Organisation.of(people, {"mia"}).superior("rep-1", None) == "boss"
    assert Organisation.of(people, {"mia", "boss"}).superior("rep-1", None) == "mia"


def test_without_a_manager_it_is_listed_at_the_managers_step() -> None:
    """And not a second time at its own."""
    later = MONDAY + timedelta(days=30)
    steps = look(overdue("dan"), TEAM, (), later).steps
    assert [(step.to_role, step.to, step.step) for step in steps] == [("rep", "dan", 1), ("reassignment", None, 2)]
    assert "未找到主管" in steps[1].words.zh
    assert "no manager was found" in steps[1].words.en


def test_a_manager_who_leaves_afterwards_lists_nothing_ahead_of_its_day() -> None:
    """The manager's step was taken; that there is no manager any more does not make it the list's."""
    reminder = overdue("dan", taken=frozenset({"rep", "manager"}))
    assert look(reminder, TEAM, (), date(2026, 3, 9)).steps == ()
    assert [step.to_role for step in look(reminder, TEAM, (), date(2026, 3, 10)).steps] == ["reassignment"]


def test_nobody_is_reminded_where_there_is_nobody() -> None:
    """A customer without a rep, or of one who left, goes to the manager at once when that step comes."""
    gone = Organisation.of(
        [Person("zed", "field", None, active=False, role="rep", manager="mia"), *TEAM.people.values()]
    )
    later = MONDAY + timedelta(days=5)
    for rep in ("zed", UNASSIGNED):
        steps = look(overdue(rep, department="field"), gone, (), later).steps
        assert [(step.to_role, step.to) for step in steps] == [("manager", "mia")]


def test_what_is_answered_waits() -> None:
    """The rep reported the contact; it is on its way round."""
    found = look(overdue(answered=True), TEAM, (), MONDAY + timedelta(days=30))
    assert (found.steps, found.again_on) == ((), date(2026, 4, 2))


def test_kinds_and_levels_have_steps_of_their_own() -> None:
    """F5: a customer without potential is never reassigned for a mail; P2, F6: and nobody for a file or a greeting."""
    assert [step.to for step in POLICY.escalation.of("contact", "none")] == ["rep"]
    assert [step.to for step in POLICY.escalation.of("file", "none")] == ["rep", "manager"]
    assert POLICY.escalation.of("greeting", "high") == ()
    assert POLICY.escalation.of("purchase", "key") == POLICY.escalation.steps
    later = MONDAY + timedelta(days=30)
    assert Ladder(Escalation(steps=(), kinds={}, levels={}), TEAM, RULE, later).look(overdue()).again_on == NEVER
