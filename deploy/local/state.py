"""What other commands know of a running stack: addresses and process ids, in `stack.json`."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from deploy.failure import Failure
from deploy.local.layout import Layout, is_running
from shared.words import Text


@dataclass(frozen=True, slots=True)
class ServiceState:
    """Where a service answers HTTP; no pid while it is being started again."""

    url: str
    pid: int | None


@dataclass(frozen=True, slots=True)
class StackState:
    """A stack's addresses (`host:port`), its business date if that was set, and who runs.

    `supervisor` is None where containers run it: then nobody here knows of processes.
    """

    supervisor: int | None
    kafka: str
    postgres: str
    today: date | None
    embedded: Mapping[str, int | None]
    """Process ids of the embedded servers, by name; empty for a stack on external ones."""
    services: Mapping[str, ServiceState] = field(default_factory=dict)

    def write(self, layout: Layout) -> None:
        """Replace the file at once, so that no reader meets half of it."""
        draft = layout.state.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps(asdict(self), default=str, indent=2) + "\n", encoding="utf-8")
        draft.replace(layout.state)


def read_state(layout: Layout) -> StackState:
    """The running stack of a folder; Failure when none runs there."""
    raw = _read(layout)
    if raw is None or not is_running(layout):
        raise Failure(
            Text(en=f"No stack is running on {layout.root}.", zh=f"数据目录 {layout.root} 上没有系统在运行。"),
            Text(
                en="Start it with `tierline up` in another terminal, or name another one with --data.",
                zh="在另一终端运行 `tierline up`，或用 --data 指定其他目录。",
            ),
        )
    try:
        return StackState(
            supervisor=raw["supervisor"],
            kafka=raw["kafka"],
            postgres=raw["postgres"],
            today=None if raw["today"] is None else date.fromisoformat(raw["today"]),
            embedded=raw["embedded"],
            services={name: ServiceState(**service) for name, service in raw["services"].items()},
        )
    except (KeyError, TypeError, ValueError):
        raise Failure(
            Text(en=f"{layout.state} is not of this version.", zh=f"{layout.state} 与当前版本不符。"),
            Text(en="Stop that stack and start it again.", zh="请停止后重新启动该系统。"),
        ) from None


def remembered_ports(layout: Layout) -> Mapping[str, int]:
    """The ports of the last run by name (`postgres`, `kafka`, a service), to be taken again if they are free."""
    raw = _read(layout) or {}
    try:
        addresses = {name: f"//{raw[name]}" for name in ("kafka", "postgres")}
        addresses |= {name: service["url"] for name, service in raw["services"].items()}
        return {name: port for name, url in addresses.items() if (port := urlsplit(url).port)}
    except (KeyError, TypeError, ValueError):
        return {}


def _read(layout: Layout) -> dict[str, Any] | None:
    try:
        raw = json.loads(layout.state.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return raw if isinstance(raw, dict) else None
