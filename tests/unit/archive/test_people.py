"""Archive's picture of the organisation, and what it allows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from services.archive.domain.people import Person, told
from shared.contracts.organisation import LeaveRecorded, PersonDeparted, PersonRecorded
from shared.engine.model import Event

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)


def event_at(minutes: int, *, departed: bool) -> Event:
    at = NOW + timedelta(minutes=minutes)
    if departed:
        return Event(f"d{minutes}", "/hr", "person.departed", at, "", PersonDeparted(person="li", departed_at=at), 0)
    recorded = PersonRecorded(person="li", role="rep", department=f"d{minutes}", active=True)
    return Event(f"r{minutes}", "/hr", "person.recorded", at, "", recorded, 0)


def fold(events: list[Event]) -> Person | None:
    person = None
    for event in events:
        person = told(person, event) or person
    return person


@given(st.dictionaries(st.integers(0, 50), st.booleans(), min_size=1, max_size=6), st.randoms())
def test_whether_somebody_works_here_does_not_depend_on_the_order_of_the_news(
    history: dict[int, bool],
    shuffler: Random,
) -> None:
    """The newest word by its own time decides, however late the others come."""
    events = [event_at(minutes, departed=departed) for minutes, departed in history.items()]
    shuffler.shuffle(events)
    person = fold(events)
    newest = max(history)
    assert person is not None
    assert (person.active, person.as_of) == (not history[newest], NOW + timedelta(minutes=newest))
    if not history[newest]:
        assert (person.role, person.department) == ("rep", f"d{newest}")


def test_the_same_news_twice_changes_nothing() -> None:
    """Redelivery is harmless."""
    news = event_at(1, departed=False)
    assert fold([news, news]) == fold([news])


def test_leave_is_no_news_of_anybodys_place() -> None:
    """Who is away works here all the same, and signs when back."""
    known = fold([event_at(1, departed=False)])
    away = LeaveRecorded(leave_id="L-1", person="li", first=date(2026, 3, 9), last=date(2026, 3, 13))
    assert told(known, Event("l", "/tierline/customers", "leave.recorded", NOW, "", away, 0)) is None
    assert told(None, Event("l", "/tierline/customers", "leave.recorded", NOW, "", away, 0)) is None
