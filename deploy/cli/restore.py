"""`tierline restore`: a whole stack comes back from a backup (A8)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import quote

import typer
from pyrage import x25519

from deploy.backup.keys import read_identity
from deploy.backup.loading import Target, load
from deploy.backup.opening import examine, unsealed
from deploy.backup.places import Place
from deploy.backup.restoring import (
    Act,
    Aftermath,
    look_at_logs,
    move_fences,
    note_restore,
    refuse_occupied,
    restore_rest,
    swap,
)
from deploy.backup.servers import servers
from deploy.backup.signing import Believed
from deploy.backup.since import close_counted_grants, read_since, still_there
from deploy.backup.stack import (
    believed_by,
    find_backup,
    hand_back,
    keys_of,
    objects_of,
    set_aside,
    signed_beyond,
)
from deploy.cli.client import user_name
from deploy.cli.moments import local
from deploy.cli.options import DEFAULT_DATA, AsJson, Data, Identity, Lang, Unsigned, both, layout_of
from deploy.cli.output import Output
from deploy.cli.up import Kafka, Postgres
from deploy.local.databases import connect_external
from deploy.local.layout import Layout, is_running
from deploy.local.settings import StackSettings
from deploy.local.state import read_state
from deploy.local.topics import create_topics
from shared.engine.kafka import KafkaAddress
from shared.settings import load_settings
from shared.words import Text

Report = Callable[[Text], None]
Parts = tuple[Target, KafkaAddress]
# The superuser of Compose's server, beside the files of the other logins.
SUPERUSER = "postgres"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("restore")(restore)


def restore(
    backup: Annotated[
        str, typer.Argument(metavar="FILE", help=both("A backup's file, or its name.", "备份文件或名称。"))
    ],
    identity: Identity,
    yes: Annotated[
        bool, typer.Option("--yes", help=both("Replace the databases that are there.", "替换现有数据库。"))
    ] = False,
    unsigned: Unsigned = False,
    kafka: Kafka = None,
    postgres: Postgres = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    layout = layout_of(data)
    place, name = find_backup(layout, backup)
    key, believed = read_identity(identity), believed_by(layout, identity, unsigned=unsigned)
    parts = parts_of(layout, kafka, postgres, output.note)
    done = asyncio.run(bring_back(Wanted(place, name, key, believed, yes), layout, parts, output.note))
    output.result(done, lambda: show(done, output, contained=is_running(layout)))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which backup, opened by which key, if it is of whom we believe; `yes`: in place of what is there."""

    place: Place
    name: str
    key: x25519.Identity
    believed: Believed
    yes: bool


async def bring_back(
    wanted: Wanted, layout: Layout, parts: AbstractAsyncContextManager[Parts], report: Report
) -> dict[str, Any]:
    """Look whose it is, restore beside what is there, look whether all is sound, and only then replace it."""
    report(Text(en=f"Examining {wanted.name} …", zh=f"检查 {wanted.name} 的签名与完整性……"))
    with wanted.place.reading(wanted.name) as source:
        examined = examine(source, wanted.key, wanted.name, wanted.believed)
    async with parts as (target, kafka):
        await refuse_occupied(target, yes=wanted.yes)
        report(Text(en=f"Reading {wanted.name} …", zh=f"读取 {wanted.name} ……"))
        with wanted.place.reading(wanted.name) as source, unsealed(source, wanted.key, examined) as opened:
            loaded = await load(opened, target)
        logs = await look_at_logs(kafka, loaded, target)
        await move_fences(kafka, target, logs)
        now, who = datetime.now(UTC), f"cli-{user_name()}"
        since = await read_since(kafka, target, logs, now)
        closed, living = await close_counted_grants(target, since, who, now), await still_there(target, since)
        beyond = signed_beyond(layout, loaded.head.entries)
        act = Act(who, wanted.name, examined)
        await note_restore(target, act, loaded, Aftermath(beyond, len(closed), len(living)))
        report(Text(en="All of it is sound: replacing the databases …", zh="备份完整，替换数据库……"))
        await swap(target)
        # Once more from the beginning: what is no table was of no use before the tables had proved sound.
        with wanted.place.reading(wanted.name) as source, unsealed(source, wanted.key, examined) as opened:
            sent = await restore_rest(opened, keys_of(layout), objects_of(layout), kafka, logs)
        hand_back(layout)
    aside = set_aside(layout, loaded.head.entries)
    return {
        "backup": wanted.name,
        "signer": None if examined.signed is None else examined.signed.signer,
        "at": loaded.manifest["at"],
        "rows": loaded.rows,
        "entries": loaded.head.entries,
        "head": loaded.head.hash,
        "vouched": loaded.vouched,
        "new_topics": sorted({topic for topic, _ in logs.other}),
        "records_sent_again": sent,
        "checkpoints_aside": None if aside is None else str(aside),
        "grants_closed": closed,
        "destroyed_since": living,
    }


@asynccontextmanager
async def parts_of(layout: Layout, kafka: str | None, postgres: str | None, report: Report) -> AsyncIterator[Parts]:
    """The servers to restore on: containers', or a stopped stack's own; Failure while a stack runs."""
    state = read_state(layout) if is_running(layout) else None
    if state is None or state.supervisor is not None:
        async with servers(layout, kafka, postgres, report) as parts:
            yield parts
        return
    password = quote(layout.password_file(SUPERUSER).read_text(encoding="utf-8").rstrip("\r\n"), safe="")
    server = await connect_external(f"postgresql://{SUPERUSER}:{password}@{state.postgres}/postgres")
    settings = load_settings(StackSettings)
    address = settings.external_kafka(state.kafka)
    await create_topics(address, settings.kafka.partitions)
    yield Target(server, layout), address


def show(done: dict[str, Any], output: Output, *, contained: bool) -> None:
    """What came back, and what to do next."""
    at = local(done["at"])
    output.say(
        Text(
            en=f"Restored as of {at}: {done['rows']} rows, {done['entries']} audit entries.",
            zh=f"已恢复到 {at}：{done['rows']} 行数据，审计 {done['entries']} 条。",
        ),
        style="green",
    )
    if done["signer"] is None:
        output.say(
            Text(
                en="Nobody signed this backup whom you believe, and the audit says so. Make a new one: `tierline "
                "backup make`.",
                zh="此备份没有可信签名，审计中已如实记录。请尽快制作新的备份：`tierline backup make`。",
            ),
            style="yellow",
        )
    if done["new_topics"]:
        output.say(
            Text(
                en="Topics are not those of then: let the order system send again what it sent since "
                f"{at}; what is repeated counts once.",
                zh=f"消息主题已不是备份时的：请让订单系统重发 {at} 之后的订单；重复的只计一次。",
            ),
            style="yellow",
        )
    if done["checkpoints_aside"]:
        output.say(
            Text(
                en=f"Signed checkpoints went further than this backup: {done['checkpoints_aside']} keeps them, proof "
                "of what was lost.",
                zh=f"已签名的检查点晚于此备份：已移至 {done['checkpoints_aside']} 保存，作为丢失部分的证据。",
            ),
            style="yellow",
        )
    if done["grants_closed"]:
        closed = len(done["grants_closed"])
        output.say(
            Text(
                en=f"{closed} grants for a number of readings were closed: how often they were used since then is not "
                "known. Who still needs one asks again.",
                zh=f"已关闭 {closed} 项限次查阅授权：备份之后用过几次已无从核实。仍需查阅者请重新申请。",
            ),
            style="yellow",
        )
    if done["destroyed_since"]:
        named = ", ".join(done["destroyed_since"])
        output.say(
            Text(
                en=f"Destroyed after this backup, and there again: {named}. Have them destroyed again (`tierline "
                "destruction`).",
                zh=f"以下档案在此备份之后已销毁，现又恢复：{named}。请重新办理销毁（`tierline destruction`）。",
            ),
            style="yellow",
        )
    up = "docker compose up --wait" if contained else "tierline up"
    output.say(Text(en=f"Now start the stack: `{up}`.", zh=f"请启动系统：`{up}`。"))
