"""`tierline tiers`: customers by level, or one customer and why."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from deploy.cli.client import StackClient, quoted
from deploy.cli.names import LEVELS, names_of
from deploy.cli.options import DAY, DEFAULT_DATA, AsJson, Data, Lang, Limit, both, layout_of
from deploy.cli.output import Output
from deploy.failure import ExitCode, Failure
from shared.roles import Role
from shared.words import Text

Customer = Annotated[
    str | None,
    typer.Argument(metavar="[ID]", help=both("One customer, with the explanation.", "某位客户，并说明原因。")),
]
Class = Annotated[
    str | None, typer.Option("--class", help=both("contract, sample or potential.", "contract、sample 或 potential。"))
]
Level = Annotated[
    str | None, typer.Option("--level", help=both("key, ordinary, lapsed …", "key、ordinary、lapsed 等。"))
]
AsOf = Annotated[
    datetime | None,
    typer.Option("--as-of", formats=DAY, help=both("As it was decided by that day.", "按当日已作出的判定。")),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("tiers")(tiers)


def tiers(
    customer: Customer = None,
    customer_class: Class = None,
    level: Level = None,
    as_of: AsOf = None,
    limit: Limit = 50,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    refuse_unknown(customer_class, level)
    if as_of is not None and customer is None:
        raise Failure(
            Text(en="--as-of looks at one customer.", zh="--as-of 只用于查看某一位客户。"),
            Text(
                en="Name one, or see the counts of that day: tierline levels --as-of",
                zh="请给出客户编号；查看当日各级数量用 tierline levels --as-of",
            ),
            code=ExitCode.USAGE,
        )
    with StackClient(layout_of(data), Role.GM) as client:
        if customer is not None:
            tier = client.get("scoring", f"/tiers/{quoted(customer)}", as_of=as_of and as_of.date().isoformat())
            output.result(tier, lambda: explain(tier, output))
            return
        # One more than is shown tells whether there are more.
        found = list(client.pages("scoring", "/tiers", limit + 1, **{"class": customer_class, "level": level}))
    output.result(found[:limit], lambda: show_list(found, limit, output))


def refuse_unknown(customer_class: str | None, level: str | None) -> None:
    """A misspelt class or level is a mistake of the command line, not an empty list."""
    levels = {name for names in LEVELS.values() for name in names}
    for given, known in ((customer_class, set(LEVELS)), (level, levels)):
        if given is not None and given not in known:
            choice = ", ".join(sorted(known))
            raise Failure(
                Text(en=f"There is no {given}.", zh=f"没有 {given}。"),
                Text(en=f"There are: {choice}", zh=f"可选：{choice}"),
                code=ExitCode.USAGE,
            )


def show_list(found: list[dict[str, Any]], limit: int, output: Output) -> None:
    """Many customers, a line each."""
    columns = (
        Text(en="customer", zh="客户"), Text(en="class", zh="类别"), Text(en="level", zh="级别"),
        Text(en="since", zh="起始"), Text(en="R F M", zh="R F M"), Text(en="rank", zh="名次"),
        Text(en="days", zh="天数"), Text(en="orders", zh="订单"), Text(en="amount", zh="金额"),
    )  # fmt: skip
    output.table(
        columns,
        (
            (
                tier["customer_id"], *(output.of(name) for name in names_of(tier)), tier["since"], scores(tier),
                tier["rank"], tier["recency_days"], tier["orders"], tier["amount"],
            )
            for tier in found[:limit]
        ),
        right=4,
    )  # fmt: skip
    if len(found) > limit:
        output.say(
            Text(en="There are more: --limit, --class, --level.", zh="还有更多：可用 --limit、--class、--level。")
        )


def explain(tier: dict[str, Any], output: Output) -> None:
    """One customer: the level, what it was held against, and what moved it."""
    customer_class, level = names_of(tier)
    output.say(
        Text(
            en=f"{tier['customer_id']}: {customer_class.en}, {level.en}, since {tier['since']}",
            zh=f"{tier['customer_id']}：{customer_class.zh} · {level.zh}，自 {tier['since']} 起",
        ),
        style="bold",
    )
    output.say(Text(en=tier["why"]["en"], zh=tier["why"]["zh"]))
    output.say(moved_by(tier["cause"]))
    cutoffs = tier["cutoffs"]
    if cutoffs is None:
        return
    output.table(
        (
            Text(en="measure", zh="指标"), Text(en="value", zh="数值"), Text(en="score", zh="得分"),
            Text(en="held against", zh="分界值（20/40/60/80%）"),
        ),
        (
            (output.of(name), tier[value], tier[score], "  ".join(str(cutoff) for cutoff in cutoffs[score]))
            for name, value, score in (
                (Text(en="R, days since the last order", zh="R 距上次下单天数"), "recency_days", "r"),
                (Text(en="F, orders in the window", zh="F 期内订单数"), "orders", "f"),
                (Text(en="M, net amount in the window", zh="M 期内净金额"), "amount", "m"),
            )
        ),
    )  # fmt: skip


def moved_by(cause: dict[str, Any]) -> Text:
    """What the decision followed from: an event, a day that passed, a new policy (K6)."""
    if cause["kind"] == "event":
        event = f"{cause['type']} {cause['id']}"
        return Text(en=f"Caused by the event {event}", zh=f"由事件 {event} 引起")
    if cause["kind"] == "date":
        return Text(en=f"Caused by time alone, on {cause['date']}", zh=f"由时间推移引起（{cause['date']}）")
    return Text(en="Caused by a new policy", zh="由政策更新引起")


def scores(tier: dict[str, Any]) -> str:
    """The three scores; nothing where the customer is not ranked."""
    return "" if tier["r"] is None else f"{tier['r']} {tier['f']} {tier['m']}"
