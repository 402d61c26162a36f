"""The audit's proof and backups together: what was signed stays provable, also when the stack is turned back."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deploy.checkpoint_key import PRIVATE_FILE, PUBLIC_FILE
from deploy.cli.client import StackClient
from deploy.local.layout import Layout
from shared.roles import Role
from tests.e2e.stacks import Tierline, eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

CHECKPOINT = Path("checkpoints") / "checkpoint"


@dataclass
class Kept:
    """What an auditor and an operator took out of a stack that is gone by now."""

    stack: Tierline
    folder: Path
    backup: Path
    backed_up: int
    """Entries in the backup."""
    signed: int
    """Entries under the newest head, which the stack signed after the backup."""

    @property
    def key(self) -> str:
        return str(self.folder / "key.txt")


def signed(data: Path) -> int:
    """Up to where the second place vouches; 0 before the first head."""
    file = data / CHECKPOINT
    return int(file.read_text("utf-8").splitlines()[1]) if file.exists() else 0


def log_name(data: Path) -> str:
    return (data / CHECKPOINT).read_text("utf-8").splitlines()[0]


def act(stack: Tierline) -> int:
    """Somebody reads the audit, which is an entry; returns how many there are once it is signed outside."""
    with StackClient(Layout(stack.data), Role.ARCHIVIST) as client:
        client.get("archive", "/audit", limit=1)
    stack.drain()
    entries: int = stack.run("audit", "verify")["entries"]
    eventually(lambda: signed(stack.data) >= entries, "a head over it", 90)
    return entries


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Acts → head → backup → acts → head, proof and export → the end."""
    folder = tmp_path_factory.mktemp("auditor")
    stack = Tierline(folder / "data")
    stack.start()
    try:
        stack.run("backup", "key", str(folder / "key.txt"))
        act(stack)
        shutil.copy(stack.data / CHECKPOINT, folder / "early")
        made = stack.run("backup", "make")
        shutil.copy(stack.data / "backups" / f"{made['backup']}.tierline.age", folder / "kept.tierline.age")
        entries = act(stack)
        assert entries > made["entries"] > 0
        stack.run("audit", "prove", str(entries), "--out", str(folder / "proof.json"))
        # An export is held against a head that is not newer, and asking for a proof may be what the next one is over.
        stack.run("audit", "export", str(folder / "audit.jsonl"))
        size = json.loads((folder / "proof.json").read_text("utf-8"))["size"]
        head = stack.data / "checkpoints" / "checkpoints" / f"{size:016}"
        eventually(head.exists, f"the head over {size} entries outside", 30)
        shutil.copy(head, folder / "late")
        shutil.copy(stack.data / "keys" / PUBLIC_FILE, folder / "public")
        assert stack.run("backup", "drill", "--identity", str(folder / "key.txt"))["entries"] == made["entries"]
    finally:
        stack.end()
    return Kept(stack, folder, folder / "kept.tierline.age", made["entries"], signed(stack.data))


def test_export_and_proof_need_nothing_of_the_stack(kept: Kept) -> None:
    """Files and the public key; a forged line is named."""
    offline = Tierline(kept.folder / "nowhere")
    believed = ("--checkpoint", str(kept.folder / "late"), "--key", str(kept.folder / "public"))
    found = offline.run("audit", "verify", *believed, "--entries", str(kept.folder / "audit.jsonl"))
    assert found["vouched"] > kept.backed_up
    assert offline.run("audit", "verify", "--proof", str(kept.folder / "proof.json"), *believed)["verified"]
    lines = (kept.folder / "audit.jsonl").read_text("utf-8").splitlines()
    lines[1] = json.dumps(json.loads(lines[1]) | {"actor": "nobody"})
    (kept.folder / "forged.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    forged = offline.run("audit", "verify", *believed, "--entries", str(kept.folder / "forged.jsonl"), expect=1)
    assert (forged["first_bad"]["seq"], forged["first_bad"]["kind"]) == (1, "edited")


@pytest.mark.parametrize("where", ["fresh", "same"])
def test_a_restored_audit_is_provable_and_owns_up_to_what_was_lost(kept: Kept, where: str) -> None:
    """Into a fresh folder, and over the stack itself: signed on under another name, and no older head is disowned."""
    stack = kept.stack if where == "same" else Tierline(kept.folder / "fresh")
    before = None if where == "fresh" else (log_name(stack.data), (stack.data / "keys" / PRIVATE_FILE).read_bytes())
    done = stack.run("restore", str(kept.backup), "--identity", kept.key, "--yes")
    assert done["entries"] == kept.backed_up
    stack.start()
    try:
        entries = act(stack)
        verdict = stack.run("audit", "verify")
        assert (verdict["verified"], verdict["outside"]) == (True, True)
        assert verdict["vouched"] >= entries > kept.backed_up
        # A head that was signed before the backup still holds; one of after it vouches for a past that is no more.
        assert stack.run("audit", "verify", "--checkpoint", str(kept.folder / "early"))["verified"]
        with StackClient(Layout(stack.data), Role.INSPECTOR) as client:
            assert client.get("archive", "/readyz")["alarms"] == []
            (restored,) = entries_of(client, "backup.restored")
        if before is not None:
            aside = Path(done["checkpoints_aside"])
            assert (aside / "checkpoint").exists()
            assert f"entries up to {kept.signed} had been signed" in restored["reason"]
            assert log_name(stack.data) != before[0]
            assert (stack.data / "keys" / PRIVATE_FILE).read_bytes() != before[1]
            lost = stack.run("audit", "verify", "--checkpoint", str(kept.folder / "late"), expect=1)
            assert not lost["verified"]
            # What is lost is provable for ever: by the old export, the head kept aside, and the keys as they are now.
            proved = stack.run(
                "audit", "verify", "--entries", str(kept.folder / "audit.jsonl"),
                "--checkpoint", str(kept.folder / "late"), "--tiles", str(aside),
            )  # fmt: skip
            assert proved["verified"]
        # Somebody puts a head of their own there: nothing is signed over it, and the operator is told.
        (stack.data / CHECKPOINT).write_text("tierline/audit/other\n1\nAAAA\n", "utf-8")
        with StackClient(Layout(stack.data), Role.ARCHIVIST) as client:
            client.get("archive", "/audit", limit=1)
        eventually(lambda: "checkpoint_forked" in told_by_doctor(stack), "an alarm", 90)
        assert signed(stack.data) == 1
    finally:
        stack.end()


def told_by_doctor(stack: Tierline) -> str:
    """What is bad, in one line."""
    return " ".join(each["what"] for each in stack.run("doctor", expect=None)["findings"] if each["verdict"] == "bad")


def entries_of(client: StackClient, action: str) -> list[dict[str, Any]]:
    """The entries of one act."""
    found = client.get("archive", "/audit", limit=1000)["items"]
    return [entry for entry in found if entry["detail"].get("act") == action]
