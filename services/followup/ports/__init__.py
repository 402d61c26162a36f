"""What followup's use cases need of the world; `store` and the engine provide it."""

from __future__ import annotations

from dataclasses import dataclass

from services.followup.ports.acts import ActStore, Given, Handover
from services.followup.ports.desk import Clock, Database, Desk, Publisher
from services.followup.ports.people import PeopleStore
from services.followup.ports.products import Product, ProductStore
from services.followup.ports.reminders import Done, Ended, Filters, Kept, Place, ReminderStore, State
from services.followup.ports.schedules import Counts, CustomerAppearedError, ScheduleStore

__all__ = [
    "ActStore",
    "Clock",
    "Counts",
    "CustomerAppearedError",
    "Database",
    "Desk",
    "Done",
    "Ended",
    "Filters",
    "Given",
    "Handover",
    "Kept",
    "PeopleStore",
    "Place",
    "Product",
    "ProductStore",
    "Publisher",
    "ReminderStore",
    "ScheduleStore",
    "State",
    "Stores",
]


@dataclass(frozen=True, slots=True)
class Stores:
    """All that followup keeps."""

    schedules: ScheduleStore
    reminders: ReminderStore
    people: PeopleStore
    acts: ActStore
    products: ProductStore
