"""The demo: real numbers come out, each is checked, and nothing is left running."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from tests.e2e.stacks import Tierline

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

ORDERS = 600


def test_demo_on_made_up_orders_holds(tmp_path: Path) -> None:
    """Every order took effect, levels equal the full computation, the audit verifies, the data says it is made up."""
    tierline = Tierline(tmp_path / "data")
    report = tierline.run("demo", "--generated", "--orders", str(ORDERS))
    assert report["source"] == "generated"
    assert report["orders"] == ORDERS
    assert report["customers"] == sum(sum(levels.values()) for levels in report["levels"].values())
    assert set(report["levels"]) == {"contract", "sample", "potential"}
    assert report["levels"]["contract"]["key"] > 0
    assert report["check"] == {"customers": report["customers"], "different": 0}
    assert report["audit"]["verified"]
    assert report["audit"]["entries"] >= ORDERS
    assert report["dead_letters"] == 0
    assert report["reminders_scheduled"] >= report["reminders_due"]
    assert report["orders_per_second"] > 0
    assert not [p for p in psutil.process_iter(["cmdline"]) if str(tierline.data) in " ".join(p.info["cmdline"] or ())]
