"""On a running stack, by the command alone: found → taken out → raised → lowered; a master key comes and one goes."""

from __future__ import annotations

import base64
import json
import secrets
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.attachment_keys import ATTACHMENT_KEYS_FILE
from deploy.cli.client import StackClient
from deploy.failure import ExitCode
from deploy.local.layout import Layout
from shared.roles import Role
from tests.e2e.stacks import Tierline

pytestmark = [pytest.mark.timeout(300), pytest.mark.slow]

PEOPLE = {"li": "rep", "chen": "department_manager", "an": "archivist", "boss": "gm"}
GM = ("--as", "boss", "--role", "gm")


@pytest.fixture
def tierline(tmp_path: Path) -> Iterator[Tierline]:
    """A running stack with its people, two records and two customers."""
    tierline = Tierline(tmp_path / "data")
    tierline.start()
    layout = Layout(tierline.data)
    with StackClient(layout, Role.HR) as client:
        for person, role in PEOPLE.items():
            department = "field" if role in {"rep", "department_manager"} else None
            client.post("customers", "/people", {"person": person, "role": role, "department": department})
    with StackClient(layout, Role.GM) as client:
        for number, tier in enumerate(("company", "personal")):
            wanted = {"rep": "li", "department": "field", "file_tier": tier, "name": f"甲{number}"}
            client.post("customers", f"/customers/C-{number}/profile", wanted)
    tierline.drain()
    paper = tmp_path / "paper.txt"
    paper.write_text("合同", encoding="utf-8")
    for number, rank in enumerate(("unclassified", "confidential")):
        tierline.run("records", "add", "--title", "合同", "--rank", rank, "--class", "contracts", "--department",
                     "field", "--id", f"R-{number}")  # fmt: skip
        tierline.run("records", "attach", f"R-{number}", str(paper))
    yield tierline
    tierline.end()


def taken(tierline: Tierline, tmp_path: Path) -> list[str]:
    """What the GM takes out of all records, read; the others are withheld."""
    file = tmp_path / "records.zip"
    tierline.run("bulk-export", "records", *GM, "--to", str(file))
    with zipfile.ZipFile(file) as parcel:
        manifest = json.loads(parcel.read("manifest.json"))
        found = [parcel.read(piece["path"]).decode() for record in manifest["records"] for piece in record["pieces"]]
    assert len(found) + len(manifest["withheld"]) == 2
    return found


def test_what_is_found_is_taken_out_and_a_record_goes_up_and_down(tierline: Tierline, tmp_path: Path) -> None:
    """Each file by its own right, as JSON and as a workbook; raised by one, lowered by two."""
    for name in ("all.json", "all.xlsx"):
        tierline.run("bulk-export", "customers", *GM, "--to", str(tmp_path / name))
    found = json.loads((tmp_path / "all.json").read_text("utf-8"))
    assert [file["basic"]["name"] for file in found["files"]] == ["甲0"]
    assert [(file["customer_id"], file["reason"]) for file in found["withheld"]] == [("C-1", "no_grant")]
    assert (tmp_path / "all.xlsx").read_bytes().startswith(b"PK")
    wrong = tierline.run("bulk-export", "customers", *GM, "--to", str(tmp_path / "all.pdf"), expect=ExitCode.USAGE)
    assert wrong["error"]["what"]
    assert taken(tierline, tmp_path) == ["合同"]

    manager = ("--as", "chen", "--role", "department_manager", "--reason", "涉密")
    assert tierline.run("reclassify", "ask", "R-0", "--rank", "secret", *manager)["state"] == "agreed"
    assert taken(tierline, tmp_path) == []
    asked = tierline.run("reclassify", "ask", "R-0", "--rank", "unclassified", "--as", "an", "--reason", "已公开")
    assert asked["waits_for"] == ["gm"]
    word = ("reclassify", "decide", "R-0", asked["change_id"], "agree", "--reason", "同意")
    assert tierline.run(*word, "--as", "an", "--role", "gm", expect=ExitCode.NOT_SO)["error"]["what"]
    assert tierline.run(*word, "--as", "boss")["state"] == "agreed"
    assert [it["state"] for it in tierline.run("reclassify", "list", "R-0", "--as", "an")] == ["agreed", "agreed"]
    assert taken(tierline, tmp_path) == ["合同"]
    tierline.drain()
    assert tierline.run("audit", "verify")["verified"]


def test_a_master_key_is_taken_away_and_everything_still_reads(tierline: Tierline, tmp_path: Path) -> None:
    """A line is added, all is wrapped by it, the old line goes: each with a start of its own."""
    file = Layout(tierline.data).keys / ATTACHMENT_KEYS_FILE
    old, new = file.read_text("ascii"), f"2 {base64.b64encode(secrets.token_bytes(32)).decode()}\n"
    tierline.end()
    file.write_text(old + new, "ascii")
    tierline.start()
    assert tierline.run("keys", "list")["wraps"] == {"1": 2, "2": 0}
    assert tierline.run("keys", "rewrap", "--reason", "轮换")["keys"] == 2
    tierline.end()
    file.write_text(new, "ascii")
    tierline.start()
    assert tierline.run("keys", "list") == {"newest": "2", "wraps": {"2": 2}, "missing": []}
    assert taken(tierline, tmp_path) == ["合同"]
    tierline.drain()
    assert tierline.run("audit", "verify")["verified"]
