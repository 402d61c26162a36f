"""What scoring answers, to whom."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import APIRouter

from services.scoring.api import falls_router, lapse_router, overview_router, tiers_router
from shared.http import create_app
from shared.identity import JWKS_FILE, Role, TokenSigner, TokenVerifier, generate_keypair
from shared.metrics import Metrics
from shared.settings import IdentitySettings
from tests.integration.scoring.house import DAY, TODAY, House, facts, ordered

pytestmark = pytest.mark.backend


class Visitor:
    """Asks scoring's HTTP in somebody's name."""

    def __init__(self, house: House, folder: Path, *others: APIRouter) -> None:
        self._signer = TokenSigner.from_file(generate_keypair(folder))
        verifier = TokenVerifier.from_settings(IdentitySettings(jwks_file=folder / JWKS_FILE))

        async def ready() -> list[str]:
            return []

        routers = [
            tiers_router(house.read),
            overview_router(house.read, house.check),
            falls_router(house.falls),
            lapse_router(house.explain_lapse),
            *others,
        ]
        app = create_app("scoring", routers, verifier, metrics=Metrics(), ready=ready)
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://scoring")

    async def ask(self, path: str, role: Role = Role.REP, method: str = "GET", status: int = 200, **sent: Any) -> Any:
        headers = {"Authorization": f"Bearer {self._signer.sign('ann', role, 'north')}"}
        response = await self._client.request(method, path, headers=headers, **sent)
        assert response.status_code == status, response.text
        return response.json()

    async def close(self) -> None:
        await self._client.aclose()


@pytest.fixture
async def visitor(house: House, tmp_path: Path) -> AsyncIterator[Visitor]:
    """Ten contract customers, one of each other class, seen through HTTP."""
    await house.told(
        *(ordered(f"C-{n}", 1, TODAY - (30 - n) * DAY, f"{100 * (n + 1)}.50") for n in range(10)),
        facts("P/1 x", potential="high", rep="rep-7"),
        facts("S", customer_class="sample", country="AE"),
    )
    visitor = Visitor(house, tmp_path)
    yield visitor
    await visitor.close()


async def test_a_tier_says_what_it_was_held_against_and_why(visitor: Visitor) -> None:
    """The shape that others build on, with scores, rank, cutoffs, cause and words in two languages."""
    tier = await visitor.ask("/tiers/C-9")
    why = tier.pop("why")
    cutoffs = tier.pop("cutoffs")
    tier.pop("decided_at")
    assert tier == {
        "customer_id": "C-9",
        "class": "contract",
        "level": "key",
        "r": 5,
        "f": 1,
        "m": 5,
        "rank": 1,
        "recency_days": 21,
        "orders": 1,
        "amount": "1000.50",
        "since": "2026-03-02",
        "market": None,
        "population": 10,
        "key_size": 2,
        "rep": None,
        "cause": {"kind": "event", "id": "cause:C-9:1", "type": "order.placed", "date": None},
        "policy_version": "2026-1",
        "sequence": 1,
    }
    assert cutoffs == {
        "r": ["22.8", "24.6", "26.4", "28.2"],
        "f": ["1", "1", "1", "1"],
        "m": ["280.5", "460.5", "640.5", "820.5"],
    }
    assert "1,000.50 CNY" in why["en"]
    assert "前 2 名" in why["zh"]


async def test_who_is_not_ranked_has_no_scores(visitor: Visitor) -> None:
    """r to amount are null for samples and prospects; ids with slashes and spaces are found."""
    tier = await visitor.ask("/tiers/P%2F1%20x")
    assert (tier["class"], tier["level"], tier["rep"]) == ("potential", "high", "rep-7")
    unranked = ("r", "f", "m", "rank", "recency_days", "orders", "amount", "population", "key_size", "cutoffs")
    assert {tier[name] for name in unranked} == {None}


async def test_pages_are_stable_and_filtered(visitor: Visitor) -> None:
    """Pages follow the ids, whatever moves between them; class and level narrow them."""
    first = await visitor.ask("/tiers?class=contract&limit=4")
    second = await visitor.ask(f"/tiers?class=contract&limit=4&cursor={first['next']}")
    third = await visitor.ask(f"/tiers?class=contract&limit=4&cursor={second['next']}")
    found = [tier["customer_id"] for page in (first, second, third) for tier in page["items"]]
    assert found == [f"C-{n}" for n in range(10)]
    assert third["next"] is None
    keys = await visitor.ask("/tiers?class=contract&level=key")
    assert [tier["customer_id"] for tier in keys["items"]] == ["C-8", "C-9"]
    assert len((await visitor.ask("/tiers"))["items"]) == 12


async def test_history_and_the_level_as_of_a_day(visitor: Visitor, house: House) -> None:
    """What was decided stays readable: newest first, and as of any day."""
    house.clock.advance(3 * DAY)
    await house.told(ordered("C-9", 2, TODAY, order_id="1", counts=False, last=TODAY - 400 * DAY))
    history = (await visitor.ask("/tiers/C-9/history"))["items"]
    assert [(each["sequence"], each["from"], each["to"]["level"], each["since"]) for each in history] == [
        (2, {"class": "contract", "level": "key"}, "lapsed", "2026-03-05"),
        (1, None, "key", "2026-03-02"),
    ]
    assert (await visitor.ask("/tiers/C-9"))["level"] == "lapsed"
    then = await visitor.ask("/tiers/C-9?as_of=2026-03-04")
    assert (then["level"], then["rank"], then["amount"]) == ("key", 1, "1000.50")
    await visitor.ask("/tiers/C-9?as_of=2026-03-01", status=404)


async def test_counts_of_past_days(visitor: Visitor, house: House) -> None:
    """As of a day, and over time: each row as it was decided then."""
    await house.day_passes(30)
    await house.told(ordered("S", 2, TODAY + 30 * DAY))
    assert await visitor.ask("/levels?as_of=2026-03-01") == []
    (sample,) = [row for row in await visitor.ask("/levels?as_of=2026-03-31") if row["class"] == "sample"]
    assert sample == {"class": "sample", "level": "middle_east", "customers": 1}
    assert await visitor.ask("/levels?as_of=2026-04-01") == await visitor.ask("/levels")
    span = await visitor.ask("/levels/over-time?from=2026-02-01")
    assert [day["day"] for day in span] == ["2026-02-28", "2026-03-31", "2026-04-01"]
    assert [sum(row["customers"] for row in day["levels"]) for day in span] == [0, 12, 12]
    await visitor.ask("/levels/over-time?from=2026-02-01&until=2026-01-01", status=422)


async def test_days_at_the_ends_of_the_calendar_are_refused(visitor: Visitor) -> None:
    """No business date is near them, and a week further there is no day at all."""
    for every in ("day", "week", "month"):
        for days in ("from=9999-12-30&until=9999-12-31", "from=0001-01-01&until=0001-02-01"):
            problem = await visitor.ask(f"/levels/over-time?{days}&every={every}", status=422)
            assert problem["code"] == "invalid_request"
    await visitor.ask("/tiers/C-9?as_of=0001-01-01", status=422)
    await visitor.ask("/levels?as_of=9999-12-31", status=422)


async def test_falls_ahead_are_listed_with_what_keeps_the_level(visitor: Visitor, house: House) -> None:
    """By rep; an order takes a customer off the list."""
    await house.told(ordered("F", 1, TODAY - 355 * DAY, "1", rep="rep-9"))
    await house.look_ahead()
    (fall,) = (await visitor.ask("/falls?rep=rep-9"))["items"]
    why = fall.pop("why")
    assert fall == {
        "customer_id": "F",
        "rep": "rep-9",
        "level": "ordinary",
        "falls_to": "lapsed",
        "falls_on": "2026-03-12",
        "act_by": "2026-03-11",
        "keeps": "0.00",
        "currency": "CNY",
        "foreseen_on": "2026-03-02",
        "policy_version": "2026-1",
    }
    assert "2026-03-11" in why["zh"]
    assert (await visitor.ask("/falls?rep=rep-8"))["items"] == []
    await house.told(ordered("F", 2, TODAY, "1", rep="rep-9"))
    assert (await visitor.ask("/falls?rep=rep-9"))["items"] == []


async def test_the_report_on_a_lapse_is_for_its_rep_and_leaders(visitor: Visitor, house: House) -> None:
    """K7 over HTTP: 403 for others, 409 while the customer is not lapsed."""
    await house.told(ordered("L", 1, TODAY - 500 * DAY, "12.50", rep="ann"))
    report = await visitor.ask("/lapses/L")
    assert (report["lapsed_on"], report["last_year"]["amount"]) == ("2025-10-18", "12.50")
    assert report["gaps"][0]["zh"] == "1 张订单没有产品明细。"
    assert (await visitor.ask("/lapses/C-1", status=403))["code"] == "not_your_customer"
    assert (await visitor.ask("/lapses/C-1", Role.GM, status=409))["code"] == "not_lapsed"
    await visitor.ask("/lapses/nobody", Role.GM, status=404)


async def test_counts_and_the_best(visitor: Visitor) -> None:
    """How many have each level, and the first in order of rank."""
    assert await visitor.ask("/levels") == [
        {"class": "contract", "level": "key", "customers": 2},
        {"class": "contract", "level": "ordinary", "customers": 8},
        {"class": "potential", "level": "high", "customers": 1},
        {"class": "sample", "level": "middle_east", "customers": 1},
    ]
    best = await visitor.ask("/best?limit=3")
    assert [(tier["customer_id"], tier["rank"]) for tier in best] == [("C-9", 1), ("C-8", 2), ("C-7", 3)]


async def test_a_process_that_stands_by_answers_from_the_tables(visitor: Visitor, house: House, tmp_path: Path) -> None:
    """The same answers without the lease, but for the check, which asks the one who decides."""
    expected = [await visitor.ask(path) for path in ("/tiers", "/best", "/levels")]
    folder = tmp_path / "second"
    folder.mkdir()
    second = Visitor(house.restarted(), folder)
    assert [await second.ask(path) for path in ("/tiers", "/best", "/levels")] == expected
    tier = await second.ask("/tiers/C-9")
    assert (tier["rank"], tier["population"], tier["cutoffs"]) == (1, 10, None)
    problem = await second.ask("/check", Role.OPS, "POST", 503)
    assert problem["code"] == "standing_by"
    await second.close()


async def test_the_check_finds_a_level_that_was_tampered_with(visitor: Visitor, house: House) -> None:
    """Everybody is compared, and who differs is named with both sides."""
    assert await visitor.ask("/check", Role.GM, "POST") == {"customers": 12, "different": 0, "examples": []}
    await house.database.execute("UPDATE customers SET level = 'key' WHERE customer_id = 'C-3'")
    verdict = await visitor.ask("/check", Role.OPS, "POST")
    assert (verdict["customers"], verdict["different"]) == (12, 1)
    example = verdict["examples"][0]
    assert (example["customer_id"], example["expected"]["level"], example["found"]["level"]) == (
        "C-3",
        "ordinary",
        "key",
    )


async def test_who_may_ask(visitor: Visitor) -> None:
    """Levels are for everybody inside, not for the order system; the check for those who answer for the levels."""
    await visitor.ask("/tiers/C-9", Role.INSPECTOR)
    await visitor.ask("/tiers/C-9", Role.ORDER_SYSTEM, status=403)
    await visitor.ask("/check", Role.REP, "POST", 403)
    problem = await visitor.ask("/tiers/nobody", status=404)
    assert problem["code"] == "unknown_customer"
    await visitor.ask("/tiers?level=gold", status=422)
