"""N9, N10: who may take which step about a fine; and the ledger, which at any time sums up to what stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.archive.domain.fines import Fine, FineState, Standing
from services.archive.domain.ledger import Line, Posting, grand_totals, open_month, posting, totals
from services.archive.domain.months import month_after, month_before, month_of
from services.archive.domain.people import UnlawfulError
from services.archive.domain.settling import FROM, SETTLED, STANDING, answer, appeal, judge, settle
from shared.policy import load_policy
from shared.roles import Role

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
APPEALS = load_policy(None).fines.appeals
FINE = Fine(
    "N2-9", "unapproved_consulting", "N2", "wang", "C-1", Decimal(50), "CNY", False, 9, None, "du", None, "p-1", NOW,
    "私自查看", "Consulting", "consulting / e", NOW.date(), None, None,
)  # fmt: skip


@dataclass(frozen=True)
class Somebody:
    person: str = "hr"
    role: Role = Role.HR
    department: str | None = None
    station: str | None = None


def standing(state: FineState, **changed: object) -> Standing:
    plain = Standing(FINE, state, 3, "hr", "because", NOW, "hr", NOW)
    return replace(plain, **changed)  # type: ignore[arg-type]


def day_of(moment: datetime) -> date:
    return moment.date()


def refused(act: object, *args: object) -> str | None:
    """The code with which an act is refused; None when it is allowed."""
    try:
        act(*args)  # type: ignore[operator]
    except UnlawfulError as error:
        return error.code
    return None


def test_human_resources_settle_what_is_open_or_was_settled_and_nothing_else() -> None:
    """The whole table of steps: not what is under appeal, nor what a judge decided, nor back to proposed."""
    for current, wanted in product(FineState, FineState):
        allowed = wanted in SETTLED and current is not wanted and current in SETTLED | {
            FineState.PROPOSED, FineState.ANSWERED,
        }  # fmt: skip
        assert (refused(settle, standing(current), wanted, Somebody()) is None) == allowed
        assert refused(settle, standing(current), wanted, Somebody(person="wang")) == "own_fine"


def test_only_the_fined_explains_and_appeals_and_others_are_told_of_no_such_fine() -> None:
    """Whoever may not know of a fine learns nothing of it."""
    for state in FineState:
        wang = Somebody("wang", Role.REP)
        assert (refused(answer, standing(state), wang) is None) == (state is FineState.PROPOSED)
        assert (refused(appeal, standing(state), APPEALS, wang, day_of, NOW) is None) == (state is FineState.CONFIRMED)
        for other in (Somebody("li", Role.REP), Somebody()):
            assert refused(answer, standing(state), other) == "unknown_fine"
            assert refused(appeal, standing(state), APPEALS, other, day_of, NOW) == "unknown_fine"


@given(st.integers(0, 400))
def test_an_appeal_is_taken_to_the_end_of_its_last_day(days: int) -> None:
    """By the policy's days after the confirmation."""
    code = refused(
        appeal, standing(FineState.CONFIRMED), APPEALS, Somebody("wang", Role.REP), day_of, NOW + timedelta(days=days)
    )
    assert (code is None) == (days <= APPEALS.within_days)
    assert code in {None, "too_late"}


@pytest.mark.parametrize("role", list(Role))
def test_appeals_are_judged_by_the_policys_roles_and_by_nobody_who_had_a_hand_in_it(role: Role) -> None:
    """Not the fined, not who confirmed it, not who reported it."""
    for state, wanted in product(FineState, FineState):
        may = role in APPEALS.decided_by
        allowed = may and state is FineState.APPEALED and wanted in {FineState.UPHELD, FineState.LIFTED}
        assert (refused(judge, standing(state), wanted, APPEALS, Somebody("chen", role)) is None) == allowed
    for involved in ("wang", "hr", "du"):
        code = refused(judge, standing(FineState.APPEALED), FineState.LIFTED, APPEALS, Somebody(involved, role))
        assert code == ("own_case" if role in APPEALS.decided_by else "not_judge")


STEPS = st.lists(st.tuples(st.sampled_from(FineState), st.booleans()), max_size=30)


@given(STEPS, st.none() | st.decimals(0, 10**6, places=4))
def test_the_postings_of_a_fine_sum_up_to_what_stands(
    steps: list[tuple[FineState, bool]], amount: Decimal | None
) -> None:
    """Any way through the states, with months closed in between: what was posted is what stands; closed months stay."""
    now = Standing(FINE._replace(amount=amount), FineState.PROPOSED, 0, None, None, None)
    closed: date | None = None
    ledger: list[Posting] = []
    for wanted, closes in steps:
        if closes:
            closed = month_of(FINE.occurred_on) if closed is None else month_after(closed)
        if wanted not in FROM or now.state not in FROM[wanted] or wanted is now.state:
            continue
        taken = replace(now, state=wanted, step=now.step + 1, decided_at=NOW)
        posted = posting(now.state, taken, closed)
        if posted is not None:
            assert closed is None or posted.month > closed
            assert posted.month >= month_of(FINE.occurred_on)
            ledger.append(posted)
        now = taken
        stands = now.state in STANDING
        assert sum(each.sign for each in ledger) == stands
        assert sum(each.due for each in ledger) == ((amount or 0) if stands else 0)
    assert all(one.sign != other.sign for one, other in pairwise(ledger))


LINES = st.lists(
    st.builds(
        lambda person, currency, sign, amount: Line(
            Posting("N2-9", 1, date(2026, 3, 1), person, sign, amount, currency, NOW),
            FINE,
            FineState.CONFIRMED,
            "hr",
            "",
        ),
        st.sampled_from(["wang", "li", "chen"]),
        st.sampled_from(["CNY", "USD"]),
        st.sampled_from([1, -1]),
        st.none() | st.decimals(0, 10**9, places=4),
    ),
    max_size=30,
)


@given(LINES)
def test_a_statement_sums_up_exactly_whatever_the_order(lines: list[Line]) -> None:
    """Per person and currency; the totals of all are the sum of the lines."""
    found = totals(lines)
    assert found == totals(reversed(lines))
    for total in found:
        own = [line.posting for line in lines if (line.posting.person, line.posting.currency) == (
            total.person, total.currency,
        )]  # fmt: skip
        assert total.amount == sum((each.amount or 0) * each.sign for each in own)
        assert total.lines == len(own)
    assert sum(total.lines for total in found) == len(lines)
    assert grand_totals(found) == {
        currency: sum((total.amount for total in found if total.currency == currency), Decimal(0))
        for currency in {line.posting.currency for line in lines}
    }


@given(st.dates(date(1990, 1, 1), date(9998, 12, 1)), st.none() | st.dates(date(1990, 1, 1), date(9998, 12, 1)))
def test_what_concerns_a_closed_month_goes_into_the_next_one(day: date, closed: date | None) -> None:
    """And months follow one another."""
    month = open_month(day, None if closed is None else month_of(closed))
    assert month.day == 1
    assert month >= month_of(day)
    assert closed is None or month > month_of(closed)
    assert month == month_of(day) or month_before(month) == month_of(closed or day)
    assert month_before(month_after(month)) == month
