"""Potential customers are judged by what is known of them; a person's word prevails, and an order ends it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.scoring.api import gaps_router, potentials_router
from services.scoring.ports import Desk
from services.scoring.store import PostgresPotentials, TraitReadings
from services.scoring.usecases.assessing import AssessPotentials, assessments
from services.scoring.usecases.gaps import ListGaps
from services.scoring.usecases.potential import ImportLists, ReadPotential
from shared.contracts.customers import Inquiry
from shared.contracts.tiers import TierChanged
from shared.engine.model import Event
from shared.roles import Role
from tests.integration.scoring.articles import saying
from tests.integration.scoring.house import POLICY, TODAY, House, facts, ordered
from tests.integration.scoring.test_api import Visitor

pytestmark = pytest.mark.backend

CATALOGUE = {
    "articles": [
        {"sku": "GW-01", "name": "白瓷盖碗", "category": "茶具", "words": "porcelain gaiwan; lidded bowl"},
        {"sku": "TP-02", "name": "紫砂壶", "category": "茶具", "words": "Yixing teapot"},
    ]
}
GOOD = {"industry": "gift wholesale", "website_quality": "professional", "website_updated_on": "2025-12-01"}


class Showroom:
    """Scoring with its job, and a director who asks it."""

    def __init__(self, house: House, folder: Path) -> None:
        self.house = house
        self.potentials = PostgresPotentials()
        self.assess = self.job(house)
        database, clock, policy = house.database, house.clock, house.in_force
        gaps = ListGaps(
            database=database, traits=TraitReadings(), potentials=self.potentials, policy=policy, clock=clock
        )
        lists = ImportLists(database, self.potentials, clock)
        reading = ReadPotential(database, self.potentials, policy)
        self._visitor = Visitor(house, folder, potentials_router(reading, lists), gaps_router(gaps))

    def job(self, house: House) -> AssessPotentials:
        return AssessPotentials(
            memory=house.memory,
            decide_levels=house.decide_levels,
            lease=house.lease,
            desk=Desk(house.database, house.outbox, house.clock),
            store=self.potentials,
            policy=house.in_force,
        )

    async def ask(self, path: str, method: str = "GET", status: int = 200, **sent: Any) -> Any:
        return await self._visitor.ask(path, Role.MARKETING_DIRECTOR, method, status, **sent)

    async def level(self, customer_id: str) -> tuple[str, str]:
        return (await self.house.levels())[customer_id]

    async def told(self, *events: Event) -> list[TierChanged]:
        """The events, and then the job's turn."""
        changes = await self.house.told(*events)
        await self.assess()
        return changes

    async def close(self) -> None:
        await self._visitor.close()


@pytest.fixture
async def showroom(house: House, tmp_path: Path) -> AsyncIterator[Showroom]:
    """Scoring with a catalogue of two articles."""
    showroom = Showroom(house, tmp_path)
    await house.told(facts("other", customer_class="sample", country="AE"))
    assert await showroom.ask("/catalogue", "PUT", json=CATALOGUE) == {"given": 2, "new": 2}
    yield showroom
    await showroom.close()


def asks(customer_id: str, version: int, text: str, country: str = "DE", **said: Any) -> Event:
    """A potential customer with a good file, and the text of its newest inquiry."""
    inquiry = Inquiry(inquiry_id=f"I-{version}", received_on=TODAY, text=text)
    attributes = said.pop("attributes", GOOD)
    return saying(facts(customer_id, version, country=country, **said), inquiry=inquiry, attributes=attributes)


async def test_an_inquiry_for_our_goods_makes_a_customer_of_high_potential(showroom: Showroom) -> None:
    """K5: the level follows from the criteria, is told, and every criterion shows its weight and evidence."""
    (first,) = await showroom.told(asks("P", 1, "Please quote 500 porcelain gaiwans"))
    assert first.to.level == "moderate"
    assert await showroom.level("P") == ("potential", "high")
    await showroom.house.assert_proven()
    tier = await showroom.ask("/tiers/P")
    assert (tier["level"], tier["sequence"], tier["cause"]["type"], tier["cause"]["id"]) == (
        "high", 2, "potential.assessed", "P:1",
    )  # fmt: skip
    assert "nobody judged it" in tier["why"]["en"]
    assert "计算为重潜" in tier["why"]["zh"]
    found = await showroom.ask("/potentials/P")
    assert (found["decided_by"], found["computed"], found["known"], found["holds_until"]) == (
        "computed", "high", 0.75, "2026-12-01",
    )  # fmt: skip
    assert {each["criterion"]: (each["weight"], each["fit"]) for each in found["criteria"]} == {
        "country": ("1", 1.0), "industry": ("1", 1.0), "site": ("1", 1.0), "inquiry": ("3", 1.0),
    }  # fmt: skip
    evidence = next(each["evidence"] for each in found["criteria"] if each["criterion"] == "inquiry")
    assert evidence["zh"] == "询盘提到 白瓷盖碗（porcelain、gaiwan，100%）"
    assert [each["criterion"] for each in found["missing"]] == ["customs"]


async def test_a_persons_judgement_prevails_whatever_is_computed(showroom: Showroom) -> None:
    """K5: judged before or after; the computed one is still shown beside it."""
    await showroom.told(asks("P", 1, "porcelain gaiwan", potential="none"))
    assert await showroom.level("P") == ("potential", "none")
    found = await showroom.ask("/potentials/P")
    assert (found["decided_by"], found["judged"], found["computed"]) == ("judged", "none", "high")
    await showroom.told(asks("Q", 1, "porcelain gaiwan"))
    await showroom.told(asks("Q", 2, "porcelain gaiwan", potential="moderate"))
    assert await showroom.level("Q") == ("potential", "moderate")
    await showroom.house.assert_proven()


async def test_none_that_orders_is_a_contract_customer_at_once(showroom: Showroom) -> None:
    """K5: never drop one: the order's own batch decides, before any job runs; a cancellation brings it back."""
    poor = {"industry": "steel", "website_quality": "poor", "website_updated_on": "2020-01-01"}
    await showroom.told(asks("P", 1, "hot rolled steel", "ZZ", attributes=poor))
    assert await showroom.level("P") == ("potential", "none")
    (change,) = await showroom.house.told(ordered("P", 2, TODAY, order_id="1"))
    assert (change.from_ and change.from_.level, change.to.customer_class, change.to.level) == (
        "none",
        "contract",
        "key",
    )
    await showroom.assess()
    await showroom.house.assert_proven()
    await showroom.ask("/potentials/P", status=404)
    cancelled = ordered("P", 3, TODAY, order_id="1", counts=False)
    inquiry = Inquiry(inquiry_id="I-1", received_on=TODAY, text="hot rolled steel")
    said = {"customer_class": "potential", "last_order_on": None, "attributes": poor, "inquiry": inquiry}
    await showroom.told(saying(cancelled, **said))
    assert await showroom.level("P") == ("potential", "none")
    await showroom.house.assert_proven()


async def test_a_judged_none_that_orders_is_a_contract_customer_too(showroom: Showroom) -> None:
    """K5: a person's "none" does not hold against an order."""
    await showroom.told(asks("P", 1, "spam", potential="none"))
    await showroom.house.told(ordered("P", 2, TODAY))
    assert (await showroom.level("P"))[0] == "contract"


async def test_customs_records_count_for_the_importer_of_that_name_and_country(showroom: Showroom) -> None:
    """K5: imported later, matched however the name is written; the same list again adds nothing and moves nobody."""
    fair = GOOD | {"name": "Müller GmbH", "industry": "steel"}
    await showroom.told(asks("P", 1, "想了解贵司的茶具", "BR", attributes=fair))
    await showroom.told(asks("Q", 1, "想了解贵司的茶具", "AR", attributes=fair))
    assert await showroom.level("P") == await showroom.level("Q") == ("potential", "moderate")
    record = {
        "importer": "MULLER", "country": "BR", "hs_code": "691110", "goods": "porcelain gaiwan",
        "quantity": "500", "value": "1200.50", "date": "2025-11-02",
    }  # fmt: skip
    assert await showroom.ask("/customs", "POST", json={"records": [record]}) == {"given": 1, "new": 1}
    await showroom.assess()
    assert await showroom.level("P") == ("potential", "high")
    assert await showroom.level("Q") == ("potential", "moderate")
    assert (await showroom.ask("/tiers/P"))["cause"]["type"] == "list.imported"
    history = len(await showroom.house.history())
    assert await showroom.ask("/customs", "POST", json={"records": [record]}) == {"given": 1, "new": 0}
    await showroom.assess()
    assert len(await showroom.house.history()) == history
    await showroom.house.assert_proven()


@pytest.mark.parametrize("field", ["importer", "hs_code", "goods", "quantity"])
async def test_customs_records_that_no_table_can_hold_are_refused(showroom: Showroom, field: str) -> None:
    """A NUL in whatever field is the sender's mistake, said as such."""
    record = {"importer": "MULLER", "country": "BR", "hs_code": "691110", "goods": "gaiwan", "date": "2025-11-02"}
    await showroom.ask("/customs", "POST", status=422, json={"records": [record | {field: "6911\0"}]})


async def test_another_catalogue_judges_anew(showroom: Showroom) -> None:
    """K5: what the company sells no more is asked for in vain."""
    await showroom.told(asks("P", 1, "porcelain gaiwan"))
    await showroom.ask("/catalogue", "PUT", json={"articles": [{"sku": "S-1", "name": "steel coil"}]})
    await showroom.assess()
    assert await showroom.level("P") == ("potential", "moderate")
    doubled = {"articles": [{"sku": "S-1", "name": "a"}, {"sku": "S-1", "name": "b"}]}
    await showroom.ask("/catalogue", "PUT", status=422, json=doubled)


async def test_time_alone_ages_a_site(showroom: Showroom) -> None:
    """K5, K6: on the day after it is fresh no more, and not before; the cause is the date."""
    await showroom.told(asks("P", 1, "想了解贵司的茶具", "DE", attributes=GOOD | {"industry": "steel"}))
    assert await showroom.level("P") == ("potential", "moderate")
    mean = (await showroom.ask("/potentials/P"))["mean"]
    await showroom.house.day_passes((date(2026, 12, 1) - TODAY).days)
    await showroom.assess()
    assert (await showroom.ask("/potentials/P"))["mean"] == mean
    await showroom.house.day_passes()
    await showroom.assess()
    aged = await showroom.ask("/potentials/P")
    assert aged["mean"] < mean
    assert aged["assessed_on"] == "2026-12-02"
    assert "not updated since 2025-12-01" in next(
        each["evidence"]["en"] for each in aged["criteria"] if each["criterion"] == "site"
    )


async def test_another_policy_judges_anew_and_says_so(showroom: Showroom) -> None:
    """K5: thresholds are the policy's; whoever starts with another one assesses everybody again."""
    await showroom.told(asks("P", 1, "想了解贵司的茶具", "BR", attributes=GOOD | {"industry": "steel"}))
    assert await showroom.level("P") == ("potential", "moderate")
    document = POLICY.as_json()
    easier = {"levels": {"high": "0.5", "moderate": "0.2"}}
    policy = type(POLICY).model_validate(document | {"version": "easier", "potential": document["potential"] | easier})
    await showroom.house.lease.release()
    process = showroom.house.restarted(policy=policy)
    await process.lease.acquire()
    await process.pass_days()
    await showroom.job(process)()
    assert (await process.levels())["P"] == ("potential", "high")
    decision = await process.read.decision("P")
    assert decision is not None
    assert (decision.why.cause.kind, decision.why.cause.id) == ("policy", "easier")
    await process.assert_proven()


async def test_what_changed_while_it_was_computed_is_taken_up_again(showroom: Showroom) -> None:
    """K5: an assessment of older facts is dropped, not written over newer ones."""
    await showroom.house.told(asks("P", 1, "hot rolled steel", "ZZ", attributes={"industry": "steel"}))
    page = await showroom.assess._next()
    assert [each.customer_id for each in page.customers] == ["P"]
    await showroom.house.told(asks("P", 2, "porcelain gaiwan"))
    await showroom.assess._save(page, assessments(page))
    assert await showroom.level("P") == ("potential", "moderate")
    await showroom.assess()
    assert await showroom.level("P") == ("potential", "high")


async def test_a_crash_in_the_middle_leaves_the_work_to_be_done(showroom: Showroom) -> None:
    """K5: nothing is marked as assessed before the commit that decided by it."""
    await showroom.house.told(asks("P", 1, "porcelain gaiwan"))
    await showroom.house.lease.release()
    page = await showroom.assess._next()
    with pytest.raises(Exception, match="scoring"):
        await showroom.assess._save(page, {})
    process = showroom.house.restarted()
    await process.lease.acquire()
    await process.pass_days()
    await showroom.job(process)()
    assert (await process.levels())["P"] == ("potential", "high")
    await process.assert_proven()


async def test_gaps_of_potential_customers_are_listed_with_the_others(showroom: Showroom) -> None:
    """K5, D4: the rep's are in the rep's list, the customs list's in its keeper's."""
    await showroom.told(asks("P", 1, "porcelain gaiwan", attributes={"industry": "gift"}, rep="rep-7"))
    mine = await showroom.ask("/gaps?rep=rep-7")
    (customer,) = mine["items"]
    assert [(gap["rule"], gap["fields"], gap["what"]["zh"]) for gap in customer["gaps"]] == [
        ("K5", ["website_quality"], "档案缺少网站质量")
    ]
    customs = await showroom.ask("/gaps?filler=customs")
    assert [each["customer_id"] for each in customs["items"]] == ["P"]


async def test_hundreds_are_assessed_in_pages(showroom: Showroom) -> None:
    """K5: more than one page, each its own transaction, and nothing left over."""
    await showroom.told(*(asks(f"P-{n:03}", 1, "porcelain gaiwan" if n % 2 else "steel") for n in range(250)))
    levels = await showroom.house.levels()
    assert {levels[f"P-{n:03}"] for n in range(1, 250, 2)} == {("potential", "high")}
    assert await showroom.house.database.fetchval("SELECT count(*) FROM unassessed") == 0
    await showroom.house.assert_proven()
