"""`tierline demo`: the whole system on real orders, and proof that what came of them is right."""

from __future__ import annotations

import asyncio
import time
from datetime import date
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from deploy.cli.demo_report import Report, collect_report, show
from deploy.cli.draining import Waiting, drained
from deploy.cli.options import AsJson, Data, Lang, Today, both, layout_of
from deploy.cli.output import Output
from deploy.cli.up import run_stack
from deploy.failure import ExitCode
from deploy.local.datasets import CURRENCY, REPS, DataSet, cdnow, fetch_cdnow, generated
from deploy.local.feed import publish
from deploy.local.layout import DEFAULT_FOLDER, Layout
from deploy.local.settings import StackSettings
from deploy.local.stack import Stack, Wish
from shared.clock import Clock
from shared.policy import Policy, load_policy
from shared.settings import load_settings
from shared.words import Text

# A folder of its own, so that a demo never meets the data of a stack that somebody works with.
DEMO_FOLDER = DEFAULT_FOLDER / "demo"
# As shells say of a program that Ctrl-C ended.
INTERRUPTED = 130
SOURCE = "/tierline/demo"

Orders = Annotated[int | None, typer.Option("--orders", min=1, help=both("So many orders only.", "只用这么多订单。"))]
Generated = Annotated[
    bool,
    typer.Option("--generated", help=both("Made-up orders instead of CDNOW's.", "用生成的订单代替真实订单。")),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(
    orders: Orders = None,
    made_up: Generated = False,
    today: Today = None,
    data: Data = DEMO_FOLDER,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    began = time.monotonic()
    policy = load_policy(load_settings(StackSettings).policy_file)
    layout = layout_of(data)
    business_date = today.date() if today is not None else Clock(policy.zone).today()
    data_set = choose(layout, output, business_date, orders, made_up=made_up)
    introduce(data_set, output)
    wish = Wish(layout, today=None if today is None else business_date, demo=True)
    report = run_stack(wish, output, lambda stack: play(stack, data_set, policy, output))
    if report is None:
        raise typer.Exit(INTERRUPTED)
    output.result(report.as_json(), lambda: show(report, output))
    output.note(Text(en=f"Done in {time.monotonic() - began:.0f} s.", zh=f"全程 {time.monotonic() - began:.0f} 秒。"))
    output.note(
        Text(
            en=f"The data stays: `tierline up --data {data}` goes on with it; the next demo begins anew.",
            zh=f"数据已保留：`tierline up --data {data}` 可继续使用；下次演示会重新开始。",
        )
    )
    if not report.holds:
        raise typer.Exit(ExitCode.NOT_SO)


def choose(layout: Layout, output: Output, today: date, limit: int | None, *, made_up: bool) -> DataSet:
    """CDNOW's orders, or made-up ones where they are asked for or CDNOW's cannot be had."""
    if made_up:
        return generated(today, limit)
    output.note(Text(en="Fetching the CDNOW orders …", zh="获取 CDNOW 订单数据……"))
    file = fetch_cdnow(layout.cache)
    if file is None:
        output.note(
            Text(
                en="The CDNOW orders could not be fetched (no network?): made-up ones are used instead.",
                zh="无法获取 CDNOW 订单（没有网络？），改用生成的订单。",
            )
        )
        return generated(today, limit)
    data_set = cdnow(file, today, limit)
    if limit is not None and limit > len(data_set.purchases):
        output.note(
            Text(
                en=f"CDNOW has {len(data_set.purchases)} orders; more can be had with --generated.",
                zh=f"CDNOW 共有 {len(data_set.purchases)} 个订单；需要更多可用 --generated。",
            )
        )
    return data_set


def introduce(data_set: DataSet, output: Output) -> None:
    """Say what the data is, and what the demo adds to it."""
    count, customers = f"{len(data_set.purchases):,}", f"{data_set.customers:,}"
    added_en = f"currency ({CURRENCY}) and {REPS} reps are the demo's own"
    added_zh = f"币种（{CURRENCY}）与 {REPS} 名业务员由演示指定"
    if data_set.name == "CDNOW":
        output.note(
            Text(
                en=f"CDNOW: {count} real orders of {customers} customers, 1997-98, moved to end today; {added_en}.",
                zh=f"CDNOW:{customers} 位客户的 {count} 个真实订单（1997–98），日期平移至今天；{added_zh}。",
            )
        )
    else:
        output.note(
            Text(
                en=f"GENERATED data, not real: {count} orders of {customers} customers; {added_en}.",
                zh=f"生成数据（非真实）：{customers} 位客户的 {count} 个订单；{added_zh}。",
            )
        )


async def play(stack: Stack, data_set: DataSet, policy: Policy, output: Output) -> Report:
    """Publish the orders, wait until all is done, and look at what came of them."""
    total = len(data_set.purchases)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=output.errors, disable=not output.errors.is_terminal) as progress:
        publishing = progress.add_task(output.of(Text(en="published", zh="已发布")), total=total)
        taking_effect = progress.add_task(output.of(Text(en="taken effect", zh="已生效")), total=None)
        began = time.monotonic()
        count = await publish(
            stack.kafka,
            data_set.orders(policy.zone),
            source=SOURCE,
            on_progress=lambda sent: progress.update(publishing, completed=sent),
        )
        ended = await drained(stack, Draining(progress, taking_effect))
    output.note(Text(en="Checking …", zh="核对中……"))
    return await asyncio.to_thread(collect_report, stack, data_set, count, ended - began)


class Draining:
    """Shows how much of the most that ever waited is done."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task
        self._most = 0

    def __call__(self, waiting: Waiting) -> None:
        self._most = max(self._most, waiting.records)
        self._progress.update(self._task, total=self._most or None, completed=self._most - waiting.records)
