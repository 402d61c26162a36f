"""A customer's life, whatever happens in it: no contact is lost and none is asked for twice.

What holds after any sequence of facts, levels, contacts, days, policies, announcements and dispatches:
1. of each line, the due dates reminded of ascend strictly, and no reminder has another's id;
2. of each line at most one reminder is open;
3. once dispatched, nothing that is due waits;
4. while the customer stays at one level under one policy and nobody is in touch, a line is reminded of on the date it
   is planned for, at most one interval away, and planned anew exactly one interval later: one reminder an interval.
"""

from __future__ import annotations

from datetime import date

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.followup.domain.cadence import Paces
from services.followup.domain.customer import ALL_GAPS, Dossier, Facts, Fall
from services.followup.domain.endings import over
from services.followup.domain.reminders import OpenReminder, Reminder, answers, issue
from services.followup.domain.schedule import Schedule, amend, foresee, plan, restand
from services.followup.ports import Product
from services.followup.usecases.products import with_news
from shared.words import Text
from tests.unit.followup.strategies import DAY, LEVELS, PACES, TODAY, Rank, known, moment, rhythms, standing
from tests.unit.followup.test_schedule import UNEQUAL


class FollowingUp(RuleBasedStateMachine):
    """Days pass, the dispatcher is there or not, contacts and orders happen, files are filled, levels move."""

    @initialize(
        level=st.sampled_from(LEVELS), ago=st.integers(0, 500), country=st.sampled_from([None, "DE", "CN", "??"])
    )
    def meet(self, level: Rank, ago: int, country: str | None) -> None:
        self.today = TODAY
        self.paces: Paces = PACES
        self.facts = known(1, sample=("delivered", TODAY - ago * DAY), dossier=Dossier(country, gaps=ALL_GAPS))
        self.standing = standing(*level)
        self.schedule = restand(amend(Schedule("C-1"), self.facts, PACES, TODAY, ""), self.standing, PACES, TODAY, "")
        self.reminders: list[Reminder] = []
        self.open: dict[str, Reminder] = {}
        self.products = 0

    @rule(days=st.integers(1, 40))
    def time_passes_unattended(self, days: int) -> None:
        self.today += days * DAY

    @rule()
    def dispatch(self) -> None:
        # A line that comes back may have something due at once; it is looked at again, as the dispatcher does.
        for _ in range(5):
            before = self.schedule.lines
            self.schedule, reminders = issue(self.schedule, self.paces, self.today)
            due = {n for n, line in before.items() if line.due_on is not None and line.due_on <= self.today}
            assert {reminder.line for reminder in reminders} <= due
            for reminder in reminders:
                self.take(reminder)
            if not due:
                break
        assert all(line.due_on is None or line.due_on > self.today for line in self.schedule.lines.values())

    def take(self, reminder: Reminder) -> None:
        """As the dispatcher does: what was published by this id is not published again, and the newest waits alone."""
        assert reminder.issued_on == self.today
        assert reminder.latest_on is None or reminder.kind in {"file", "progress"} or reminder.latest_on >= self.today
        if all(reminder.reminder_id != each.reminder_id for each in self.reminders):
            self.reminders.append(reminder)
            self.open[reminder.line] = reminder

    @precondition(lambda self: self.standing.customer_class != "sample")
    @rule()
    def an_interval_passes_with_nobody_in_touch(self) -> None:
        """4: exactly one reminder, on its date, and the next one interval later."""
        self.dispatch()
        pace = self.paces.by_level[self.standing.customer_class, self.standing.level][0]
        expected = self.schedule.lines[pace.line].due_on
        assert expected is not None
        assert self.today < expected <= pace.after(self.today)
        before = len(self.reminders)
        while self.today < expected:
            self.today += DAY
            self.dispatch()
        issued = self.reminders[before:]
        own = [reminder.due_on for reminder in issued if reminder.line == pace.line]
        standing_in = [r for r in issued if r.kind == "purchase" and r.issued_on == expected]
        assert own == ([] if standing_in else [expected])
        line = self.schedule.lines[pace.line]
        assert (line.reminded_until, line.due_on) == (expected, pace.after(expected))

    @rule(ago=st.integers(0, 10), by_rep=st.booleans())
    def contact_happens(self, ago: int, by_rep: bool) -> None:
        day = max(self.today - ago * DAY, self.facts.contacted_on or date.min)
        dossier = self.facts.dossier
        if by_rep and dossier.given_on is not None:
            dossier = dossier._replace(reported_on=max(day, dossier.reported_on or day))
        self.hear(self.facts._replace(contacted_at=moment(day), contacted_on=day, dossier=dossier))
        for line in self.schedule.lines.values():
            if line.due_on is not None and line.line in {"F1", "F3", "F4", "F5"}:
                assert line.due_on > day

    @rule(ago=st.integers(0, 10), rhythm=rhythms)
    def order_comes(self, ago: int, rhythm: tuple[int, int, int] | None) -> None:
        day = max(self.today - ago * DAY, self.facts.last_order_on or date.min)
        purchases, interval, spread = rhythm or (None, None, None)
        self.hear(
            self.facts._replace(
                orders=self.facts.orders + 1,
                last_order_on=day,
                purchases=purchases,
                usual_interval=interval,
                usual_spread=spread,
            )
        )

    @rule(gaps=st.sampled_from([(), ("phone",), ("name", "buyer")]))
    def file_is_improved(self, gaps: tuple[str, ...]) -> None:
        self.hear(self.facts._replace(dossier=self.facts.dossier._replace(gaps=gaps, improved_on=self.today)))

    @rule()
    def customer_is_given_to_the_rep(self) -> None:
        self.hear(self.facts._replace(dossier=self.facts.dossier._replace(given_on=self.today, reported_on=None)))

    @rule(level=st.sampled_from(LEVELS))
    def level_moves(self, level: Rank) -> None:
        self.standing = standing(*level, since=self.today, sequence=self.standing.sequence + 1)
        self.schedule = restand(self.schedule, self.standing, self.paces, self.today, "")
        self.end_what_is_over()

    @rule(days=st.integers(0, 14))
    def fall_is_foreseen(self, days: int) -> None:
        last = self.facts.last_order_on or TODAY - 400 * DAY
        fall = Fall(self.standing.sequence, last, self.today, self.today + days * DAY, "会降级。", "It falls.")
        self.schedule = foresee(self.schedule, fall, self.paces, self.today, "")

    @rule()
    def product_is_announced(self) -> None:
        self.products += 1
        product = Product(f"P-{self.products}", Text(zh="新", en="new"), self.today, 10, "gm", moment(self.today))
        if self.standing.customer_class in self.paces.hear_news:
            self.schedule = plan(with_news(self.schedule, product, self.paces), self.paces, self.today, None)

    @rule()
    def policy_changes(self) -> None:
        self.paces = UNEQUAL if self.paces is PACES else PACES
        self.schedule = plan(self.schedule, self.paces, self.today, None)

    @invariant()
    def reminders_of_a_line_ascend(self) -> None:
        """1: no contact is reminded of twice, and none after a later one."""
        for name in {reminder.line for reminder in self.reminders}:
            dates = [reminder.due_on for reminder in self.reminders if reminder.line == name]
            assert dates == sorted(set(dates)), (name, dates)

    @invariant()
    def a_product_is_heard_of_once(self) -> None:
        told = [reminder.line for reminder in self.reminders if reminder.kind == "new_product"]
        assert len(told) == len(set(told)) <= self.products

    @invariant()
    def somebody_is_owed_something(self) -> None:
        """K5: whatever happens, an open schedule leads to a next contact."""
        assert any(line.due_on is not None for line in self.schedule.lines.values())

    @invariant()
    def planning_again_changes_nothing(self) -> None:
        again = plan(self.schedule, self.paces, self.today, None)
        assert again == self.schedule

    def hear(self, facts: Facts) -> None:
        self.facts = facts._replace(version=facts.version + 1)
        self.schedule = amend(self.schedule, self.facts, self.paces, self.today, "")
        for line, reminder in list(self.open.items()):
            if answers(self.facts, waiting(reminder)):
                del self.open[line]
        self.end_what_is_over()

    def end_what_is_over(self) -> None:
        for line, reminder in list(self.open.items()):
            if over(self.schedule, waiting(reminder)) is not None:
                del self.open[line]


def waiting(reminder: Reminder) -> OpenReminder:
    return OpenReminder(
        reminder.reminder_id,
        reminder.customer_id,
        reminder.rep,
        reminder.answered_after,
        None,
        reminder.kind,
        reminder.line,
        reminder.last_order_on,
    )


TestFollowingUp = FollowingUp.TestCase
TestFollowingUp.settings = settings(
    max_examples=80, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
