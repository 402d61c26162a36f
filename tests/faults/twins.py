"""A second process of a service, as a rolling update or a careless operator has it."""

from __future__ import annotations

import sys
from pathlib import Path

import httpx
import psutil

from deploy.local.ports import free_port
from tests.backends.processes import ServerProcess
from tests.backends.stack import ROOT, LocalStack


def twin(stack: LocalStack, service: str, folder: Path) -> ServerProcess:
    """A running twin of `service`, with its environment but a port of its own; the caller ends it."""
    pid = stack.pid(service)
    if pid is None:
        raise RuntimeError(f"{service} does not run, so its environment is not known")
    port = free_port()
    process = ServerProcess(
        f"twin of {service}",
        [sys.executable, "-m", f"services.{service}"],
        folder / f"twin-{service}.log",
        env={**psutil.Process(pid).environ(), "TIERLINE_HTTP__PORT": str(port)},
        folder=ROOT,
    )

    def answers() -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).is_success
        except httpx.HTTPError:
            return False

    process.start(answers, within=30)
    return process
