"""What a rep is told: each customer once, and every reminder."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from services.followup.domain.notices import Item, digest, once_each
from services.followup.domain.reminders import NO_CONTACT
from shared.words import Text

DAY = date(2026, 3, 2)
KINDS = ("contact", "purchase", "falling", "greeting", "progress", *sorted(NO_CONTACT))

BECAUSE = Text(zh="因", en="because")


def item(customer_id: str, kind: str, rule: str, minutes: int, overdue: int) -> Item:
    """A reminder of a customer."""
    return Item(customer_id, BECAUSE, rule=rule, kind=kind, minutes=minutes, overdue=overdue)


items = st.lists(
    st.builds(
        item,
        st.sampled_from(["A", "B", "C"]),
        st.sampled_from(KINDS),
        st.sampled_from(["F1", "F3", "K6"]),
        st.integers(1, 30),
        st.integers(0, 5),
    ),
    max_size=12,
).map(lambda made: [item._replace(reminder_id=f"r{number}") for number, item in enumerate(made)])


@given(items)
def test_each_customer_is_named_once_and_every_reminder_told(given_items: list[Item]) -> None:
    """Two reminders that one contact answers are one block, which takes the longer of both."""
    told = once_each(given_items)
    assert Counter([item.reminder_id for item in told] + [also.reminder_id for item in told for also in item.also]) == {
        item.reminder_id: 1 for item in given_items
    }
    contacts = Counter(item.customer_id for item in told if item.kind not in NO_CONTACT)
    assert all(count == 1 for count in contacts.values())
    for item in told:
        of_it = {also.reminder_id for also in item.also} | {item.reminder_id}
        assert item.minutes == max(each.minutes for each in given_items if each.reminder_id in of_it)
        assert item.kind not in NO_CONTACT or not item.also


@given(items)
def test_a_digest_counts_customers_and_begins_with_the_most_urgent(given_items: list[Item]) -> None:
    """A level about to fall goes first; what is left out is counted by customers as well."""
    message = digest("li", DAY, given_items, 2)
    assert len(message.items) + message.more == len(once_each(given_items))
    if any(item.kind == "falling" for item in given_items):
        assert message.items[0].kind == "falling"


@given(items)
def test_an_item_is_read_back_as_it_was_kept(given_items: list[Item]) -> None:
    """Messages wait in the database as JSON."""
    told = once_each(given_items)
    assert [Item.of_json(json.loads(json.dumps(item.as_json()))) for item in told] == told
