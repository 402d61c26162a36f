"""A7 as rules: whatever people try, in whatever order, nothing is destroyed but by the whole procedure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.archive.domain import destruction as rules
from services.archive.domain.destruction import Destruction, State, Step, StepKind
from services.archive.domain.files import RANKS, Record, Section
from services.archive.domain.people import Person, UnlawfulError
from services.archive.domain.records import retained
from services.archive.domain.retention import is_over, kept_until, later
from shared.policy import load_policy
from shared.policy.records import RetentionClass
from shared.roles import Role
from shared.words import Text

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
RULES = load_policy(None).destruction
CLASSES = load_policy(None).records.classes


@dataclass(frozen=True)
class Somebody:
    """A person at the door."""

    person: str
    role: Role
    department: str | None = None
    station: str | None = None


PEOPLE = [
    Somebody("an", Role.ARCHIVIST), Somebody("aki", Role.ARCHIVIST), Somebody("head", Role.GM_OFFICE_HEAD),
    Somebody("hope", Role.GM_OFFICE_HEAD), Somebody("boss", Role.GM), Somebody("vic", Role.DEPUTY_GM),
    Somebody("mia", Role.DEPARTMENT_MANAGER), Somebody("li", Role.REP), Somebody("hana", Role.HR),
    # Whoever changes places keeps their name: the same person in two roles.
    Somebody("an", Role.GM), Somebody("head", Role.GM), Somebody("mia", Role.ARCHIVIST),
    Somebody("boss", Role.ARCHIVIST),
]  # fmt: skip
KNOWN = {it.person: Person(it.person, it.role, it.department, None, active=it.person != "hana", as_of=NOW)
         for it in PEOPLE[:9]}  # fmt: skip
people = st.sampled_from(PEOPLE)


def record(rank: str = "unclassified", sections: tuple[str, ...] = ("unclassified",), **changed: object) -> Record:
    card = Record(
        record="R-1", title="t", rank=rank, department="d1", record_class="statistics", period="2015",  # type: ignore[arg-type]
        filed_by="an", filed_at=NOW, sections=tuple(Section(f"s{n}", r) for n, r in enumerate(sections)),  # type: ignore[arg-type]
        retain_until=date(2025, 12, 31), holds=0, destroyed_at=None,
    )  # fmt: skip
    return replace(card, **changed)  # type: ignore[arg-type]


class Procedure(RuleBasedStateMachine):
    """One request and everybody who may try anything about it; holds come and go, and time passes."""

    @initialize(classified=st.booleans(), asker=st.sampled_from([PEOPLE[0], PEOPLE[1], PEOPLE[11]]))
    def ask(self, classified: bool, asker: Somebody) -> None:
        self.now = NOW
        self.held = 0
        self.held_when_executed: int | None = None
        self.it = Destruction("d-1", ("R-1",), classified, asker.person, NOW, "到期")

    def take(self, step: Step) -> None:
        self.it = replace(self.it, steps=(*self.it.steps, step))

    @rule(by=people)
    @precondition(lambda self: len(self.it.steps) > 1)
    def refuse(self, by: Somebody) -> None:
        self.attempt(lambda: rules.decide(self.it, by, RULES, "r", self.now, agree=False), frozen_stops=False)

    @rule(by=people)
    def approve(self, by: Somebody) -> None:
        self.attempt(lambda: rules.decide(self.it, by, RULES, "r", self.now, agree=True))

    def go_on(self, draw: st.DataObject) -> None:
        """Whoever has the role for what comes next tries it, be they concerned in it already or not."""
        role = rules.next_decider(self.it, RULES, self.now)
        if role is not None:
            self.approve(draw.draw(st.sampled_from([it for it in PEOPLE if it.role is role])))
        elif self.it.witness is None:
            self.name(
                draw.draw(st.sampled_from([PEOPLE[4], PEOPLE[5]])), draw.draw(st.sampled_from(["li", "an", "mia"]))
            )
        elif self.it.attested_at() is None:
            self.attest(next(it for it in PEOPLE if it.person == self.it.witness))
        else:
            self.execute(draw.draw(st.sampled_from([it for it in PEOPLE if it.role is Role.ARCHIVIST])))

    # Tried more often than anything else, so that histories come to their end.
    go_on_1 = rule(draw=st.data())(go_on)
    go_on_2 = rule(draw=st.data())(lambda self, draw: self.go_on(draw))
    go_on_3 = rule(draw=st.data())(lambda self, draw: self.go_on(draw))

    @rule(by=people, witness=st.sampled_from([*KNOWN, "nobody"]))
    def name(self, by: Somebody, witness: str) -> None:
        self.attempt(lambda: rules.name_witness(self.it, by, witness, KNOWN.get(witness), RULES, "r", self.now))

    @rule(by=people)
    def attest(self, by: Somebody) -> None:
        self.attempt(lambda: rules.attest(self.it, by, RULES, "r", self.now))

    @rule(by=people)
    def execute(self, by: Somebody) -> None:
        self.attempt(lambda: rules.execute(self.it, by, RULES, "r", self.now))
        if self.it.last(StepKind.EXECUTED) is not None and self.held_when_executed is None:
            self.held_when_executed = self.held

    @rule(by=people)
    @precondition(lambda self: len(self.it.steps) > 2)
    def withdraw(self, by: Somebody) -> None:
        self.attempt(lambda: rules.withdraw(self.it, by, RULES, "r", self.now), frozen_stops=False)

    @rule(hours=st.sampled_from([1, 23, 25, 24 * 20]))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(change=st.sampled_from([1, -1]))
    def hold(self, change: int) -> None:
        if self.it.state(RULES, self.now) is not State.EXECUTED:
            self.held = max(0, self.held + change)

    def attempt(self, step: object, *, frozen_stops: bool = True) -> None:
        ended = self.it.state(RULES, self.now) not in rules.OPEN
        try:
            taken = step()  # type: ignore[operator]
            if frozen_stops:
                rules.refuse_frozen([record(holds=self.held)], set())
        except UnlawfulError:
            return
        assert not ended, "nothing happens to what has ended"
        self.take(taken)

    @invariant()
    def executed_only_by_the_whole_procedure(self) -> None:
        """Told by the steps alone, in other words than the rules are written in."""
        steps = self.it.steps
        if not steps or steps[-1].kind is not StepKind.EXECUTED:
            return
        assert self.held_when_executed in (None, 0)
        by = {kind: [step for step in steps if step.kind is kind] for kind in StepKind}
        executed, (approved,) = steps[-1], by[StepKind.APPROVED]
        asker, named, attested = self.it.requested_by, by[StepKind.WITNESS_NAMED][-1], by[StepKind.ATTESTED][-1]
        assert not by[StepKind.REFUSED]
        assert not by[StepKind.WITHDRAWN]
        if self.it.classified:
            assert approved.role == Role.GM
            (reviewed,) = by[StepKind.REVIEWED]
            assert reviewed.role == Role.GM_OFFICE_HEAD
            assert len({asker, reviewed.by, approved.by}) == 3
        else:
            assert approved.role == Role.GM_OFFICE_HEAD
            assert not by[StepKind.REVIEWED]
        assert executed.role == Role.ARCHIVIST
        assert attested.by == named.witness
        assert named.role in {Role.GM, Role.DEPUTY_GM, Role.GM_OFFICE_HEAD}
        assert named.witness not in {asker, named.by, executed.by}
        assert approved.by not in {asker, executed.by}
        assert named.at <= attested.at <= executed.at <= attested.at + timedelta(hours=24)
        assert executed.at <= approved.at + timedelta(days=30)


TestProcedure = Procedure.TestCase
TestProcedure.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


def done(classified: bool) -> Destruction:
    """A destruction as it should go, ready to be carried out."""
    it = Destruction("d-1", ("R-1",), classified, "an", NOW, "到期")
    people = {each.person: each for each in PEOPLE[:9]}
    if classified:
        it = replace(it, steps=(*it.steps, rules.decide(it, people["head"], RULES, "r", NOW, agree=True)))
    decider = people["boss" if classified else "head"]
    it = replace(it, steps=(*it.steps, rules.decide(it, decider, RULES, "r", NOW, agree=True)))
    it = replace(it, steps=(*it.steps, rules.name_witness(it, people["vic"], "li", KNOWN["li"], RULES, "r", NOW)))
    return replace(it, steps=(*it.steps, rules.attest(it, people["li"], RULES, "r", NOW)))


@pytest.mark.parametrize("classified", [True, False])
def test_the_whole_procedure_ends_in_a_destruction(classified: bool) -> None:
    """So that the histories above are of a procedure that can come to its end."""
    it = done(classified)
    assert it.state(RULES, NOW) is State.WITNESSED
    executed = rules.execute(it, PEOPLE[0], RULES, "r", NOW)
    assert replace(it, steps=(*it.steps, executed)).state(RULES, NOW) is State.EXECUTED


def test_a_witness_named_anew_gives_their_own_word() -> None:
    """The word of the one before is worth nothing."""
    it = done(classified=True)
    again = rules.name_witness(it, PEOPLE[5], "mia", KNOWN["mia"], RULES, "r", NOW + timedelta(minutes=1))
    it = replace(it, steps=(*it.steps, again))
    with pytest.raises(UnlawfulError, match="not_attested"):
        rules.execute(it, PEOPLE[0], RULES, "r", NOW + timedelta(minutes=2))


@pytest.mark.parametrize("rank", RANKS)
@pytest.mark.parametrize("section", RANKS)
def test_whatever_is_classified_in_part_is_the_gms_to_decide(rank: str, section: str) -> None:
    """Every cell: one secret section makes the record classified (A7)."""
    unclassified = rank == section == "unclassified"
    assert rules.is_classified([record(), record(rank, ("unclassified", section))]) is not unclassified


@given(st.none() | st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.none() | st.integers(1, 100),
       st.sampled_from([None, "2015", "2015-Q1", "2015-03"]))  # fmt: skip
def test_no_policy_shortens_what_was_promised(promised: date | None, years: int | None, period: str | None) -> None:
    """Whichever is later, the promise or the policy; for ever is the latest."""
    classes = {"statistics": RetentionClass(keep_years=years, words=Text(zh="统计", en="statistics"))}
    card = record(retain_until=promised, period=period)
    until = kept_until(card, classes, date(2015, 6, 1))
    by_policy = retained(classes["statistics"], period, date(2015, 6, 1))
    assert until is None if promised is None or years is None else until == max(promised, by_policy)  # type: ignore[type-var]
    assert later(promised, until) == until
    assert kept_until(card, {}, date(2015, 6, 1)) == promised


@given(st.none() | st.dates(), st.dates())
def test_a_time_is_over_on_the_day_after_its_last(until: date | None, today: date) -> None:
    """On the last day itself the record is still kept."""
    assert is_over(until, today) is (until is not None and (today - until).days > 0)


@pytest.mark.parametrize("role", [Role.GM_OFFICE_HEAD, Role.GM])
@pytest.mark.parametrize("agree", [True, False])
def test_nobody_decides_on_what_they_asked_for(role: Role, agree: bool) -> None:
    """Whatever role they have come to since, nor do they name who watches."""
    it = Destruction("d-1", ("R-1",), role is Role.GM, "an", NOW, "到期")
    if role is Role.GM:
        it = replace(it, steps=(rules.decide(it, PEOPLE[2], RULES, "r", NOW, agree=True),))
    with pytest.raises(UnlawfulError, match="own_request"):
        rules.decide(it, Somebody("an", role), RULES, "r", NOW, agree=agree)
    with pytest.raises(UnlawfulError, match="own_request"):
        rules.name_witness(done(classified=True), Somebody("an", role), "mia", KNOWN["mia"], RULES, "r", NOW)


@pytest.mark.parametrize(
    ("by", "code"),
    [
        (Somebody("li", Role.ARCHIVIST), "no_witness"),
        (Somebody("boss", Role.ARCHIVIST), "own_request"),
        (Somebody("head", Role.ARCHIVIST), "own_request"),
        (Somebody("boss", Role.GM), "not_your_decision"),
    ],
)
def test_who_watched_or_approved_does_not_carry_it_out(by: Somebody, code: str) -> None:
    """Nor anybody who is no archivist."""
    with pytest.raises(UnlawfulError, match=code):
        rules.execute(done(classified=True), by, RULES, "r", NOW)
