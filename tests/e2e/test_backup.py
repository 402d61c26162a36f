"""Backups of a whole stack (A8): made while orders flow, whole or not there at all, and gone on from exactly once."""

from __future__ import annotations

import asyncio
import json
import resource
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from deploy.backup.keys import read_identity
from deploy.backup.signing import signature
from deploy.cli.client import StackClient
from deploy.local.layout import Layout
from shared.engine.kafka import KafkaAddress, Message, OrderedProducer
from shared.roles import Role
from tests.e2e.stacks import Tierline, eventually
from tests.unit.deploy.backup.packing import STRANGER, enciphered, members

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

CUSTOMERS, AT_ONCE = 30, 15
FOLLOWED = ("orders", "amount", "class", "level", "r", "f", "m", "rank")


@dataclass
class OrderSystem:
    """Sends orders, a handful at a time, and knows which of them were acknowledged."""

    kafka: str
    numbers: Iterator[int] = field(default_factory=count)
    sent: list[dict[str, Any]] = field(default_factory=list)

    def send(self, orders: list[dict[str, Any]] | None = None) -> None:
        """New orders, or the same again."""
        new = orders is None
        orders = [self._order() for _ in range(AT_ONCE)] if orders is None else orders
        asyncio.run(self._publish(orders))
        if new:
            self.sent += orders

    def send_until(self, enough: threading.Event) -> None:
        while not enough.wait(0.05):
            self.send()

    def _order(self) -> dict[str, Any]:
        number = next(self.numbers)
        return {
            "order_id": f"SO-{number}",
            "customer_id": f"C-{number % CUSTOMERS}",
            "amount": str(10 + number % 7 * (number % CUSTOMERS)),
            "currency": "CNY",
            "placed_at": datetime.now(UTC).isoformat(),
        }

    async def _publish(self, orders: list[dict[str, Any]]) -> None:
        producer = OrderedProducer(KafkaAddress(self.kafka), client_id="orders")
        value = [json.dumps({"type": "order.placed", "data": order}).encode() for order in orders]
        await producer.send(
            [Message("orders.v1", o["customer_id"].encode(), v) for o, v in zip(orders, value, strict=True)]
        )
        await producer.close()


@dataclass
class Company:
    """A stack that was backed up while orders came in, and what it knew in the end."""

    stack: Tierline
    key: Path
    backup: Path
    made: dict[str, Any]
    orders: OrderSystem
    before: int
    """How many orders were acknowledged before the backup began."""
    levels: dict[str, Any] = field(default_factory=dict)


def levels(stack: Tierline) -> dict[str, Any]:
    """What the stack knows of every customer, once nothing waits."""
    stack.drain()
    with StackClient(Layout(stack.data), Role.GM) as client:
        found = {each["customer_id"]: each for each in client.pages("scoring", "/tiers")}
    return {customer: {name: each[name] for name in FOLLOWED} for customer, each in found.items()}


def counted(known: dict[str, Any]) -> int:
    return sum(each["orders"] for each in known.values())


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """Orders → backup in the middle of them → more orders → an orderly end."""
    folder = tmp_path_factory.mktemp("company")
    stack = Tierline(folder / "data")
    try:
        orders = OrderSystem(stack.start()["kafka"])
        refused = stack.run("backup", "make", expect=1)
        assert "no key" in refused["error"]["what"] or "密钥" in refused["error"]["what"]
        stack.run("backup", "key", str(folder / "key.txt"))
        for _ in range(10):
            orders.send()
        enough, before = threading.Event(), len(orders.sent)
        flow = threading.Thread(target=orders.send_until, args=(enough,))
        flow.start()
        try:
            made = stack.run("backup", "make")
        finally:
            enough.set()
            flow.join()
        assert len(orders.sent) > before + AT_ONCE, "orders came in while it was made"
        backup = stack.data / "backups" / f"{made['backup']}.tierline.age"
        company = Company(stack, folder / "key.txt", backup, made, orders, before)
        company.levels = levels(stack)
        yield company
    finally:
        if stack.up is not None:
            stack.end()


def test_a_backup_is_proved_noted_and_measured(company: Company) -> None:
    """Made → came back on a server of its own → entries of the audit, a list, a metric; a drill with the real key."""
    made = company.made
    assert made["sound"]
    assert made["entries"] > 0
    listed = {each["backup"]: each for each in company.stack.run("backup", "list")}[made["backup"]]
    assert (listed["sound"], listed["here"], listed["signer"]) == (True, True, made["signer"])
    assert company.stack.run("backup", "make", "--if-due") is None
    again = company.stack.run("backup", "drill", made["backup"], "--identity", str(company.key))
    assert (again["head"], again["rows"], again["signer"]) == (made["head"], made["rows"], made["signer"])
    company.stack.drain()
    with StackClient(Layout(company.stack.data), Role.INSPECTOR) as client:
        entries = client.get("archive", "/audit", file=f"backup:{made['backup']}")["items"]
        metrics = client.download("archive", "/metrics").decode()
    assert [entry["detail"]["act"] for entry in entries] == ["backup.drilled", "backup.drilled", "backup.made"]
    assert "tierline_backup_drill_sound 1.0" in metrics
    assert "tierline_backup_due 0.0" in metrics


def test_a_backup_that_is_killed_leaves_nothing_that_looks_whole(company: Company) -> None:
    """SIGKILL in its middle → no new backup, by name or by content; the next one clears up after it."""
    folder = company.stack.data / "backups"
    before = set(folder.glob("*.age"))
    command = [sys.executable, "-m", "deploy.cli", "backup", "make", "--json", "--data", str(company.stack.data)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        begun = eventually(lambda: [p for p in folder.glob("*.part") if p.stat().st_size], "a draft")
        process.send_signal(signal.SIGKILL)
    assert set(folder.glob("*.age")) == before
    half = begun[0].rename(folder.parent / "half.age")
    refused = Tierline(company.stack.data.parent / "other").run("restore", str(half), "-i", str(company.key), expect=1)
    assert refused["error"]
    (folder / "old.tierline.age.part").write_bytes(b"half")
    second = company.stack.run("backup", "make")
    assert set(folder.iterdir()) == {*before, folder / f"{second['backup']}.tierline.age"}
    (folder / f"{second['backup']}.tierline.age").unlink()


def test_a_full_disk_is_said_and_leaves_nothing(company: Company) -> None:
    """The file cannot grow → an honest message, exit code 3, and no file."""
    before = set((company.stack.data / "backups").iterdir())
    command = [sys.executable, "-m", "deploy.cli", "backup", "make", "--json", "--data", str(company.stack.data)]
    done = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
    )
    assert done.returncode == 3, done.stderr
    assert json.loads(done.stdout)["error"]["detail"]
    assert set((company.stack.data / "backups").iterdir()) == before


def test_a_restored_stack_goes_on_exactly_once_with_the_same_kafka(company: Company, tmp_path: Path) -> None:
    """Stack lost, its log kept → restored as of the backup → it reads on, and knows what the lost one knew."""
    company.stack.end()
    stack = Tierline(tmp_path / "again")
    stack.data.mkdir()
    shutil.copytree(company.stack.data / "broker", stack.data / "broker")
    key = str(company.key)
    broken = tmp_path / "broken.tierline.age"
    whole = company.backup.read_bytes()
    for damaged in (whole[:-1], whole[: len(whole) // 2], whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:]):
        broken.write_bytes(damaged)
        assert stack.run("restore", str(broken), "-i", key, expect=1)["error"]["what"]
    other = tmp_path / "other.txt"
    stack.run("backup", "key", str(other))
    wrong = stack.run("restore", str(company.backup), "-i", str(other), "--yes", expect=1)
    assert "for this key" in wrong["error"]["what"] or "打不开" in wrong["error"]["what"]
    done = stack.run("restore", str(company.backup), "-i", key, "--yes")
    assert (done["head"], done["new_topics"]) == (company.made["head"], [])
    assert done["signer"] == company.made["signer"]
    occupied = stack.run("restore", str(company.backup), "-i", key, expect=1)
    assert "--yes" in occupied["error"]["next"]
    stack.start()
    try:
        knows(stack, company.levels)
        healthy(stack)
        with StackClient(Layout(stack.data), Role.INSPECTOR) as client:
            entries = client.get("archive", "/audit", file=f"backup:{company.made['backup']}")["items"]
        (restored,) = (entry for entry in entries if entry["detail"]["act"] == "backup.restored")
        assert f"signed by {company.made['signer']}" in restored["reason"]
        # What people did after the backup is read out of the log again: nobody's act is lost.
        assert {entry["detail"]["act"] for entry in entries} == {"backup.made", "backup.drilled", "backup.restored"}
        # It does not know of the backup that it came from: one is due, and is made without anybody asking.
        eventually(lambda: [each for each in stack.run("backup", "list") if each["sound"]], "its own backup", 240)
    finally:
        stack.end()


def test_a_forged_backup_replaces_nothing(company: Company, tmp_path: Path) -> None:
    """Who may write where backups lie opened one and made others of it → refused, before a folder is made."""
    found = members(company.backup.read_bytes(), read_identity(company.key))
    altered = [(name, data.replace(b"orders", b"order$") if name.startswith("kafka") else data) for name, data in found]
    manifest = json.loads(found[-2][1]) | {"format": 1}
    unsigned = [*found[:-2], (found[-2][0], json.dumps(manifest).encode())]
    stranger = [*found[:-1], (found[-1][0], signature(STRANGER, company.backup.name, found[-2][1]))]
    recipient = read_identity(company.key).to_public()
    fresh, name = Tierline(tmp_path / "fresh"), company.backup.name
    for number, (forgery, why) in enumerate(((altered, "damaged"), (unsigned, "not signed"), (stranger, "whom you"))):
        file = tmp_path / str(number) / name
        file.parent.mkdir()
        file.write_bytes(enciphered(forgery, recipient))
        refused = fresh.run("restore", str(file), "-i", str(company.key), "--lang", "en", expect=1)
        assert why in refused["error"]["what"]
    assert not fresh.data.exists()
    verified = fresh.run("backup", "verify", str(company.backup), "-i", str(company.key))
    assert (verified["backup"], verified["signer"]) == (company.made["backup"], company.made["signer"])
    # One from before they were signed is let be where an operator says so, and the audit has that he did.
    old = tmp_path / "1" / name
    assert fresh.run("restore", str(old), "-i", str(company.key), "--unsigned")["signer"] is None
    fresh.start()
    try:
        fresh.drain()
        with StackClient(Layout(fresh.data), Role.INSPECTOR) as client:
            entries = client.get("archive", "/audit", file=f"backup:{company.made['backup']}")["items"]
        (restored,) = (entry for entry in entries if entry["detail"]["act"] == "backup.restored")
        assert "signed by nobody" in restored["reason"]
    finally:
        fresh.end()


def test_a_stack_restored_onto_an_empty_kafka_has_all_that_was_there_then(company: Company, tmp_path: Path) -> None:
    """Everything lost but the file → what was acknowledged before it began is there; sent again, all is as it was."""
    if company.stack.up is not None:
        company.stack.end()
    stack = Tierline(tmp_path / "anew")
    done = stack.run("restore", str(company.backup), "-i", str(company.key))
    assert "orders.v1" in done["new_topics"]
    kafka = stack.start()["kafka"]
    try:
        eventually(lambda: counted(levels(stack)) >= company.before, "what had been acknowledged before the backup")
        OrderSystem(kafka).send(company.orders.sent)
        knows(stack, company.levels)
        healthy(stack)
    finally:
        stack.end()


def knows(stack: Tierline, wanted: dict[str, Any]) -> None:
    """Return once the stack knows just that, and nothing is under way that could make it more."""
    eventually(lambda: levels(stack) == wanted, "what the lost stack knew", within=120)
    assert levels(stack) == wanted


def healthy(stack: Tierline) -> None:
    """Nothing was refused, nothing is at a stop, and the chain is whole."""
    status = stack.run("status")
    assert {name: (s["dead_letters"], s["halted"]) for name, s in status["services"].items()} == dict.fromkeys(
        status["services"], (0, [])
    )
    assert stack.run("audit", "verify")["verified"]
