"""The ranker equals the definition, whatever happened before."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scoring.domain.places import Place
from services.scoring.domain.ranking import Ranker
from services.scoring.domain.rules import RankingRules
from tests.unit.scoring import naive

START = date(2026, 3, 2)
FIFTHS = (Fraction(1, 5), Fraction(2, 5), Fraction(3, 5), Fraction(4, 5))
STANDARD = RankingRules(quantiles=FIFTHS, weights=(1, 1, 1), key_share=Fraction(1, 5), lapsed_after_days=20)

Step = Callable[["Company"], None]


class Company:
    """The ranker and, beside it, the plain facts that it must agree with."""

    def __init__(self, rules: RankingRules) -> None:
        self.rules = rules
        self.customers: dict[str, naive.Facts] = {}
        self.today = START
        self.ranker = Ranker(rules, START)
        self.key: set[str] = set()

    def settle(self) -> None:
        moved = self.ranker.settle()
        expected = naive.rank(self.customers, self.today, self.rules)
        assert {c: self.ranker.scores(c) for c in self.ranker.places} == expected.scores
        assert list(self.ranker.ranking()) == sorted(expected.scores.items(), key=lambda item: item[1].rank)
        assert {c for c, place in self.ranker.places.items() if place.is_key} == expected.key
        assert self.key ^ expected.key <= moved.keys()
        cutoffs = self.ranker.cutoffs
        found = cutoffs and tuple([cutoff.value for cutoff in each] for each in (cutoffs.r, cutoffs.f, cutoffs.m))
        assert found == expected.cutoffs
        self.key = expected.key


ids = st.sampled_from(["C-1", "C-2", "C-10", "c", "Ü", "中", "\U0001f600", "\uffff", *(f"X{n}" for n in range(25))])
facts = st.tuples(
    st.integers(0, 25).map(lambda days: START - timedelta(days=days)),
    st.one_of(st.integers(0, 4), st.integers(20, 40)),
    st.one_of(st.integers(-2, 6), st.integers(-(10**40), 10**40)),
)


def change(args: tuple[str, naive.Facts]) -> Step:
    def step(company: Company) -> None:
        company.customers[args[0]] = args[1]
        company.ranker.change(args[0], *args[1])

    return step


def remove(customer_id: str) -> Step:
    def step(company: Company) -> None:
        company.customers.pop(customer_id, None)
        company.ranker.remove(customer_id)

    return step


def pass_days(days: int) -> Step:
    def step(company: Company) -> None:
        company.today += timedelta(days=days)
        company.ranker.set_today(company.today)

    return step


steps = st.one_of(
    st.tuples(ids, facts).map(change),
    st.tuples(ids, facts).map(change),
    ids.map(remove),
    st.integers(0, 12).map(pass_days),
)
batches = st.lists(st.lists(steps, max_size=30), max_size=8)
rules = st.builds(
    RankingRules,
    quantiles=st.sampled_from([FIFTHS, (Fraction(1, 10), Fraction(1, 3), Fraction(1, 2), Fraction(99, 100))]),
    weights=st.sampled_from([(1, 1, 1), (2, 1, 3), (1, 10, 100), (5, 3, 1)]),
    key_share=st.sampled_from([Fraction(1, 5), Fraction(1, 2), Fraction(1), Fraction(1, 1000)]),
    lapsed_after_days=st.just(20),
    counts_lapsed=st.booleans(),
    pareto_share=st.sampled_from([None, None, Fraction(4, 5), Fraction(1)]),
)


@settings(max_examples=100, deadline=None)
@given(rules=rules, history=batches)
def test_ranking_equals_the_definition_after_any_batches_and_days(
    rules: RankingRules, history: list[list[Step]]
) -> None:
    """K4: scores, ranks, key members and cutoffs are those of the naive computation after every settling."""
    company = Company(rules)
    for batch in history:
        for step in batch:
            step(company)
        company.settle()
        company.ranker.commit()


@settings(max_examples=50, deadline=None)
@given(rules=rules, before=batches, undone=batches, after=batches)
def test_undone_batches_leave_no_trace(
    rules: RankingRules, before: list[list[Step]], undone: list[list[Step]], after: list[list[Step]]
) -> None:
    """A rollback brings the ranker back to the last commit, and it goes on from there as if nothing had been."""
    company = Company(rules)
    for batch in before:
        for step in batch:
            step(company)
        company.settle()
    company.ranker.commit()
    customers, today, key, places = dict(company.customers), company.today, company.key, dict(company.ranker.places)
    for batch in undone:
        for step in batch:
            step(company)
        company.settle()
    company.ranker.undo()
    company.customers, company.today, company.key = customers, today, key
    assert company.ranker.places == places
    company.settle()
    for batch in after:
        for step in batch:
            step(company)
        company.settle()


@settings(max_examples=60, deadline=None)
@given(rules=rules, known=st.dictionaries(ids, facts), lot=st.integers(1, 40), undone=batches, after=batches)
def test_a_ranker_filled_at_once_is_the_one_told_customer_by_customer(
    rules: RankingRules, known: dict[str, naive.Facts], lot: int, undone: list[list[Step]], after: list[list[Step]]
) -> None:
    """A rebuild takes everybody in lots and settles once; from there it goes on, and back, as any other."""
    company = Company(rules)
    company.customers = dict(known)
    places = [Place(customer_id, last.toordinal(), f, m) for customer_id, (last, f, m) in known.items()]
    for start in range(0, len(places), lot):
        company.ranker.load(places[start : start + lot])
    company.settle()
    company.ranker.commit()
    customers, today, key = dict(company.customers), company.today, company.key
    for batch in undone:
        for step in batch:
            step(company)
        company.settle()
    company.ranker.undo()
    company.customers, company.today, company.key = customers, today, key
    company.settle()
    for batch in after:
        for step in batch:
            step(company)
        company.settle()
        company.ranker.commit()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_ranking_of_thousands_equals_the_definition(seed: int) -> None:
    """K4: groups of many blocks, lines inside long runs and bulk loads give the same as the naive computation."""
    chance = random.Random(seed)  # noqa: S311 - test data
    company = Company(STANDARD)
    ids = [f"C-{number}" for number in range(4000)]

    def order(customer_id: str) -> None:
        last = company.today - timedelta(days=int(chance.expovariate(0.2)))
        f = 1 + int(chance.expovariate(0.25))
        change((customer_id, (last, f, int(chance.lognormvariate(3, 1)))))(company)

    for customer_id in ids:
        order(customer_id)
    company.settle()
    for _ in range(6):
        for customer_id in chance.sample(ids, 300):
            order(customer_id)
        for customer_id in chance.sample(ids, 20):
            remove(customer_id)(company)
        company.settle()
        company.ranker.commit()
        pass_days(1)(company)
        company.settle()
    assert company.ranker.best(10) == [customer_id for customer_id, _ in company.ranker.ranking()][:10]
