"""What one order costs the ranker, by the number of customers: `python -m bench.ranking [CUSTOMERS ...]`.

A company in a steady state: four orders a customer and year on the average, a few customers with very many; as orders
come in, those of a year ago leave the window. Decisions are explained, as they are in the service. CPU time, and of
all batches the median: other programs on the machine slow some of them.
"""

from __future__ import annotations

import gc
import random
import resource
import sys
from collections import deque
from datetime import date, timedelta
from fractions import Fraction
from statistics import median
from time import process_time

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
        self.eager = [int(customers * self.random.random() ** 2.5) for _ in range(200_000)]
        self.per_day = max(1, customers * ORDERS_A_YEAR // 365)
        self.orders: deque[tuple[int, int]] = deque()
        self.f = [0] * customers
        self.m = [0] * customers
        self.last = [START] * customers
        for day in range(365):
            for _ in range(self.per_day):
                self.order(START - timedelta(days=364 - day))

    def order(self, day: date) -> int:
        who = self.random.choice(self.eager)
        if self.random.random() < OFTEN_ANYBODY:
            who = self.random.randrange(len(self.ids))
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


def measure(customers: int, events: int = 60_000, batch: int = 1000) -> None:
    company = Company(customers)
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    ranker = Ranker(RULES, START)
    begun = process_time()
    for number, customer_id in enumerate(company.ids):
        if company.f[number]:
            ranker.change(customer_id, company.last[number], company.f[number], company.m[number])
    ranker.settle()
    ranker.commit()
    built = process_time() - begun
    gc.collect()
    gc.freeze()
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 / len(company.ids)
    spent: list[float] = []
    days_spent: list[float] = []
    moved = days = 0
    today = START
    for start in range(0, events, batch):
        touched = [company.order(today) for _ in range(batch)]
        changes = [(company.ids[who], today, company.f[who], company.m[who]) for who in touched]
        begun = process_time()
        for change in changes:
            ranker.change(*change)
        moved += settle(ranker)
        spent.append((process_time() - begun) / batch)
        if (start + batch) // company.per_day > days:
            gone = [company.expire() for _ in range(company.per_day)]
            changes = [(company.ids[w], company.last[w], company.f[w], company.m[w]) for w in gone if company.f[w]]
            days, today = days + 1, today + timedelta(days=1)
            begun = process_time()
            ranker.set_today(today)
            for change in changes:
                ranker.change(*change)
            settle(ranker)
            days_spent.append(process_time() - begun)
    print(
        f"{customers:>9,} customers: {median(spent) * 1e6:5.1f} us an order, "
        f"{moved / events:.2f} level changes an order, {median(days_spent) * 1e3:6.1f} ms a day's end, "
        f"{memory:.0f} bytes a customer, built in {built:.1f} s",
        flush=True,
    )


def settle(ranker: Ranker) -> int:
    """Settle, look up what decisions would tell, and return how many there are."""
    changed = ranker.settle()
    for customer_id in changed:
        ranker.scores(customer_id)
    ranker.commit()
    return len(changed)


if __name__ == "__main__":
    for size in [int(argument) for argument in sys.argv[1:]] or [10_000, 100_000, 1_000_000]:
        measure(size)
