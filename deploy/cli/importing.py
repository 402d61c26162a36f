"""`tierline import`: a table of trade becomes events, after a look at what is wrong with it."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from deploy.cli.client import StackClient
from deploy.cli.options import DEFAULT_DATA, AsJson, Data, Lang, both, layout_of
from deploy.cli.output import Output
from deploy.failure import ExitCode
from deploy.local.feed import Told, publish
from deploy.local.layout import Layout, is_running
from deploy.local.settings import StackSettings
from deploy.local.state import StackState, read_state
from deploy.local.trade import BadRow, read_trade
from shared.engine.kafka import KafkaAddress
from shared.policy import Policy, load_policy
from shared.roles import Role
from shared.settings import load_settings
from shared.words import Text

# A preview, not the whole list; --json has it all.
SHOWN = 20
SOURCE = "/tierline/import"

File = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help=both(
            "CSV or Excel with order_id, customer_id, amount, currency, placed_at, and sold_by, channel, completed_at, "
            "cancelled_at if known; rows of one order with sku, quantity, unit_price are its lines. Or returns "
            "(return_id, …), payments (payment_id, …), samples (sample_id, …).",
            "CSV 或 Excel，含列 order_id、customer_id、amount、currency、placed_at，可有 sold_by、channel、"
            "completed_at、cancelled_at；同一订单的多行若有 sku、quantity、unit_price 即为明细。"
            "也可为退货（return_id…）、回款（payment_id…）、寄样（sample_id…）。",
        ),
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help=both("Only look; publish nothing.", "仅检查，不发布。"))]
SkipBad = Annotated[
    bool,
    typer.Option(
        "--skip-bad", help=both("Publish the good rows though others are bad.", "跳过有误的行，发布其余各行。")
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("import")(import_orders)


def import_orders(
    file: File,
    dry_run: DryRun = False,
    skip_bad: SkipBad = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    settings = load_settings(StackSettings)
    layout = layout_of(data)
    told, bad = read_trade(file, deciding_policy(layout, settings))
    publishing = not dry_run and bool(told) and (skip_bad or not bad)
    published = send(told, read_state(layout), settings) if publishing else 0
    found: dict[str, Any] = {
        "file": str(file),
        "good": len(told),
        "bad": [asdict(row) for row in bad],
        "published": published,
    }
    output.result(found, lambda: tell(output, len(told), bad, published))
    if bad and not skip_bad:
        raise typer.Exit(ExitCode.NOT_SO)


def deciding_policy(layout: Layout, settings: StackSettings) -> Policy:
    """The policy in force where a stack runs, else the file that one would begin with."""
    if not is_running(layout):
        return load_policy(settings.policy_file)
    with StackClient(layout, Role.GM) as client:
        return Policy.model_validate(client.get("scoring", "/policy")["policy"])


def send(told: list[Told], state: StackState, settings: StackSettings) -> int:
    """Publish to the stack's broker; each event counts once however often its file is imported."""
    address = broker_of(state, settings)
    return asyncio.run(publish(address, told, source=SOURCE, on_progress=lambda _: None))


def broker_of(state: StackState, settings: StackSettings) -> KafkaAddress:
    """The stack's broker, with the environment's login where it is not the embedded one."""
    find = settings.embedded_kafka if "kafka" in state.embedded else settings.external_kafka
    return find(state.kafka)


def tell(output: Output, good: int, bad: list[BadRow], published: int) -> None:
    """What was found and done."""
    if bad:
        output.table(
            (Text(en="row", zh="行"), Text(en="id", zh="编号"), Text(en="what is wrong", zh="问题")),
            ((row.number, row.id, output.of(row.why)) for row in bad[:SHOWN]),
            title=Text(en=f"{len(bad)} bad rows", zh=f"有误的行：{len(bad)}"),
        )
    if published:
        output.say(
            Text(
                en=f"{published} events published. `tierline status` says when they are drained.",
                zh=f"已发布 {published} 个事件。用 `tierline status` 查看处理进度。",
            ),
            style="green",
        )
    else:
        output.say(Text(en=f"Good events: {good}. Nothing was published.", zh=f"可导入 {good} 个事件，未发布。"))
        if bad:
            output.say(
                Text(
                    en="Mend the rows, or publish the others with --skip-bad.",
                    zh="请修改后重试，或用 --skip-bad 只发布其余各行。",
                )
            )
