"""What one order costs the ranker, by the number of customers: `python -m bench.ranking [CUSTOMERS ...]`.

A company in a steady state: four orders a customer and year on the average, a few customers with very many; as orders
come in, those of a year ago leave the window. Decisions are explained, as they are in the service. CPU time, of all
batches the median, and of several rounds the least, the middle and the greatest: other programs slow some of them.
"""

from __future__ import annotations

import gc
import random
import resource
import sys
from collections import deque
from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from statistics import median
from time import process_time

from services.scoring.domain.places import Place
from services.scoring.domain.ranking import Ranker
from services.scoring.domain.rules import RankingRules

START = date(2026, 1, 1)
ORDERS_A_YEAR = 4
OFTEN_ANYBODY = 0.3  # the other orders come from the eager, who are few
ATOM = 10**18  # a hundredth of the base currency
RULES = RankingRules(
    quantiles=(Fraction(1, 5), Fraction(2, 5), Fraction(3, 5), Fraction(4, 5)),
    weights=(1, 1, 1),
    key_share=Fraction(1, 5),
)


class Company:
    def __init__(self, customers: int, seed: int = 1) -> None:
        self.random = random.Random(seed)
        self.ids = [f"C-{number:07d}" for number in range(customers)]
        self.per_day = max(1, customers * ORDERS_A_YEAR // 365)
        self.orders: deque[tuple[int, int]] = deque()
        self.f = [0] * customers
        self.m = [0] * customers
        self.last = [START] * customers
        for day in range(365):
            for _ in range(self.per_day):
                self.order(START - timedelta(days=364 - day))

    def order(self, day: date) -> int:
        anybody = self.random.random() < OFTEN_ANYBODY
        who = int(len(self.ids) * self.random.random() ** (1 if anybody else 2.5))
        amount = int(self.random.lognormvariate(6, 1.5) * 100) * ATOM
        self.orders.append((who, amount))
        self.f[who] += 1
        self.m[who] += amount
        self.last[who] = day
        return who

    def expire(self) -> int:
        who, amount = self.orders.popleft()
        self.f[who] -= 1
        self.m[who] -= amount
        return who


class Measured:
    """One company, its ranker, and what each batch of orders and each day's end cost, in CPU seconds."""

    def __init__(self, customers: int) -> None:
        self.company = company = Company(customers)
        self.today = START
        self.ordered = self.days = self.moved = 0
        self.batches: list[float] = []
        self.ends: list[float] = []
        self.rounds: list[float] = []
        gc.collect()
        # As in a rebuild: all that is made stays.
        gc.disable()
        before = resident()
        begun = process_time()
        self.ranker = ranker = Ranker(RULES, START)
        ranker.load(
            Place(customer_id, company.last[number].toordinal(), company.f[number], company.m[number])
            for number, customer_id in enumerate(company.ids)
            if company.f[number]
        )
        ranker.settle()
        ranker.commit()
        self.built = process_time() - begun
        gc.enable()
        gc.collect()
        gc.freeze()
        self.megabytes = (resident() - before) / 2**20

    def take_orders(self, batch: int) -> None:
        company = self.company
        changes = [self.facts_of(company.order(self.today)) for _ in range(batch)]
        begun = process_time()
        for change in changes:
            self.ranker.change(*change)
        self.moved += settle(self.ranker)
        self.batches.append((process_time() - begun) / batch)
        self.ordered += batch
        while self.ordered >= (self.days + 1) * company.per_day:
            self.end_day()

    def end_day(self) -> None:
        """Let a year's last day leave the window; a small company has several days in a batch of orders."""
        company = self.company
        gone = [company.expire() for _ in range(company.per_day)]
        changes = [self.facts_of(who) for who in gone if company.f[who]]
        self.days += 1
        self.today += timedelta(days=1)
        begun = process_time()
        self.ranker.set_today(self.today)
        for change in changes:
            self.ranker.change(*change)
        settle(self.ranker)
        self.ends.append(process_time() - begun)

    def end_round(self) -> None:
        """Keep what an order cost in this round."""
        self.rounds.append(median(self.batches))
        self.batches.clear()

    def facts_of(self, who: int) -> tuple[str, date, int, int]:
        company = self.company
        return company.ids[who], company.last[who], company.f[who], company.m[who]

    def row(self) -> str:
        least, middle, most = (1e6 * each for each in (min(self.rounds), median(self.rounds), max(self.rounds)))
        return (
            f"{len(self.company.ids):>9,} customers: {middle:5.1f} us an order ({least:.1f} to {most:.1f}), "
            f"{self.moved / self.ordered:.2f} level changes an order, {median(self.ends) * 1e3:6.1f} ms a day's end "
            f"of {self.company.per_day:,} orders, {self.megabytes:.0f} MB, built in {self.built:.1f} s"
        )


def measure(sizes: Sequence[int], events: int = 20_000, batch: int = 1000, rounds: int = 3) -> list[Measured]:
    """All sizes in one process, batch by batch in turn: whatever else slows the machine slows all alike."""
    companies = [Measured(size) for size in sizes]
    for _ in range(rounds):
        for _ in range(0, events, batch):
            for company in companies:
                company.take_orders(batch)
        for company in companies:
            company.end_round()
    return companies


def resident() -> int:
    """Bytes of memory that this process occupies."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def settle(ranker: Ranker) -> int:
    """Settle, look up what decisions would tell, and return how many there are."""
    changed = ranker.settle()
    for customer_id in changed:
        ranker.scores(customer_id)
    ranker.commit()
    return len(changed)


if __name__ == "__main__":
    for company in measure([int(argument) for argument in sys.argv[1:]] or [10_000, 100_000, 1_000_000]):
        print(company.row())
