"""A rep's day holds what it can; nothing is lost, nothing comes too late (F1–F4, F8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import combinations_with_replacement
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from services.followup.domain.cadence import Pace
from services.followup.domain.due import Due
from services.followup.domain.levelling import Levelled, Load, RepDays, Rules, level, put_off, waits
from services.followup.domain.outlook import Begun, Outlook
from services.followup.domain.reminders import issue
from services.followup.domain.schedule import Line, Schedule
from tests.unit.followup.strategies import DAY, LEVELS, POLICY, TODAY, known, planned, standing

RULES = Rules.of(POLICY)
LEVELLING = RULES.levelling
LAST = TODAY + 45 * DAY


def works(day: date) -> bool:
    return day.weekday() != 6


@st.composite
def loads(draw: st.DrawFn, *, longest: int = 60, most: int = 30) -> list[Load]:
    """Customers whose contacts fall into the same few weeks."""
    found = []
    for number in range(draw(st.integers(0, most))):
        due_on = TODAY + draw(st.integers(-3, 20)) * DAY
        first_on = next(day for n in range(8) if works(day := due_on + n * DAY))
        latest_on = first_on + draw(st.integers(0, 8)) * DAY
        while not works(latest_on):
            latest_on -= DAY
        interval = draw(st.sampled_from([1, 7, 30, 180]))
        found.append(
            Load(
                f"C-{number}",
                draw(st.integers(1, longest)),
                draw(st.integers(1, 3)),
                first_on,
                latest_on,
                due_on,
                interval,
            )
        )
    return found


leaves = st.frozensets(st.integers(0, 25).map(lambda n: TODAY + n * DAY), max_size=8)


@dataclass
class Month:
    """Day after day as dispatch goes about it: what waits is looked at anew on the day to which it was put off."""

    days: RepDays
    capacity: int
    given_on: dict[str, date] = field(default_factory=dict)
    minutes: dict[date, int] = field(default_factory=dict)
    by_day: dict[date, Levelled] = field(default_factory=dict)

    def run(self, all_of_them: Sequence[Load]) -> Month:
        planned_on = {load.customer_id: load.first_on for load in all_of_them}
        by_id = {load.customer_id: load for load in all_of_them}
        day = TODAY - 4 * DAY
        while planned_on:
            if self.days.works(day):
                waiting = [by_id[one] for one, on in planned_on.items() if on <= day]
                room = 0 if day in self.days.off else self.capacity
                levelled = self.by_day[day] = level(waiting, day, room, self.days)
                for load in levelled.taken:
                    assert self.given_on.setdefault(load.customer_id, day) == day
                    del planned_on[load.customer_id]
                self.minutes[day] = sum(load.minutes for load in levelled.taken)
                planned_on.update(levelled.later)
            day += DAY
        return self


@given(loads(), leaves, st.integers(0, 120))
def test_nothing_is_lost_and_nothing_comes_too_early_or_too_late(
    all_of_them: list[Load], off: frozenset[date], capacity: int
) -> None:
    """Each customer once, between its first and its last working day."""
    given_on = Month(RepDays(works, off), capacity).run(all_of_them).given_on
    assert given_on.keys() == {load.customer_id for load in all_of_them}
    for load in all_of_them:
        assert load.first_on <= given_on[load.customer_id] <= load.latest_on


@given(loads(), leaves, st.integers(0, 120))
def test_a_day_is_overfull_only_of_what_cannot_wait(
    all_of_them: list[Load], off: frozenset[date], capacity: int
) -> None:
    """Whatever such a day took, there was no later day for it on which the rep works."""
    days = RepDays(works, off)
    month = Month(days, capacity).run(all_of_them)
    for day, levelled in month.by_day.items():
        held = 0 if day in off else capacity
        assert levelled.over == max(0, month.minutes[day] - held)
        if levelled.over:
            assert all(days.last_chance(load) == day for load in levelled.taken)


@given(loads(longest=1, most=16), leaves, st.integers(0, 4))
def test_of_equal_contacts_no_other_plan_would_have_spared_a_day(
    all_of_them: list[Load], off: frozenset[date], capacity: int
) -> None:
    """A day is overfull exactly when some stretch of days is owed more contacts than it can hold (Hall)."""
    days = RepDays(works, off)
    month = Month(days, capacity).run(all_of_them)
    bounds = {load.customer_id: (load.first_on, days.last_chance(load)) for load in all_of_them}
    edges = sorted({day for pair in bounds.values() for day in pair})
    impossible = any(
        sum(first <= begin_on and end_on <= last for begin_on, end_on in bounds.values())
        > capacity * sum(1 for _ in days.between(first, last))
        for first, last in combinations_with_replacement(edges, 2)
    )
    assert any(levelled.over for levelled in month.by_day.values()) == impossible


@given(loads(), leaves, st.integers(0, 120), st.randoms(use_true_random=False))
def test_the_order_in_which_they_are_found_does_not_matter(
    all_of_them: list[Load], off: frozenset[date], capacity: int, chance: Random
) -> None:
    """Rows come as the database likes."""
    shuffled = chance.sample(all_of_them, len(all_of_them))
    days = RepDays(works, off)
    assert Month(days, capacity).run(shuffled).given_on == Month(days, capacity).run(all_of_them).given_on


@given(loads(), st.integers(0, 120), st.data())
def test_who_has_issued_a_part_already_does_not_matter(
    all_of_them: list[Load], capacity: int, data: st.DataObject
) -> None:
    """A dispatcher died in the middle: with what is left and what was issued, another decides the same."""
    days, day = RepDays(works), TODAY + 4 * DAY
    waiting = [load for load in all_of_them if load.first_on <= day]
    whole = level(waiting, day, capacity, days)
    issued = data.draw(st.sets(st.sampled_from(whole.taken)) if whole.taken else st.just(set()))
    rest = level(
        [load for load in waiting if load not in issued], day, capacity - sum(load.minutes for load in issued), days
    )
    assert issued | set(rest.taken) == set(whole.taken)
    assert (rest.later, rest.over) == (whole.later, whole.over)


@given(loads(longest=1), st.integers(1, 5), st.data())
def test_one_more_customer_moves_at_most_one_other_a_day(
    all_of_them: list[Load], capacity: int, data: st.DataObject
) -> None:
    """Of equal contacts the newcomer puts off one, which may put off another, and so on: no plan is thrown over."""
    [more] = data.draw(loads(longest=1, most=1).filter(len))
    newcomer = more._replace(customer_id="new")
    before = Month(RepDays(works), capacity).run(all_of_them).given_on
    after = Month(RepDays(works), capacity).run([*all_of_them, newcomer]).given_on
    for day in set(before.values()):
        assert sum(1 for one, on in before.items() if on == day and after[one] != day) <= 1


def test_who_comes_first() -> None:
    """The earliest last day, the greater weight, the later in terms of its interval, the id's bytes."""
    load = Load("b", 10, 2, TODAY, TODAY + 3 * DAY, TODAY, 30)
    urgent = load._replace(customer_id="z", latest_on=TODAY + DAY, weight=1)
    valued = load._replace(customer_id="y", weight=3)
    late = load._replace(customer_id="x", interval=7, due_on=TODAY - DAY)
    other = load._replace(customer_id="é")
    order = [urgent, valued, late, load, other]
    for room in range(0, 60, 10):
        taken = level(reversed(order), TODAY, room, RepDays(works)).taken
        assert taken == order[: room // 10]


def test_what_does_not_fit_makes_way_for_what_does() -> None:
    """Half an hour is not left, five minutes are."""
    long = Load("long", 30, 3, TODAY, TODAY + 3 * DAY, TODAY, 30)
    short = long._replace(customer_id="short", minutes=5, weight=1)
    levelled = level([long, short], TODAY, 20, RepDays(works))
    assert levelled == ([short], {"long": TODAY + DAY}, 0)


def test_on_leave_only_what_cannot_wait_until_the_rep_is_back() -> None:
    """What could have waited for the rep's return does; the other goes out on its last day, which may be a day off."""
    off = frozenset({TODAY, TODAY + DAY})
    back = Load("back", 10, 3, TODAY, TODAY + 2 * DAY, TODAY, 30)
    gone = back._replace(customer_id="gone", latest_on=TODAY + DAY)
    days = RepDays(works, off)
    assert level([back, gone], TODAY, 0, days).later == {"back": TODAY + 2 * DAY, "gone": TODAY + DAY}
    assert level([back, gone], TODAY + DAY, 0, days) == ([gone], {"back": TODAY + 2 * DAY}, 10)


def test_before_a_leave_is_the_last_chance() -> None:
    """A contact that may wait until Thursday is due on Tuesday, when the rep is away from Wednesday on."""
    away = frozenset(TODAY + n * DAY for n in range(2, 9))
    load = Load("C-1", 10, 3, TODAY, TODAY + 3 * DAY, TODAY, 30)
    assert level([load], TODAY + DAY, 0, RepDays(works, away)).taken == [load]


def test_how_far_each_line_may_slip() -> None:
    """A daily contact not at all, a monthly one six days, the half-yearly ten; over a Sunday never further."""
    paces = {pace.line: pace for level_ in RULES.paces.by_level.values() for pace in level_}
    paces |= {pace.line: pace for phase in RULES.paces.by_phase.values() for pace in phase}
    monday = TODAY
    slips = {line: (LEVELLING.latest_on(due(pace, monday)) - monday).days for line, pace in paces.items()}
    assert slips == {
        "F1": 5,  # the sixth day is a Sunday
        "F1.purchase": 1,
        "F2.confirming": 0,
        "F2.delivered": 0,
        "F2.reminding": 1,
        "F2.quiet": 5,
        "F3": 10,
        "F4": 10,
        "F5": 10,
    }
    sunday = monday - DAY
    assert LEVELLING.latest_on(due(paces["F2.confirming"], sunday)) == monday
    assert LEVELLING.load_of(due_schedule(sunday), RULES.paces, monday) == Load(
        "C-1", 8, 3, monday, monday + 5 * DAY, sunday, 30
    )


def test_a_date_that_the_customer_asked_for_does_not_slip() -> None:
    """F7: the rep has promised it."""
    pace = RULES.paces.by_level["contract", "key"][0]
    assert LEVELLING.latest_on(due(pace, TODAY, wished_on=TODAY)) == TODAY
    assert LEVELLING.latest_on(due(pace, TODAY, wished_on=TODAY - 30 * DAY)) > TODAY


def test_a_customer_costs_its_contacts_of_the_day_together() -> None:
    """F2: where a reminding mail takes the place of the ordinary one, only it takes time."""
    sample = planned(
        known(sample=("delivered", TODAY - 12 * DAY), contacted_on=TODAY - 6 * DAY),
        standing("sample", "asia_africa"),
        today=TODAY - 6 * DAY,
    )
    assert {name for name, line in sample.lines.items() if line.due_on and line.due_on <= TODAY} == {
        "F2.delivered",
        "F2.reminding",
    }
    load = LEVELLING.load_of(sample, RULES.paces, TODAY)
    assert load is not None
    assert (load.minutes, load.weight, load.due_on) == (3, 4, TODAY - 4 * DAY)


def test_what_is_put_off_waits_no_more_that_day() -> None:
    """And is due again on the day that it was put off to; a new date forgets it."""
    schedule = put_off(due_schedule(TODAY), TODAY, TODAY + 2 * DAY)
    assert [waits(schedule, TODAY + n * DAY) for n in range(3)] == [False, False, True]
    later, _ = issue(schedule, RULES.paces, TODAY + 2 * DAY)
    assert {line.planned_on for line in later.lines.values()} == {None}


def test_the_month_ahead_is_what_dispatch_would_do() -> None:
    """A hundred customers of all levels, foreseen and then dispatched day by day: the same minutes each day."""
    chance = Random(7)  # noqa: S311 - the same customers each time
    company: dict[str, Schedule] = {}
    for number in range(100):
        name, (kind, rank) = f"C-{number}", chance.choice(LEVELS)
        phase = ("delivered", TODAY - chance.randrange(20) * DAY) if kind == "sample" else None
        ordered = TODAY - chance.randrange(200) * DAY if kind == "contract" else None
        facts = known(sample=phase, last_order_on=ordered, orders=1 if ordered else 0)  # type: ignore[arg-type]
        company[name] = planned(facts, standing(kind, rank, since=TODAY), customer_id=name)
    capacity, off = 30, frozenset({TODAY + 3 * DAY, TODAY + 4 * DAY})
    begun = Begun(2, 9, 5)
    forecast = list(Outlook(RULES, TODAY, LAST).of(company.values(), capacity, off, begun))

    days, held, spent = LEVELLING.days_of(off), dict[date, tuple[int, int]](), begun.minutes + begun.done
    for slot in [row.day for row in forecast]:
        found = [
            load
            for schedule in company.values()
            if waits(schedule, slot) and (load := LEVELLING.load_of(schedule, RULES.paces, slot)) is not None
        ]
        levelled = level(found, slot, 0 if slot in off else capacity - spent, days)
        minutes = 0
        for load in levelled.taken:
            company[load.customer_id], reminders = issue(company[load.customer_id], RULES.paces, slot)
            minutes += sum(reminder.minutes for reminder in reminders)
        for name, until in levelled.later.items():
            company[name] = put_off(company[name], slot, until)
        held[slot], spent = (minutes, levelled.over), 0
    first, *rest = forecast
    assert (first.minutes - begun.minutes, first.over) == held[first.day]
    assert [(row.day, row.minutes, row.over) for row in rest] == [(d, *held[d]) for d in sorted(held) if d > first.day]
    assert any(row.put_off for row in forecast)
    assert {row.day for row in forecast if row.leave} == off
    assert all(LEVELLING.works(row.day) for row in forecast)


def test_a_day_off_gives_out_the_next_days_list() -> None:
    """F8: Sunday is Monday's; a Tuesday only its own."""
    sunday = TODAY - DAY
    assert LEVELLING.slot(sunday) == TODAY
    assert LEVELLING.list_began(TODAY) == sunday
    assert LEVELLING.list_began(TODAY + DAY) == TODAY + DAY


def test_a_policy_may_let_nothing_slip() -> None:
    """Then every day takes all that is due on it."""
    slip = POLICY.capacity.slip.model_copy(update={"at_most_days": 0})
    strict = replace(LEVELLING, slip=slip)
    load = strict.load_of(due_schedule(TODAY), RULES.paces, TODAY)
    assert load is not None
    assert load.latest_on == TODAY


def due(pace: Pace, due_on: date, wished_on: date | None = None) -> Due:
    """A contact of some customer that is due; one ahead of a purchase helps until the purchase."""
    line = Line(pace.line, pace.every, due_on, None, due_on, "", None, wished_on)
    facts, level_ = known(orders=3, last_order_on=due_on - 30 * DAY), standing("contract", "key")
    latest_on = due_on + pace.notice if pace.notice else None
    return Due("C-1", facts, level_, line, pace, due_on, due_on, None, latest_on)


def due_schedule(due_on: date) -> Schedule:
    """A contract customer whose monthly contact is due that day."""
    month_before = due_on - timedelta(days=28)
    schedule = planned(
        known(last_order_on=month_before, orders=1), standing("contract", "ordinary"), today=month_before
    )
    assert schedule.lines["F1"].due_on in {due_on, due_on + DAY, due_on + 2 * DAY, due_on + 3 * DAY}
    return schedule._replace(lines={"F1": schedule.lines["F1"]._replace(due_on=due_on)})
