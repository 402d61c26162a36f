"""N9, N10: who may take which step about a fine, and until when; nobody decides about their own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from services.archive.domain.fines import Fine, FineState, Standing
from services.archive.domain.people import Acting, UnlawfulError
from shared.policy.fines import Appeals
from shared.words import Text

STANDING = frozenset({FineState.CONFIRMED, FineState.APPEALED, FineState.UPHELD})
"""In these a fine is due: an appeal does not put it off, and lifting it gives back what was paid."""

SETTLED = frozenset({FineState.EXPLAINED, FineState.WAIVED, FineState.CONFIRMED})
"""What human resources decide, and may decide otherwise (N10)."""

_OPEN = frozenset({FineState.PROPOSED, FineState.ANSWERED})

FROM: dict[FineState, frozenset[FineState]] = {
    FineState.ANSWERED: frozenset({FineState.PROPOSED}),
    FineState.EXPLAINED: _OPEN | SETTLED,
    FineState.WAIVED: _OPEN | SETTLED,
    FineState.CONFIRMED: _OPEN | SETTLED,
    FineState.APPEALED: frozenset({FineState.CONFIRMED}),
    FineState.UPHELD: frozenset({FineState.APPEALED}),
    FineState.LIFTED: frozenset({FineState.APPEALED}),
    FineState.REPLACED: _OPEN | STANDING,
}
"""Each state with those that it may follow; from any to itself there is no step."""


class Act(NamedTuple):
    """A step about to be taken: whereto, by whom (None: a rule), why and when."""

    state: FineState
    by: str | None
    reason: str
    at: datetime


def answer(standing: Standing, by: Acting) -> None:
    """The fined person hands in an explanation, before anything is decided; `UnlawfulError` otherwise."""
    _only_the_fined(standing.fine, by)
    _follows(standing.state, FineState.ANSWERED)


def settle(standing: Standing, wanted: FineState, by: Acting) -> None:
    """Human resources explain, waive or confirm, and correct what they decided; `UnlawfulError` otherwise."""
    if by.person == standing.fine.person:
        raise UnlawfulError("own_fine", Text(zh="任何人不得处理自己的罚款", en="nobody settles their own fine"))
    if wanted not in SETTLED:
        raise _no_step(standing.state, wanted)
    _follows(standing.state, wanted)


def appeal(standing: Standing, rules: Appeals, by: Acting, date_of: Callable[[datetime], date], now: datetime) -> None:
    """The fined person appeals against a confirmed fine in time; `UnlawfulError` otherwise."""
    _only_the_fined(standing.fine, by)
    _follows(standing.state, FineState.APPEALED)
    until = appeal_until(date_of(standing.confirmed_at or now), rules)
    if date_of(now) > until:
        raise UnlawfulError(
            "too_late", Text(zh=f"申诉期限为 {until}，已过", en=f"the time for an appeal ended on {until}")
        )


def appeal_until(confirmed_on: date, rules: Appeals) -> date:
    """The last business date on which an appeal is taken."""
    return confirmed_on + timedelta(days=rules.within_days)


def judge(standing: Standing, wanted: FineState, rules: Appeals, by: Acting) -> None:
    """Somebody of the policy's roles upholds or lifts; not the fined, not who confirmed it, not who reported it."""
    if by.role not in rules.decided_by:
        raise UnlawfulError(
            "not_judge",
            Text(
                zh=f"申诉由 {'、'.join(rules.decided_by)} 裁定",
                en=f"appeals are decided by: {', '.join(rules.decided_by)}",
            ),
        )
    if not may_judge(standing, by.person):
        raise UnlawfulError(
            "own_case",
            Text(
                zh="被罚人、确认人和举报人不得裁定该申诉",
                en="who was fined, who confirmed it and who reported it do not decide on the appeal",
            ),
        )
    if wanted not in (FineState.UPHELD, FineState.LIFTED):
        raise _no_step(standing.state, wanted)
    _follows(standing.state, wanted)


def may_judge(standing: Standing, person: str) -> bool:
    """Whether somebody is free to decide on the appeal: not who had a hand in it."""
    return person not in (standing.fine.person, standing.confirmed_by, standing.fine.proposed_by)


def _only_the_fined(fine: Fine, by: Acting) -> None:
    # Whoever may not know of a fine is told what they would be told of none.
    if by.person != fine.person:
        raise unknown(fine.fine_id)


def unknown(fine_id: str) -> UnlawfulError:
    """There is no such fine, or none that the asker may know of."""
    return UnlawfulError("unknown_fine", Text(zh=f"没有罚款 {fine_id}", en=f"there is no fine {fine_id}"))


def _follows(current: FineState, wanted: FineState) -> None:
    if wanted is current or current not in FROM[wanted]:
        raise _no_step(current, wanted)


def _no_step(current: FineState, wanted: FineState) -> UnlawfulError:
    return UnlawfulError(
        "no_such_step",
        Text(zh=f"罚款现为 {current}，不能改为 {wanted}", en=f"the fine is {current}: it cannot become {wanted}"),
    )
