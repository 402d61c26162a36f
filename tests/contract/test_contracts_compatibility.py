"""Inside a version the contracts only widen."""

from __future__ import annotations

import copy
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shared.contracts.__main__ import main
from shared.contracts.asyncapi import event_schema, schema_files
from shared.contracts.compatibility import incompatibilities
from shared.contracts.registry import TOPICS

Json = dict[str, Any]

ORDER = "orders.v1/order.placed.json"
TIER = "tiers.v1/tier.changed.json"


def now() -> dict[str, Json]:
    return {
        ORDER: event_schema(TOPICS["orders.v1"], "order.placed"),
        TIER: event_schema(TOPICS["tiers.v1"], "tier.changed"),
    }


def data(schemas: dict[str, Json], name: str = ORDER) -> Json:
    fields: Json = schemas[name]["properties"]["data"]
    return fields


def changed(change: Callable[[dict[str, Json]], object]) -> list[str]:
    """What a change of today's schemas breaks."""
    later = copy.deepcopy(now())
    change(later)
    return list(incompatibilities(now(), later))


def test_nothing_changed_breaks_nothing() -> None:
    """Every schema there is can be compared, and fits itself."""
    everything = dict(schema_files())
    assert list(incompatibilities(everything, copy.deepcopy(everything))) == []


NARROWINGS: list[tuple[str, Callable[[dict[str, Json]], object], str]] = [
    ("a removed type", lambda s: s.pop(TIER), f"{TIER}: this event type or its topic was removed"),
    (
        "a removed field",
        lambda s: data(s)["properties"].pop("channel"),
        f"{ORDER}: data.channel: this field was removed or renamed",
    ),
    (
        "a removed nested field",
        lambda s: s[TIER]["$defs"]["Explanation"]["properties"].pop("rank"),
        f"{TIER}: data.why.rank: this field was removed or renamed",
    ),
    (
        "a new required field",
        lambda s: (data(s)["properties"].update(x={"type": "string"}), data(s)["required"].append("x")),
        f"{ORDER}: data.x: this field is new and must be given",
    ),
    (
        "an optional field made required",
        lambda s: data(s)["required"].append("sold_by"),
        f"{ORDER}: data.sold_by: this field must be given now",
    ),
    (
        "null no longer taken",
        lambda s: data(s)["properties"].update(
            channel={"type": "string", "maxLength": 4096, "pattern": "^[^\\u0000]*$"}
        ),
        f"{ORDER}: data.channel: null is no longer taken",
    ),
    (
        "a narrowed type",
        lambda s: data(s)["properties"]["amount"].update(type="string"),
        f"{ORDER}: data.amount: integer is no longer taken",
    ),
    (
        "a lowered ceiling",
        lambda s: data(s)["properties"]["amount"].update(exclusiveMaximum=1000),
        f"{ORDER}: data.amount: exclusiveMaximum fell from 1000000000000 to 1000",
    ),
    (
        "a raised floor",
        lambda s: data(s)["properties"]["customer_id"].update(minLength=2),
        f"{ORDER}: data.customer_id: minLength rose from 1 to 2",
    ),
    (
        "a new bound",
        lambda s: data(s)["properties"]["placed_at"].update(maxLength=20),
        f"{ORDER}: data.placed_at: maxLength fell from none to 20",
    ),
    (
        "a bound inside a list",
        lambda s: s[ORDER]["$defs"]["OrderLine"]["properties"]["sku"].update(maxLength=5),
        f"{ORDER}: data.lines.[].sku: maxLength fell from 128 to 5",
    ),
    (
        "another spelling",
        lambda s: data(s)["properties"]["currency"].update(pattern="^[A-Z]{2}$"),
        f"{ORDER}: data.currency: pattern changed from ^[A-Z]{{3}}$ to ^[A-Z]{{2}}$",
    ),
    (
        "a value taken off a list",
        lambda s: s[TIER]["$defs"]["Tier"]["properties"]["level"]["enum"].remove("lapsed"),
        f"{TIER}: data.to.level: 'lapsed' is no longer taken",
    ),
    (
        "an open field closed",
        lambda s: data(s)["properties"]["order_id"].update(enum=["a"]),
        f"{ORDER}: data.order_id: only ['a'] are taken now",
    ),
    (
        "another key",
        lambda s: s[ORDER].update({"x-key": "order_id"}),
        f"{ORDER}: the event: x-key changed from customer_id to order_id",
    ),
    (
        "strictness about unknown fields",
        lambda s: data(s).update(additionalProperties=False),
        f"{ORDER}: data.*: fields of other names are no longer taken",
    ),
]


@pytest.mark.parametrize(("change", "said"), [n[1:] for n in NARROWINGS], ids=[n[0] for n in NARROWINGS])
def test_what_an_old_event_might_not_pass_is_named(change: Callable[[dict[str, Json]], object], said: str) -> None:
    """Removed or renamed, newly required, narrowed: each is found with its path."""
    assert said in changed(change)


WIDENINGS: list[tuple[str, Callable[[dict[str, Json]], object]]] = [
    ("a new type", lambda s: s.update({"orders.v1/order.split.json": {}})),
    ("a new optional field", lambda s: data(s)["properties"].update(x={"type": "string"})),
    ("a required field made optional", lambda s: data(s)["required"].remove("currency")),
    ("a wider bound", lambda s: data(s)["properties"]["customer_id"].update(maxLength=500, minLength=0)),
    ("a bound given up", lambda s: data(s)["properties"]["currency"].pop("pattern")),
    ("another type beside", lambda s: data(s)["properties"]["amount"].update(type=["string", "number"])),
    (
        "null beside",
        lambda s: data(s)["properties"].update(
            currency={"anyOf": [data(s)["properties"]["currency"], {"type": "null"}]}
        ),
    ),
    ("a longer list", lambda s: s[TIER]["$defs"]["Tier"]["properties"]["level"]["enum"].append("golden")),
    ("other words", lambda s: s[ORDER].update(description="Better said.")),
]


@pytest.mark.parametrize("change", [w[1] for w in WIDENINGS], ids=[w[0] for w in WIDENINGS])
def test_what_only_widens_is_fine(change: Callable[[dict[str, Json]], object]) -> None:
    """Additive changes need no new version."""
    assert changed(change) == []


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A git repository with the contracts committed, as the working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TIERLINE_LANG", "en")
    # Not the surrounding repository, when a hook runs the tests.
    for variable in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
        monkeypatch.delenv(variable, raising=False)
    assert main(["generate"]) == 0
    subprocess.run(["git", "init", "-q"], check=True)
    commit()
    return tmp_path


def commit() -> None:
    subprocess.run(["git", "add", "-A"], check=True)
    author = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "core.hooksPath=/dev/null"]
    subprocess.run(["git", *author, "commit", "-qm", "x", "--no-gpg-sign"], check=True)


def test_check_passes_on_what_generate_wrote(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The everyday case: nothing drifted, nothing broke."""
    assert main(["check"]) == 0
    assert "compatible with HEAD" in capsys.readouterr().out
    assert (repository / "docs/contracts/asyncapi.json").exists()


def test_check_fails_on_a_file_that_drifted(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An edited, a missing and a surplus file are each named; generate mends all three."""
    folder = repository / "docs/contracts"
    (folder / "asyncapi.json").write_text("{}")
    (folder / "schemas" / ORDER).unlink()
    (folder / "schemas/orders.v1/order.eaten.json").write_text("{}")
    assert main(["check"]) == 1
    said = capsys.readouterr().out
    for name in ("asyncapi.json", "order.placed.json", "order.eaten.json"):
        assert name in said
    assert main(["generate"]) == 0
    assert main(["check"]) == 0


def test_check_fails_when_the_base_took_more(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A field that the base has and the code has no more is an incompatible change, whatever is on disk."""
    path = repository / "docs/contracts/schemas" / ORDER
    schema = json.loads(path.read_text("utf-8"))
    schema["properties"]["data"]["properties"]["colour"] = {"type": "string"}
    path.write_text(json.dumps(schema), "utf-8")
    commit()
    assert main(["generate"]) == 0
    assert main(["check"]) == 1
    assert "data.colour: this field was removed or renamed" in capsys.readouterr().out
    assert main(["check", "--base", "HEAD~1"]) == 0


def test_check_says_when_there_is_nothing_to_compare_with(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Outside git only drift is checked, and that is said; a base that was asked for must be there."""
    assert main(["check", "--base", "no-such-branch"]) == 2
    monkeypatch.setenv("GIT_DIR", str(repository / "no-such-folder"))
    assert main(["check"]) == 0
    assert capsys.readouterr().out.count("compatibility was not checked") == 2
