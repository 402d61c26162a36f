"""No child outlives its stack."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from deploy.local.processes import Program, Register

SLEEP = "import time; print('up', flush=True); time.sleep(600)"
# Hears SIGTERM and goes on.
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"


def program(folder: Path, code: str, name: str = "sleeper") -> Program:
    """A Python process that does `code`."""
    return Program(name, [sys.executable, "-c", code], folder / f"{name}.log")


@pytest.fixture
def register(tmp_path: Path) -> Register:
    """An empty register."""
    return Register(tmp_path)


async def until_up(log: Path) -> None:
    """Return once the program has said that it runs."""
    async with asyncio.timeout(20):
        while "up" not in (log.read_text("utf-8") if log.exists() else ""):
            await asyncio.sleep(0.01)


def until_gone(pid: int) -> None:
    """Return once the process is gone, or dead and not yet reaped."""
    deadline = time.monotonic() + 20
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, f"{pid} still runs"
        time.sleep(0.01)


async def test_ending_waits_and_then_cuts(register: Register, tmp_path: Path) -> None:
    """A program that does not hear SIGTERM is gone after its time is up all the same."""
    child = await register.start(program(tmp_path, DEAF))
    await until_up(tmp_path / "sleeper.log")
    await child.end(within=0.1)
    assert child.exit_code == -signal.SIGKILL


async def test_ended_child_leaves_no_note(register: Register, tmp_path: Path) -> None:
    """Nothing is left to sweep after an orderly end."""
    child = await register.start(program(tmp_path, SLEEP))
    assert list(tmp_path.glob("*.json"))
    await child.end(within=10)
    assert not list(tmp_path.glob("*.json"))


async def test_sweep_ends_what_an_earlier_run_left(register: Register, tmp_path: Path) -> None:
    """Where the kernel does not end them with their parent, the next run does."""
    child = await register.start(program(tmp_path, SLEEP))
    assert await asyncio.to_thread(Register(tmp_path).sweep, 10) == ["sleeper"]
    await child.ended()
    until_gone(child.pid)


async def test_sweep_spares_a_stranger_with_the_same_pid(register: Register, tmp_path: Path) -> None:
    """Process ids are used again; whoever started at another time is not ours."""
    child = await register.start(program(tmp_path, SLEEP))
    note = tmp_path / "sleeper.json"
    told = json.loads(note.read_text("utf-8"))
    note.write_text(json.dumps({**told, "started": told["started"] - 60}), "utf-8")
    assert Register(tmp_path).sweep(1) == []
    assert child.exit_code is None
    await child.end(within=10)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_child_ends_when_its_supervisor_is_killed(tmp_path: Path) -> None:
    """SIGKILL leaves the supervisor no moment to tidy up; the kernel tells the child."""
    supervisor = f"""
import asyncio, sys
from pathlib import Path
from deploy.local.processes import Program, Register

async def main():
    folder = Path({str(tmp_path)!r})
    child = await Register(folder).start(Program("sleeper", [sys.executable, "-c", {SLEEP!r}], folder / "sleeper.log"))
    print(child.pid, flush=True)
    await child.ended()

asyncio.run(main())
"""
    with subprocess.Popen([sys.executable, "-c", supervisor], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        assert psutil.pid_exists(pid)
        os.kill(process.pid, signal.SIGKILL)
    until_gone(pid)
