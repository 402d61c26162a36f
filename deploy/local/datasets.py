"""Orders to show the system with: CDNOW's real ones, or made-up ones that say so."""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from deploy.local.feed import Told
from shared.contracts.orders import OrderPlaced

# 69,659 purchases of 23,570 customers of the shop CDNOW, 1997-01 to 1998-06; the package is needed for its data only.
WHEEL = "lifetimes==0.11.3 --hash=sha256:261e3dc89977c2b60767ca6728aaa29d429de0c814635070a749c36555895da8\n"
MEMBER = "lifetimes/datasets/CDNOW_master.txt"
DOWNLOAD_SECONDS = 90

# What the demo adds to the data, and says that it adds.
CURRENCY = "CNY"
REPS = 8

GENERATED_ORDERS = 20_000
GENERATED_DAYS = 540


@dataclass(frozen=True, slots=True)
class Purchase:
    """A row of the data: who bought for how much on which day."""

    order_id: str
    customer_id: str
    rep: str
    amount: Decimal
    on: date


@dataclass(frozen=True, slots=True)
class DataSet:
    """Orders in the order of their days, the last of them today."""

    name: Literal["CDNOW", "generated"]
    purchases: Sequence[Purchase]

    @property
    def customers(self) -> int:
        """How many different customers bought."""
        return len({purchase.customer_id for purchase in self.purchases})

    def orders(self, zone: ZoneInfo) -> Iterator[Told]:
        """The same as the order system would tell it; the data knows days only, so each is placed as its day begins."""
        for purchase in self.purchases:
            order = OrderPlaced(
                order_id=purchase.order_id,
                customer_id=purchase.customer_id,
                amount=purchase.amount,
                currency=CURRENCY,
                placed_at=datetime.combine(purchase.on, time.min, zone),
                sold_by=purchase.rep,
            )
            yield Told("order.placed", order.order_id, order)


def cdnow(file: Path, today: date, limit: int | None = None) -> DataSet:
    """CDNOW's orders, those of the first customers up to `limit`, moved so that the last of all falls on `today`."""
    rows = [line.split() for line in file.read_text(encoding="ascii").splitlines()[1:] if line.strip()]
    days = [date.fromisoformat(row[1]) for row in rows]
    shift = today - max(days)
    purchases = [
        Purchase(f"CDNOW-{number:06}", f"CDNOW-{row[0]}", rep_of(int(row[0])), Decimal(row[3]), day + shift)
        for number, (row, day) in enumerate(zip(rows, days, strict=True), start=1)
    ]
    return DataSet("CDNOW", sorted(purchases[:limit], key=by_day))


def generated(today: date, count: int | None = None) -> DataSet:
    """Made-up orders, the same ones each day: many customers who buy once, few who buy often."""
    dice = random.Random(1)  # noqa: S311 - a demo wants the same dice each time
    count = count or GENERATED_ORDERS
    people = max(1, count // 3)
    purchases = []
    for number in range(1, count + 1):
        customer = int(people * dice.random() ** 2) + 1
        # Newer days are likelier, so that a fair part is not lapsed.
        age = int(GENERATED_DAYS * dice.random() ** 1.3) if number < count else 0
        amount = Decimal(round(dice.lognormvariate(7, 1) * 100)) / 100
        customer_id = f"GEN-{customer:06}"
        purchases.append(
            Purchase(f"GEN-{number:07}", customer_id, rep_of(customer), amount, today - timedelta(days=age))
        )
    return DataSet("generated", sorted(purchases, key=by_day))


def by_day(purchase: Purchase) -> tuple[date, str]:
    """The order in which a shop would have told it."""
    return purchase.on, purchase.order_id


def rep_of(customer: int) -> str:
    """The rep to whom the demo gives a customer."""
    return f"rep-{customer % REPS + 1}"


def fetch_cdnow(cache: Path) -> Path | None:
    """The file with CDNOW's orders, downloaded once; None where that cannot be done (no network, no pip)."""
    target = cache / Path(MEMBER).name
    if target.exists():
        return target
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as name:
        folder = Path(name)
        lock = folder / "requirements.txt"
        lock.write_text(WHEEL, encoding="ascii")
        pip = [
            sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input",
            "--no-deps", "--require-hashes", "--retries", "1", "--timeout", "15",
            "--dest", str(folder), "--requirement", str(lock),
        ]  # fmt: skip
        try:
            done = subprocess.run(pip, capture_output=True, check=False, timeout=DOWNLOAD_SECONDS)
            wheels = list(folder.glob("*.whl"))
            if done.returncode or not wheels:
                return None
            with zipfile.ZipFile(wheels[0]) as wheel:
                # Only unpacked: nothing of the package is installed or run.
                Path(wheel.extract(MEMBER, folder)).replace(target)
        except (subprocess.TimeoutExpired, OSError, zipfile.BadZipFile, KeyError):
            return None
    return target
