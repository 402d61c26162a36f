"""Greetings, new products, files, prospects and falls, from the events of others to the reminders in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from services.followup.domain.refusal import NotPossibleError
from services.followup.domain.reminders import OpenReminder
from services.followup.ports import Given
from shared.contracts.customers import Upkeep
from shared.contracts.types import Cause, SamplePhase
from shared.engine.model import Transaction
from shared.identity import Principal
from shared.roles import Role
from shared.words import Text
from tests.integration.followup.house import DAY, NOON, TODAY, House, drop_ahead, facts, tier

pytestmark = pytest.mark.backend

GM = Principal("boss", Role.GM, None)
CUP = Text(zh="青花杯", en="Blue cup")


async def lines_of(house: House, customer_id: str) -> set[str]:
    return {name for name, due_on in (await house.due_of(customer_id)).items() if due_on is not None}


async def kinds_due(house: House) -> list[tuple[str, str]]:
    """Customer and kind of all reminders published so far, in their order."""
    return [(event["data"]["customer_id"], event["data"]["kind"]) for event in await house.published("reminder.due")]


async def ends(house: House) -> list[tuple[str, str]]:
    return [(e["data"]["customer_id"], e["data"]["reason"]) for e in await house.published("reminder.ended")]


async def states(house: House) -> dict[str, str]:
    rows = await house.database.fetch("SELECT kind, state FROM reminders")
    return {row["kind"]: row["state"] for row in rows}


async def advance(house: House, days: int) -> None:
    """Every day passes with its dispatch."""
    for _ in range(days):
        house.clock.advance(DAY)
        await house.dispatch()


async def test_a_usual_purchase_is_reminded_of_with_its_rhythm_and_ends_with_the_order(house: House) -> None:
    """F1: a week ahead, until the expected day; whoever orders need not be asked."""
    last = TODAY - 27 * DAY
    await house.told(facts("C-1", orders=6, last_order_on=last, rhythm=(6, 34, 6), contacted_at=NOON - 9 * DAY))
    await house.told(tier("C-1", "contract", "key"))
    assert await house.dispatch() == 1
    [event] = await house.published("reminder.due")
    told: dict[str, Any] = event["data"]
    assert (told["kind"], told["line"], told["due_on"], told["latest_on"]) == (
        "purchase", "F1.purchase", "2026-03-02", "2026-03-09",
    )  # fmt: skip
    assert told["why"]["en"].endswith("usually buys every 34 ± 6 days; due around 9 March (F1).")
    outgoings = await house.told(facts("C-1", 2, orders=7, last_order_on=TODAY, entry_dated=TODAY, rhythm=(7, 33, 6)))
    assert [outgoing.type for outgoing in outgoings] == ["reminder.ended"]
    assert await ends(house) == [("C-1", "ordered")]
    assert await states(house) == {"purchase": "ended"}


async def test_a_reminder_whose_contact_is_on_its_way_is_done_by_it_and_not_ended(house: House) -> None:
    """F7: the rep was in touch, and then the order came."""
    await house.told(facts("C-1", orders=6, last_order_on=TODAY - 27 * DAY, rhythm=(6, 34, 6), contacted_at=NOON - DAY))
    await house.told(tier("C-1", "contract", "key"))
    await house.dispatch()
    await house.database.execute("UPDATE reminders SET contact_id = 'reported'")
    await house.told(facts("C-1", 2, orders=7, last_order_on=TODAY, entry_dated=TODAY, contacted_at=NOON - DAY))
    assert await states(house) == {"purchase": "due"}
    await house.told(facts("C-1", 3, orders=7, last_order_on=TODAY, contacted_at=NOON, cause="contact.made"))
    assert await states(house) == {"purchase": "done"}
    assert await ends(house) == []


async def test_a_fall_ahead_is_a_reminder_at_once_until_an_order_comes(house: House) -> None:
    """K6: with scoring's own words, up to the last day that helps."""
    last = TODAY - 351 * DAY
    await house.told(facts("C-1", orders=1, last_order_on=last, contacted_at=NOON - DAY))
    await house.told(tier("C-1", "contract", "key"), drop_ahead("C-1", last))
    await house.dispatch()
    [event] = await house.published("reminder.due")
    assert (event["data"]["kind"], event["data"]["latest_on"]) == ("falling", "2026-03-16")
    assert "It falls without an order (K6)" in event["data"]["why"]["en"]
    # The same word again, and another dispatch, make no second one.
    await house.told(drop_ahead("C-1", last))
    await advance(house, 2)
    assert await kinds_due(house) == [("C-1", "falling")]
    await house.told(facts("C-1", 2, orders=2, last_order_on=TODAY + DAY, entry_dated=TODAY + DAY))
    assert await ends(house) == [("C-1", "ordered")]
    assert "K6.fall" not in await lines_of(house, "C-1")


async def test_a_customer_who_has_fallen_is_not_to_be_kept_any_more(house: House) -> None:
    """K6: the level moved, and with it goes the reminder."""
    last = TODAY - 351 * DAY
    await house.told(facts("C-1", orders=1, last_order_on=last, contacted_at=NOON - DAY))
    await house.told(tier("C-1", "contract", "key"), drop_ahead("C-1", last))
    await house.dispatch()
    await house.told(tier("C-1", "contract", "ordinary", sequence=2))
    assert await ends(house) == [("C-1", "moot")]


async def test_a_fall_heard_of_before_the_facts_is_kept_for_them(house: House) -> None:
    """The topics have no order between them, and the fall survives the database meanwhile."""
    last = TODAY - 351 * DAY
    await house.told(tier("C-1", "contract", "key"), drop_ahead("C-1", last))
    await house.told(facts("C-1", orders=1, last_order_on=last, contacted_at=NOON - DAY))
    await house.dispatch()
    assert await kinds_due(house) == [("C-1", "falling")]


async def test_a_fall_of_somebody_unknown_holds_nobody_up(house: House) -> None:
    """K6: a level that never came leaves nothing to keep, and others' events go on."""
    await house.told(drop_ahead("X-1", TODAY - 351 * DAY), facts("C-1"), tier("C-1", "potential", "none"))
    assert await house.due_of("X-1") == {}
    assert "F5" in await lines_of(house, "C-1")


async def test_work_on_the_file_does_not_put_off_the_end_of_a_protection(house: House) -> None:
    """O2: what is missing then is an order of intent; a contact of the rep's is an answer."""
    given = Upkeep(improved_on=None, gaps=(), given_on=TODAY - 108 * DAY, reported_on=TODAY - DAY)
    await house.told(facts("C-1", upkeep=given, contacted_at=NOON - DAY), tier("C-1", "potential", "none"))
    await house.dispatch()
    [event] = await house.published("reminder.due")
    assert (event["data"]["kind"], event["data"]["line"]) == ("progress", "O2.end")
    improved = given.model_copy(update={"improved_on": TODAY})
    await house.told(facts("C-1", 2, upkeep=improved, contacted_at=NOON - DAY))
    assert await states(house) == {"progress": "due"}
    reported = improved.model_copy(update={"reported_on": TODAY})
    await house.told(facts("C-1", 3, upkeep=reported, contacted_at=NOON, cause="contact.made"))
    assert await states(house) == {"progress": "done"}


async def test_what_came_too_late_ends_and_what_is_still_owed_does_not(house: House) -> None:
    """K6, F6: after the fall nothing helps; an incomplete file is still to be improved (P2)."""
    last = TODAY - 351 * DAY
    stale = Upkeep(improved_on=TODAY - 24 * DAY, gaps=("phone",))
    await house.told(facts("C-1", orders=1, last_order_on=last, contacted_at=NOON, upkeep=stale))
    await house.told(tier("C-1", "contract", "key"), drop_ahead("C-1", last))
    # C-1's file is due within the month that follows the import.
    await advance(house, 15)
    await house.end_past()
    assert [end for end in await ends(house) if end[1] == "too_late"] == [("C-1", "too_late")]
    await advance(house, 20)
    await house.end_past()
    assert (await states(house))["file"] == "due"


async def test_a_contact_that_is_reported_while_the_end_is_decided_comes_round(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """K6: found as past, answered, and only then held: what the rep did is not lost."""
    last = TODAY - 351 * DAY
    await house.told(facts("C-1", orders=1, last_order_on=last, contacted_at=NOON - 2 * DAY))
    await house.told(tier("C-1", "contract", "key"), drop_ahead("C-1", last))
    await advance(house, 15)
    past = house.stores.reminders.past

    async def answered_meanwhile(tx: Transaction, day: date, limit: int) -> Sequence[OpenReminder]:
        found = await past(tx, day, limit)
        for reminder in found:
            await house.report(GM, reminder.reminder_id)
        return found

    monkeypatch.setattr(house.stores.reminders, "past", answered_meanwhile)
    await house.end_past()
    assert (await states(house))["falling"] == "due"
    assert len(await house.published("contact.made")) == 1


async def test_an_incomplete_file_is_asked_for_until_it_is_improved(house: House) -> None:
    """P2, N1: the reminder names what is missing and ends when somebody improves the file, not by a contact."""
    await house.told(facts("C-1", upkeep=Upkeep(improved_on=TODAY, gaps=("phone", "buyer"), given_on=None)))
    await house.told(tier("C-1", "potential", "none"))
    await advance(house, 24)
    [event] = [each for each in await house.published("reminder.due") if each["data"]["kind"] == "file"]
    assert (event["data"]["due_on"], event["data"]["latest_on"]) == ("2026-03-26", "2026-04-02")
    assert "the file lacks phone and buyer" in event["data"]["why"]["en"]
    with pytest.raises(NotPossibleError, match="not_a_contact"):
        await house.report(GM, event["data"]["reminder_id"])
    await house.told(facts("C-1", 2, contacted_at=house.clock.now(), upkeep=Upkeep(improved_on=TODAY, gaps=("phone",))))
    assert (await states(house))["file"] == "due"
    today = house.clock.today()
    await house.told(facts("C-1", 3, contacted_at=house.clock.now(), upkeep=Upkeep(improved_on=today, gaps=("phone",))))
    assert (await states(house))["file"] == "ended"
    assert ("C-1", "improved") in await ends(house)


async def test_a_prospect_of_the_reps_own_asks_for_the_reps_own_progress(house: House) -> None:
    """O2: somebody else's contact is no progress of the rep's; the rep's own is."""
    given = Upkeep(improved_on=None, gaps=(), given_on=TODAY)
    await house.told(facts("C-1", upkeep=given, contacted_at=NOON))
    await house.told(tier("C-1", "potential", "none"))
    await advance(house, 24)
    assert [kind for _, kind in await kinds_due(house)] == ["progress"]
    now = house.clock.now()
    await house.told(facts("C-1", 2, upkeep=given, contacted_at=now))
    assert await states(house) == {"progress": "due"}
    reported = given.model_copy(update={"reported_on": house.clock.today()})
    await house.told(facts("C-1", 3, upkeep=reported, contacted_at=now, cause="contact.made"))
    assert await states(house) == {"progress": "done"}


async def test_progress_that_somebody_was_asked_for_in_the_holders_place_is_done_by_that_one(house: House) -> None:
    """O2: a colleague took the reminder over and was in touch: not the holder's contact, and yet the one asked for."""
    given = Upkeep(improved_on=None, gaps=(), given_on=TODAY)
    await house.told(facts("C-1", upkeep=given, contacted_at=NOON))
    await house.told(tier("C-1", "potential", "none"))
    await advance(house, 24)
    [event] = await house.published("reminder.due")
    async with house.database.transaction() as tx:
        await house.stores.acts.give(tx, [Given(event["data"]["reminder_id"], "eve", None)])
    contact_id = await house.report(GM, event["data"]["reminder_id"])
    came = facts("C-1", 2, upkeep=given, contacted_at=house.clock.now())
    cause = Cause(id=contact_id, type="contact.made", source="/tierline/followup")
    await house.told(came._replace(data=came.data.model_copy(update={"cause": cause})))
    assert await states(house) == {"progress": "done"}


@pytest.mark.parametrize("level_first", [False, True])
async def test_the_follow_up_of_a_sample_ends_with_the_order(house: House, *, level_first: bool) -> None:
    """F2: whatever is heard first, nobody is asked to confirm the sample of whoever has ordered."""
    sample: tuple[SamplePhase, date] = ("confirming", TODAY - DAY)
    await house.told(facts("C-1", sample=sample), tier("C-1", "sample", "asia_africa"))
    await house.dispatch()
    assert await states(house) == {"contact": "due"}
    ordered = [facts("C-1", 2, sample=sample, orders=1, last_order_on=TODAY, entry_dated=TODAY)]
    moved = [tier("C-1", "contract", "ordinary", sequence=2)]
    for events in (moved, ordered) if level_first else (ordered, moved):
        await house.told(*events)
    assert await ends(house) == [("C-1", "ordered")]


async def test_one_reminder_waits_on_a_line_at_a_time(house: House) -> None:
    """F1: who is not contacted for two months is on the list once, with the newest; the older says so."""
    await house.told(facts("C-1", orders=1, last_order_on=TODAY - 28 * DAY), tier("C-1", "contract", "key"))
    await advance(house, 70)
    rows = await house.database.fetch("SELECT state, ended, due_on FROM reminders ORDER BY due_on")
    assert [(row["state"], row["ended"]) for row in rows] == [
        ("ended", "repeated"), ("ended", "repeated"), ("due", None),
    ]  # fmt: skip
    assert await ends(house) == [("C-1", "repeated")] * 2


async def announced(house: House, number: int) -> list[date]:
    """The days on which prospects have a line for product P-`number`."""
    rows = await house.database.fetch(
        "SELECT due_on FROM schedule_lines WHERE line = $1 AND due_on IS NOT NULL", f"F6.product:P-{number}"
    )
    return [row["due_on"] for row in rows]


async def test_every_potential_customer_hears_of_a_new_product_once(house: House) -> None:
    """F6: in batches that a crash interrupts anywhere, spread over days; who is not potential hears nothing."""
    prospects = [f"P-{number}" for number in range(20)]
    await house.told(*(facts(name) for name in [*prospects, "C-1"]))
    await house.told(*(tier(name, "potential", "none") for name in prospects), tier("C-1", "contract", "key"))
    await house.announce_product(GM, "P-1", CUP)
    # Seven at a time; a crash in the second batch takes nothing with it.
    assert await house.tell_of_products.batch() == 7
    with pytest.raises(RuntimeError, match="crash"):
        async with house.crashing_saves():
            await house.tell_of_products.batch()
    assert len(await announced(house, 1)) == 7
    await house.tell_of_products()
    await house.announce_product(GM, "P-1", CUP)
    await house.tell_of_products()
    days = await announced(house, 1)
    assert len(days) == 20
    assert TODAY <= min(days) <= max(days) < TODAY + 10 * DAY
    assert len(set(days)) > 4
    await house.dispatch()
    await advance(house, 12)
    told = [customer for customer, kind in await kinds_due(house) if kind == "new_product"]
    assert sorted(told) == sorted(prospects)
    [(_, progress)] = await house.announce_product.page(2**62, 10)
    assert (progress.planned, progress.reminded) == (True, 20)


async def test_what_was_told_leaves_no_line_behind_and_is_not_told_again(house: House) -> None:
    """F6: the next announcement drops lines that are done with; a level that moves away and back repeats nothing."""
    await house.told(facts("P-1"), tier("P-1", "potential", "none"))
    await house.announce_product(GM, "P-1", CUP)
    await house.tell_of_products()
    await house.dispatch()
    await advance(house, 10)
    await house.told(tier("P-1", "contract", "key", sequence=2))
    await house.told(tier("P-1", "potential", "none", sequence=3))
    await house.announce_product(GM, "P-2", Text(zh="茶盘", en="Tray"))
    await house.tell_of_products()
    lines = await house.database.fetch("SELECT line FROM schedule_lines WHERE about IS NOT NULL")
    assert [row["line"] for row in lines] == ["F6.product:P-2"]
    await house.dispatch()
    await advance(house, 10)
    assert [kind for _, kind in await kinds_due(house)].count("new_product") == 2


async def test_who_orders_before_the_day_hears_nothing(house: House) -> None:
    """F6: news are for potential customers."""
    await house.told(facts("P-1"), tier("P-1", "potential", "none"))
    await house.announce_product(GM, "P-1", CUP)
    await house.tell_of_products()
    await house.told(tier("P-1", "contract", "key", sequence=2))
    await advance(house, 12)
    assert [kind for _, kind in await kinds_due(house) if kind == "new_product"] == []


async def test_an_id_means_one_product_for_ever(house: House) -> None:
    """F6: announced twice it is one announcement; by another name it is refused."""
    first = await house.announce_product(GM, "P-1", CUP)
    house.clock.advance(DAY)
    assert await house.announce_product(GM, "P-1", CUP) == first
    with pytest.raises(NotPossibleError, match="another_product"):
        await house.announce_product(GM, "P-1", Text(zh="茶盘", en="Tray"))


async def test_greetings_come_before_the_feast(house: House) -> None:
    """F6: a prospect of Germany in December."""
    house.clock.set(NOON.replace(month=12, day=1))
    await house.told(facts("P-1", country="DE"), tier("P-1", "potential", "none", since=date(2026, 12, 1)))
    await advance(house, 40)
    greetings = [each["data"] for each in await house.published("reminder.due") if each["data"]["kind"] == "greeting"]
    assert [each["latest_on"] for each in greetings] == ["2026-12-25", "2027-01-01"]
