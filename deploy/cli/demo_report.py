"""What came of the demo's orders: levels, the best customers, reminders, the audit, and whether all of it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from deploy.cli.audit import verdict
from deploy.cli.client import StackClient
from deploy.cli.names import CLASS_NAMES, LEVEL_NAMES, LEVELS
from deploy.cli.output import Output
from deploy.local.datasets import DataSet
from deploy.local.stack import Stack
from shared.contracts.registry import SERVICES
from shared.roles import Role
from shared.words import Text

BEST = 10


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that the demo shows; `check` compares every level with a full computation in SQL."""

    source: str
    orders: int
    expected_customers: int
    levels: dict[str, dict[str, int]]
    best: list[dict[str, Any]]
    reminders: dict[str, Any]
    audit: dict[str, Any]
    check: dict[str, Any]
    dead_letters: int
    seconds: float

    @property
    def customers(self) -> int:
        """How many have a level."""
        return sum(sum(counts.values()) for counts in self.levels.values())

    @property
    def orders_per_second(self) -> float:
        """From the first one published until nothing was left to do."""
        return self.orders / self.seconds

    @property
    def faults(self) -> list[Text]:
        """What does not hold; empty when all is well."""
        found = []
        if self.customers != self.expected_customers:
            found.append(
                Text(
                    en=f"{self.customers} customers have a level, {self.expected_customers} bought",
                    zh=f"有级别的客户 {self.customers} 位，而下单客户 {self.expected_customers} 位",
                )
            )
        if self.dead_letters:
            found.append(Text(en=f"{self.dead_letters} dead letters", zh=f"{self.dead_letters} 条死信"))
        if not self.audit["verified"]:
            found.append(verdict(self.audit))
        if self.check["different"]:
            found.append(
                Text(
                    en=f"{self.check['different']} levels differ from the full computation",
                    zh=f"{self.check['different']} 位客户的级别与完整计算不符",
                )
            )
        return found

    @property
    def holds(self) -> bool:
        """Whether every check passed."""
        return not self.faults

    def as_json(self) -> dict[str, Any]:
        """What `demo --json` prints."""
        return {
            "source": self.source,
            "orders": self.orders,
            "customers": self.customers,
            "levels": self.levels,
            "best": self.best,
            "reminders_due": self.reminders["due"],
            "reminders_scheduled": self.reminders["scheduled"],
            "reminders_by_rep": {line["rep"]: line["due"] for line in self.reminders["by_rep"]},
            "audit": {"entries": self.audit["entries"], "verified": self.audit["verified"]},
            "check": self.check,
            "dead_letters": self.dead_letters,
            "seconds": round(self.seconds, 2),
            "orders_per_second": round(self.orders_per_second),
            "holds": self.holds,
        }


def collect_report(stack: Stack, data_set: DataSet, orders: int, seconds: float) -> Report:
    """Ask the services; Failure when one does not answer."""
    with StackClient(stack.layout, Role.GM, stack.state) as client:
        counted = {(line["class"], line["level"]): line["customers"] for line in client.get("scoring", "/levels")}
        check = client.post("scoring", "/check")
        return Report(
            source=data_set.name,
            orders=orders,
            expected_customers=data_set.customers,
            levels={
                name: {level: counted.get((name, level), 0) for level in levels} for name, levels in LEVELS.items()
            },
            best=client.get("scoring", "/best", limit=BEST),
            reminders=client.get("followup", "/reminders/summary"),
            audit=client.get("archive", "/audit/verification"),
            check={"customers": check["customers"], "different": check["different"]},
            dead_letters=sum(client.get(service, "/status")["dead_letters"] for service in SERVICES),
            seconds=seconds,
        )


def show(report: Report, output: Output) -> None:
    """The same for people."""
    output.table(
        (Text(en="class", zh="类别"), Text(en="level", zh="级别"), Text(en="customers", zh="客户数")),
        (
            (output.of(CLASS_NAMES[name]), output.of(LEVEL_NAMES[name, level]), f"{count:,}")
            for name, levels in report.levels.items()
            for level, count in levels.items()
        ),
        title=Text(en=f"{report.customers:,} customers", zh=f"{report.customers:,} 位客户"),
        right=1,
    )
    output.table(
        (Text(en="rank", zh="名次"), Text(en="customer", zh="客户"), Text(en="why", zh="原因")),
        ((tier["rank"], tier["customer_id"], tier["why"][output.language]) for tier in report.best),
        title=Text(en="The ten best", zh="前十名"),
    )
    output.table(
        (Text(en="rep", zh="业务员"), Text(en="to contact today", zh="今日应联系")),
        ((line["rep"], line["due"]) for line in report.reminders["by_rep"]),
        title=Text(
            en=f"Reminders: {report.reminders['due']:,} due today, {report.reminders['scheduled']:,} scheduled",
            zh=f"提醒：今日到期 {report.reminders['due']:,} 个，已排期 {report.reminders['scheduled']:,} 个",
        ),
        right=1,
    )
    conclude(report, output)


def conclude(report: Report, output: Output) -> None:
    """The checks, and whether they passed."""
    output.say(verdict(report.audit))
    output.say(
        Text(
            en=f"Levels against a full computation in SQL: {report.check['customers']:,} compared, "
            f"{report.check['different']} different",
            zh=f"与 SQL 完整计算核对：比较 {report.check['customers']:,} 位，不符 {report.check['different']} 位",
        )
    )
    output.say(Text(en=f"Dead letters: {report.dead_letters}", zh=f"死信：{report.dead_letters}"))
    label_en = "" if report.source == "CDNOW" else " (GENERATED)"
    label_zh = "" if report.source == "CDNOW" else "（生成数据）"
    output.say(
        Text(
            en=f"{report.orders:,} orders{label_en} published and drained in {report.seconds:.1f} s: "
            f"{report.orders_per_second:,.0f} orders/s",
            zh=f"{report.orders:,} 个订单{label_zh}从发布到全部生效用时 {report.seconds:.1f} 秒："
            f"每秒 {report.orders_per_second:,.0f} 个",
        ),
        style="bold",
    )
    for fault in report.faults:
        output.say(Text(en=f"✗ {fault.en}", zh=f"✗ {fault.zh}"), style="bold red")
    if report.holds:
        output.say(Text(en="✓ All of it holds.", zh="✓ 全部核对无误。"), style="bold green")
