"""`tierline day`: what is most urgent stands first."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from deploy.cli.desk import urgency
from services.followup.domain.notices import Item, digest
from shared.words import Text

TODAY = date(2026, 3, 20)
DAYS = st.integers(0, 9).map(lambda days: TODAY - timedelta(days=days))
REMINDERS = st.lists(
    st.fixed_dictionaries(
        {
            "customer_id": st.integers(0, 99).map(lambda number: f"C-{number:02}"),
            "kind": st.sampled_from(["contact", "purchase", "falling"]),
            "state": st.sampled_from(["due", "done", "skipped", "ended"]),
            "issued_on": DAYS,
            "due_on": DAYS,
        }
    ),
    unique_by=lambda reminder: reminder["customer_id"],
    max_size=12,
)


def told(reminder: dict[str, Any]) -> Item:
    """The reminder as the morning's message has it."""
    return Item(
        customer_id=reminder["customer_id"],
        why=Text(zh="因", en="why"),
        reminder_id=reminder["customer_id"],
        rule="K1",
        kind=reminder["kind"],
        due_on=reminder["due_on"],
        overdue=(TODAY - reminder["issued_on"]).days,
    )


@given(REMINDERS, st.randoms(use_true_random=False))
def test_a_day_is_in_the_order_of_the_mornings_message(reminders: list[dict[str, Any]], chance: Random) -> None:
    """Whoever read the message finds the same customers first; what is settled comes after them."""
    chance.shuffle(reminders)
    shown = sorted(
        ({**each, **{name: each[name].isoformat() for name in ("issued_on", "due_on")}} for each in reminders),
        key=urgency,
    )
    waiting = [each for each in reminders if each["state"] == "due"]
    message = digest("ann", TODAY, map(told, waiting), at_most=100)
    assert [each["customer_id"] for each in shown[: len(waiting)]] == [item.customer_id for item in message.items]
    assert all(each["state"] != "due" for each in shown[len(waiting) :])
