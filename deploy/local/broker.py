"""The Kafka-protocol broker from its wheel: for demos and tests, since a kill may cost it the last seconds."""

from __future__ import annotations

import asyncio
import os
from importlib import util
from pathlib import Path

from deploy.failure import Failure
from deploy.local.layout import Layout
from deploy.local.ports import HOST, answers, free_port
from deploy.local.processes import Child, Program, Register
from shared.words import Text

START_SECONDS = 30.0
# Of a start that failed; a stack that stops says how long there is.
GIVE_UP_SECONDS = 2.5


class EmbeddedBroker:
    """The broker of one data folder."""

    def __init__(self, layout: Layout, register: Register) -> None:
        self._layout = layout
        self._register = register
        self._child: Child | None = None

    async def start(self, wanted_port: int | None) -> str:
        """Start it, return `host:port` when it listens; Failure with its log otherwise."""
        binary, port = installed(), free_port(wanted_port)
        program = Program(
            "broker",
            [
                str(binary), "start", "--data-dir", str(self._layout.broker.resolve()), "--host", HOST,
                "--only", "kafka", "--kafka-port", str(port),
            ],
            self._layout.logs / "broker.log",
        )  # fmt: skip
        self._child = await self._register.start(program)
        try:
            async with asyncio.timeout(START_SECONDS):
                while self._child.exit_code is None:
                    if answers(port):
                        return f"{HOST}:{port}"
                    await asyncio.sleep(0.02)
        except TimeoutError:
            await self._child.end(GIVE_UP_SECONDS)
        raise Failure(
            Text(en="The embedded broker did not start.", zh="内嵌的消息代理未能启动。"),
            Text(
                en=f"Its log: {program.log}. A real one can be named with --kafka HOST:PORT.",
                zh=f"日志：{program.log}。也可用 --kafka HOST:PORT 指定 Kafka。",
            ),
            detail=self._child.tail(),
        )

    async def stop(self, within: float) -> None:
        """End it in order: it writes down what it holds. Cut off after `within` seconds, it may lose the last ones."""
        if self._child is not None:
            await self._child.end(within)

    def cut(self) -> None:
        """End it at once."""
        if self._child is not None:
            self._child.cut()

    @property
    def pid(self) -> int | None:
        return None if self._child is None else self._child.pid


def installed() -> Path:
    """The broker's program; Failure when its wheel is not installed."""
    found = util.find_spec("noida_db")
    if found is None or found.origin is None:
        raise Failure(
            Text(en="The embedded broker is not installed.", zh="未安装内嵌的消息代理。"),
            Text(
                en="Install it with `make .venv/.local`, or name a Kafka with --kafka.",
                zh="运行 `make .venv/.local` 安装，或用 --kafka 指定 Kafka。",
            ),
        )
    binary = Path(found.origin).with_name("noida-db")
    if not os.access(binary, os.X_OK):
        # pip drops the mode, which the wheel's own launcher would restore.
        binary.chmod(0o755)
    return binary
