"""How the analyses look on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from deploy.cli.names import names_of
from deploy.cli.output import Output
from shared.words import Text

CUSTOMERS = Text(en="customers", zh="客户数")
ORDERS = Text(en="orders", zh="订单")
AMOUNT = Text(en="amount", zh="净额")
UNKNOWN = Text(en="(not known)", zh="（未填）")
TOTAL = Text(en="total", zh="合计")
REST = Text(en="the rest", zh="其余")


def part(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"


def heading(found: dict[str, Any]) -> Text:
    period = found["period"]
    return Text(en=f"{period['from']} to {period['until']}", zh=f"{period['from']} 至 {period['until']}")


def counts(line: dict[str, Any]) -> tuple[object, ...]:
    return line["customers"], line["orders"], line["amount"]


def show_sales(
    found: dict[str, Any], columns: Sequence[Text], more: Callable[[dict[str, Any]], Iterable[object]], output: Output
) -> None:
    """A line for each key, what is not listed, and the total."""
    output.say(heading(found))
    rows = [
        [output.of(UNKNOWN) if line["key"] is None else line["key"], *counts(line), *more(line)]
        for line in found["lines"]
    ]
    if found["rest"] != "0.00":
        rows.append([output.of(REST), None, None, found["rest"], *[None] * (len(columns) - 4)])
    rows.append([output.of(TOTAL), *counts(found["total"]), *more(found["total"])])
    output.table(columns, rows, right=len(columns) - 1)


def show_loyalty(found: dict[str, Any], output: Output) -> None:
    """The rate, and the cohorts as a triangle."""
    output.say(heading(found))
    gap, rate = found["median_days_between"], part(found["repeat_rate"])
    output.say(
        Text(
            en=f"{found['repeated']:,} of {found['customers']:,} customers had ordered before ({rate}); median days"
            f" between orders: {'—' if gap is None else f'{gap:g}'}",
            zh=f"{found['customers']:,} 位下单客户中 {found['repeated']:,} 位以前下过单（{rate}）；"
            f"下单间隔中位数（天）：{'—' if gap is None else f'{gap:g}'}",
        )
    )
    months = max((len(each["active"]) for each in found["cohorts"]), default=0)
    columns = (Text(en="first order", zh="首单月份"), CUSTOMERS, *(Text(en=f"+{n}", zh=f"+{n}") for n in range(months)))
    rows = [
        [
            each["month"],
            each["customers"],
            *(f"{n / each['customers']:.0%}" for n in each["active"]),
            *[None] * (months - len(each["active"])),
        ]
        for each in found["cohorts"]
    ]
    output.table(columns, rows, right=months + 1)


def show_outlook(found: dict[str, Any], output: Output) -> None:
    """Flows, what is expected of each level, and of whom most."""
    output.say(heading(found))
    output.table(
        (Text(en="from", zh="期初"), Text(en="to", zh="期末"), CUSTOMERS),
        (
            ["—" if flow["from"] is None else tier(flow["from"], output), tier(flow["to"], output), flow["customers"]]
            for flow in found["flows"]
        ),
        right=1,
    )
    if found["model"] is None:
        output.say(
            Text(
                en="The past bears no model yet: nobody has ordered twice.", zh="历史尚不足以建立模型：无人第二次下单。"
            )
        )
        return
    expected = Text(en=f"orders in {found['days']} days", zh=f"{found['days']} 天内预期订单")
    active = Text(en="still active", zh="仍活跃")
    output.table(
        (Text(en="level", zh="级别"), CUSTOMERS, active, expected),
        (
            [tier({"class": "contract", "level": each["level"]}, output), each["customers"], f"{each['alive']:.1f}",
             f"{each['orders']:.1f}"]
            for each in found["expected"]
        ),
        right=3,
    )  # fmt: skip
    if found["best"]:
        output.table(
            (Text(en="customer", zh="客户"), Text(en="rep", zh="业务员"), Text(en="last order", zh="最近下单"), active,
             expected),
            (
                [each["customer_id"], each["rep"], each["last_order_on"], part(each["alive"]), f"{each['orders']:.2f}"]
                for each in found["best"]
            ),
            right=2,
        )  # fmt: skip


def tier(pair: dict[str, Any], output: Output) -> str:
    return " · ".join(output.of(name) for name in names_of(pair))


def show_promotion(found: dict[str, Any], output: Output) -> None:
    """During and after, each measure against its expectation."""
    output.say(heading(found))
    output.say(
        Text(
            en=f"The same {found['customers']:,} customers in {len(found['before'])} ordinary periods before;"
            f" {found['newcomers']:,} new ones are not in it.",
            zh=f"与同一批 {found['customers']:,} 位老客户此前 {len(found['before'])} 个平常期间相比；新客户"
            f" {found['newcomers']:,} 位另计。",
        )
    )
    confidence = f"{found['confidence']:.0%}"
    columns = (
        Text(en="period", zh="期间"), Text(en="measure", zh="指标"), Text(en="actual", zh="实际"),
        Text(en="expected", zh="预期"), Text(en=f"{confidence} interval", zh=f"{confidence} 区间"),
        Text(en="unusual", zh="异常"),
    )  # fmt: skip
    names = {
        "amount": AMOUNT,
        "orders": ORDERS,
        "buyers": Text(en="customers who ordered", zh="下单客户数"),
    }
    answers = {None: Text(en="", zh=""), True: Text(en="yes", zh="是"), False: Text(en="no", zh="否")}
    rows = [
        [
            output.of(when), output.of(names[each["measure"]]), number(each["actual"]), number(each["expected"]),
            "" if each["low"] is None else f"{number(each['low'])} … {number(each['high'])}",
            output.of(answers[each["is_unusual"]]),
        ]
        for when, verdicts in (
            (Text(en="during", zh="促销期"), found["effect"]), (Text(en="after", zh="促销后"), found["aftermath"]),
        )
        for each in verdicts
    ]  # fmt: skip
    output.table(columns, rows, right=4)


def number(value: float | None) -> str:
    return "" if value is None else f"{value:,.2f}"
