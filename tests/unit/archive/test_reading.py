"""Who may know of a company record, read it and copy it (A3, A5), over every rank, role, grant and place."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from services.archive.domain.files import RANKS, Record, Section
from services.archive.domain.reading import (
    Consultation,
    GrantHeld,
    Reader,
    Reason,
    RecordRules,
    consult,
    horizon_of,
    knows,
)
from services.archive.domain.stations import Station
from shared.contracts.types import Rank
from shared.policy import load_policy
from shared.roles import Role

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
POLICY = load_policy()
RULES = RecordRules(POLICY.files.records, POLICY.records.known_to, POLICY.files.copying)
ROOM = Station("room", ("10.9.0.0/24",), "hq", reading_room=True, active=True, as_of=NOW)
SHOP = Station("shop", ("10.1.0.0/24",), "shop", reading_room=False, active=True, as_of=NOW)
NAMES = ("text", "prices", "annex")
ranks = st.sampled_from(RANKS)
departments = st.sampled_from(["d1", "d2", None])
moments = st.integers(-3, 3).map(lambda hours: NOW + timedelta(hours=hours))


@st.composite
def records(draw: st.DrawFn) -> Record:
    """A record whose sections never outrank it."""
    rank = draw(ranks)
    below = st.sampled_from(RANKS[: RANKS.index(rank) + 1])
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True))
    sections = tuple(Section(name, draw(below)) for name in names)
    return Record(
        "r-1", "t", rank, draw(departments), "contracts", None, "zhao", NOW, sections, None, 0,
        draw(st.sampled_from([None, None, None, NOW])),
    )  # fmt: skip


readers = st.builds(
    Reader,
    st.just("li"),
    st.sampled_from(list(Role)),
    departments,
    st.sampled_from([None, ROOM, SHOP]),
    st.sampled_from([True, True, True, False]),
)
grants = st.lists(
    st.builds(
        GrantHeld,
        st.sampled_from(["g-1", "g-2", "g-3"]),
        st.lists(st.sampled_from(["*", *NAMES]), max_size=2).map(tuple),
        st.booleans(),
        moments,
        moments,
        st.booleans(),
    ),
    max_size=3,
)


def asked(reader: Reader, record: Record, held: list[GrantHeld]) -> Consultation:
    return consult(reader, record, held, RULES, now=NOW)


@given(readers, records(), grants)
def test_nothing_is_read_that_is_not_known_and_nothing_copied_that_is_not_read(
    reader: Reader, record: Record, held: list[GrantHeld]
) -> None:
    """Known ⊇ readable ⊇ copyable, section by section; and every section has its verdicts."""
    consultation = asked(reader, record, held)
    assert set(consultation.read) == set(consultation.copy) == {section.name for section in record.sections}
    for name, reading in consultation.read.items():
        assert consultation.known or not reading.allowed
        assert reading.allowed or not consultation.copy[name].allowed
        assert reading.needs_grant or reading.grant_id is None


@given(readers, records(), grants)
def test_each_rank_is_read_as_the_rules_say(reader: Reader, record: Record, held: list[GrantHeld]) -> None:
    """A3, spelled out anew: rank 3 never, rank 2 in the room by a grant, rank 1 by a grant, rank 0 also unasked."""
    here = [grant for grant in held if reader.station is ROOM or not grant.reading_room]
    closed = reader.role in {Role.OPS, Role.ORDER_SYSTEM}
    live = [grant for grant in here if grant.not_before <= NOW < grant.until and not closed]
    unasked = {Role.GM, Role.DEPUTY_GM, Role.MARKETING_DIRECTOR, Role.GM_OFFICE_HEAD}
    consultation = asked(reader, record, held)
    for section in record.sections:
        granted = any({"*", section.name} & set(grant.sections) for grant in live)
        allowed = {
            "top_secret": False,
            "secret": granted and reader.station is ROOM,
            "confidential": granted,
            "unclassified": granted or (reader.role in unasked and consultation.known),
        }[section.rank]
        expected = allowed and reader.active and record.destroyed_at is None
        assert consultation.read[section.name].allowed == expected


@given(readers, records(), grants)
def test_a_copy_leaves_only_by_a_grant_that_says_so(reader: Reader, record: Record, held: list[GrantHeld]) -> None:
    """A5, N4: what is read in the reading room stays there; the GM alone copies what he reads unasked."""
    for section in record.sections:
        consultation = asked(reader, record, held)
        copied, read = consultation.copy[section.name], consultation.read[section.name]
        if copied.allowed and copied.grant_id is not None:
            assert any(grant.copy_allowed and grant.grant_id == copied.grant_id for grant in held)
        if copied.allowed:
            assert section.rank in {"confidential", "unclassified"}
            assert copied.grant_id is not None or (reader.role is Role.GM and read.reason is Reason.UNASKED)


def test_what_is_read_in_the_reading_room_stays_there() -> None:
    """A3: a grant to copy lets its reader read there, and take nothing out."""
    record = Record(
        "r-1", "t", "secret", None, "contracts", None, "zhao", NOW, (Section("text", "secret"),), None, 0, None
    )
    grant = GrantHeld("g-1", ("*",), True, NOW, NOW + timedelta(hours=1))
    consultation = asked(Reader("li", Role.GM, None, ROOM), record, [grant])
    assert consultation.read["text"].allowed
    assert consultation.copy["text"].reason is Reason.READING_ROOM


@given(readers, records())
def test_the_horizon_of_a_search_is_what_the_reader_knows_of(reader: Reader, record: Record) -> None:
    """One decision for every door: the search finds what `knows` says, and nothing else."""
    horizon = horizon_of(reader, RULES.known_to)
    in_department = record.department is not None and record.department == horizon.department
    found = record.rank in horizon.any or (record.rank in horizon.own_department and in_department)
    assert found == knows(reader, record, RULES.known_to)
    assert asked(reader, record, []).known == found


@given(readers, records(), grants, st.sampled_from(list(Role)))
def test_refusals_of_what_may_not_be_known_are_alike(
    reader: Reader, record: Record, held: list[GrantHeld], role: Role
) -> None:
    """Neither the record's rank nor its grants show in what is said to who may not know of it."""
    consultation = asked(reader, record, held)
    if not consultation.known:
        reasons = {verdict.reason for verdict in (*consultation.read.values(), *consultation.copy.values())}
        assert reasons == {Reason.UNKNOWN if reader.active else Reason.LEFT}


@given(records(), grants, st.sampled_from([Role.OPS, Role.ORDER_SYSTEM]))
def test_machines_and_who_runs_them_know_of_no_record(record: Record, held: list[GrantHeld], role: Role) -> None:
    """Not even of one that is no secret, and whatever they were granted: as with customers' files (A2)."""
    reader = Reader("x", role, record.department, ROOM)
    assert not any(horizon_of(reader, RULES.known_to)[:2])
    assert not asked(reader, record, held).known


def test_every_rank_has_its_rules() -> None:
    """A3: four ranks, from 0 to 3."""
    assert set(RANKS) == set(get_args(Rank))
    assert [RULES.ranks.of(rank).consulted for rank in RANKS] == ["lent", "lent", "reading_room", "never"]
