"""`tierline up`: the local stack in the foreground."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer

from deploy.cli.backing_up import keep_backed_up
from deploy.cli.options import DEFAULT_DATA, AsJson, Data, Lang, Today, both, layout_of
from deploy.cli.output import Output
from deploy.cli.status import collect, show
from deploy.local.stack import Stack, Wish
from shared.words import Text

Result = TypeVar("Result")

Kafka = Annotated[
    str | None,
    typer.Option(
        "--kafka",
        help=both("HOST:PORT of a Kafka to use instead of the embedded one.", "改用指定的 Kafka（主机:端口）。"),
    ),
]
Postgres = Annotated[
    str | None,
    typer.Option(
        "--postgres",
        # On a command line everybody on the machine can read its password.
        envvar="TIERLINE_POSTGRES_URL",
        help=both(
            "URL of a PostgreSQL to use instead of the embedded one: a login that may create databases and roles.",
            "改用指定的 PostgreSQL（URL，账号须能建库建角色）。",
        ),
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("up")(up)


def up(
    kafka: Kafka = None,
    postgres: Postgres = None,
    today: Today = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    wish = Wish(layout_of(data), kafka, postgres, None if today is None else today.date())
    run_stack(wish, output, lambda stack: serve(stack, output))


async def serve(stack: Stack, output: Output) -> None:
    """Say where everything is, and back it up when that is due, for ever."""
    found = await asyncio.to_thread(collect, stack.layout, stack.state)
    output.result(found.as_json(), lambda: show(found, output))
    output.say(
        Text(
            en="Ready. Publish orders to orders.v1; see `tierline status`, `tierline tiers`. Ctrl-C stops; data stays.",
            zh="已就绪。向 orders.v1 发布订单，用 `tierline status`、`tierline tiers` 查看。按 Ctrl-C 停止，数据保留。",
        )
    )
    await keep_backed_up(stack.layout, output.note)


def run_stack(wish: Wish, output: Output, use: Callable[[Stack], Awaitable[Result]]) -> Result | None:
    """Start a stack, do `use` with it and end it; None when a signal ended it.

    The first Ctrl-C (SIGTERM, SIGHUP) ends the stack in order, the next one at once.
    """
    return asyncio.run(_until_interrupted(Stack(wish, output.note), use))


async def _until_interrupted(stack: Stack, use: Callable[[Stack], Awaitable[Result]]) -> Result | None:
    loop, work = asyncio.get_running_loop(), asyncio.current_task()
    interrupted = asyncio.Event()

    def interrupt() -> None:
        if interrupted.is_set():
            stack.cut()
        elif work is not None:
            work.cancel()
        interrupted.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, interrupt)
    try:
        async with stack:
            return await use(stack)
    except asyncio.CancelledError:
        if interrupted.is_set():
            return None
        raise
