"""`tierline audit verify` with files alone: no stack runs, and none is asked."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.checkpoint_key import PRIVATE_FILE, PUBLIC_FILE, make_checkpoint_key
from deploy.cli import main
from deploy.cli.audit_offline import write_export
from deploy.cli.output import Output
from deploy.failure import ExitCode
from deploy.local.layout import write_private
from shared.proof.chain import Entry, Link, canonical
from shared.proof.export import header, line_of
from shared.proof.merkle import leaf_hash
from shared.proof.notes import SigningKey, TreeHead
from shared.proof.tiles import Edge, inclusion, tile_path
from tests.unit.archive.strategies import chained

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
FACTS = [
    Entry(0, NOON, NOON, "li", "rep", "file.read", "C-1", "allowed", None, None, "customers", None, "{}", f"e{n}", "/s")
    for n in range(300)
]


class Desk:
    """An auditor's folder: the public key, the second place and an export."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys
        make_checkpoint_key(folder, write_private)
        key = SigningKey.parse((folder / PRIVATE_FILE).read_text("utf-8"))
        edge = Edge()
        tiles = edge.extend([leaf_hash(canonical(link.entry)) for link in chained(FACTS)])
        for tile in tiles:
            path = folder / tile_path(tile.id, tile.width)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(tile.hashes)
        self.note = TreeHead(key.name, len(FACTS), edge.root()).signed_by(key)
        (folder / "checkpoint").write_text(self.note, "utf-8")
        proof = inclusion(41, len(FACTS)).made_from({tile.id: tile.hashes for tile in tiles})
        self.path = [part.hex() for part in proof]

    def export(self, links: list[Link]) -> None:
        lines = [header(len(links), None), *(line_of(link) for link in links)]
        (self.folder / "export").write_text("\n".join(lines) + "\n", "utf-8")

    def verify(self, *arguments: str) -> tuple[int, dict[str, object]]:
        """The exit code and what was said."""
        with pytest.raises(SystemExit) as ended:
            main(["audit", "verify", "--json", "--key", str(self.folder / PUBLIC_FILE), *arguments])
        return int(ended.value.code or 0), json.loads(self._capsys.readouterr().out)

    def verify_export(self) -> tuple[int, dict[str, object]]:
        return self.verify("--checkpoint", str(self.folder / "checkpoint"), "--entries", str(self.folder / "export"))


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def test_an_honest_export_is_verified_offline(desk: Desk) -> None:
    """Export, signed head and public key are all it takes."""
    desk.export(chained(FACTS))
    code, said = desk.verify_export()
    assert (code, said["verified"], said["entries"], said["vouched"]) == (0, True, 300, 300)


def test_a_head_that_was_kept_by_its_size_is_found_with_its_tiles(desk: Desk) -> None:
    """As it is written in the README: `--checkpoint …/checkpoints/300`, in a second place that pads its names."""
    kept = desk.folder / "checkpoints" / f"{300:016}"
    kept.parent.mkdir()
    kept.write_text(desk.note, "utf-8")
    asked = ("--checkpoint", str(desk.folder / "checkpoints" / "300"), "--entries", str(desk.folder / "export"))
    desk.export(chained(FACTS))
    assert desk.verify(*asked)[0] == ExitCode.OK
    # A chain that was made to fit: only the tiles tell where it is another.
    desk.export(chained([*FACTS[:200], FACTS[200]._replace(actor="nobody"), *FACTS[201:]]))
    code, said = desk.verify(*asked)
    assert (code, said["first_bad"]["seq"]) == (ExitCode.NOT_SO, 201)  # type: ignore[index]


def test_a_forged_export_names_its_first_bad_entry(desk: Desk) -> None:
    """Though its chain was made to fit; the exit code says so as well."""
    desk.export(chained([*FACTS[:200], FACTS[200]._replace(actor="nobody"), *FACTS[201:]]))
    code, said = desk.verify_export()
    assert code == ExitCode.NOT_SO
    assert said["first_bad"]["seq"] == 201  # type: ignore[index]


def test_an_export_that_is_older_than_the_head_is_told_from_a_broken_one(desk: Desk) -> None:
    """Nobody can know whether the tail was cut: it is not verified, and what to do is said."""
    desk.export(chained(FACTS[:290]))
    code, said = desk.verify_export()
    assert (code, said["entries"]) == (ExitCode.NOT_SO, 290)
    first_bad = said["first_bad"]
    assert isinstance(first_bad, dict)
    assert (first_bad["seq"], first_bad["kind"]) == (291, "missing")
    assert "ends with entry 290" in first_bad["why"]["en"]
    assert "vouches for 300" in first_bad["why"]["en"]


def test_an_export_is_its_owners_alone(tmp_path: Path) -> None:
    """It says who read whose file, whatever the umask is."""
    file = tmp_path / "audit.jsonl"
    (tmp_path / ".audit.jsonl.part").write_text("left by one that was killed")
    before = os.umask(0)
    try:
        assert write_export([header(0, None)], file, Output("en", as_json=True)) == 0
    finally:
        os.umask(before)
    assert file.stat().st_mode & 0o777 == 0o600


def test_an_export_that_was_cut_off_is_refused(desk: Desk) -> None:
    """Half a line is no entry."""
    desk.export(chained(FACTS))
    file = desk.folder / "export"
    file.write_text(file.read_text("utf-8")[:-100], "utf-8")
    code, said = desk.verify_export()
    assert (code, "error" in said) == (ExitCode.NOT_SO, True)


def test_a_head_of_another_key_proves_nothing(desk: Desk, tmp_path: Path) -> None:
    """Whoever signed it, it was not who is believed."""
    desk.export(chained(FACTS))
    stranger = SigningKey("tierline/audit/00000000", bytes(32))
    (tmp_path / "checkpoint").write_text(TreeHead(stranger.name, 300, bytes(32)).signed_by(stranger), "utf-8")
    code, said = desk.verify_export()
    assert (code, "error" in said) == (ExitCode.NOT_SO, True)


def test_a_proof_is_verified_offline_and_a_changed_entry_is_not_proved(desk: Desk) -> None:
    """What `tierline audit prove --out` writes."""
    link = chained(FACTS)[41]
    entry = json.loads(line_of(link))
    proof = {"entry": entry, "index": 41, "size": 300, "path": desk.path, "checkpoint": desk.note}
    file = desk.folder / "proof.json"
    file.write_text(json.dumps(proof), "utf-8")
    assert desk.verify("--proof", str(file)) == (0, {"verified": True, "seq": 42, "size": 300})
    entry["actor"] = "nobody"
    file.write_text(json.dumps(proof), "utf-8")
    code, said = desk.verify("--proof", str(file))
    assert (code, said["verified"]) == (ExitCode.NOT_SO, False)


def test_entries_without_a_head_are_a_wrong_use(desk: Desk) -> None:
    """An export alone could be anybody's."""
    desk.export(chained(FACTS))
    assert desk.verify("--entries", str(desk.folder / "export"))[0] == ExitCode.USAGE
