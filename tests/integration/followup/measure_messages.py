"""How fast messages are made: `python -m tests.integration.followup.measure_messages`.

Not a test: the figures depend on the machine. A thousand reps with twenty customers each: their digests are made, put
into words and cut into a robot's pages; sending them is paced by the robots' limits, whatever the machine.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter, process_time

from services.followup.channels.door import Door
from services.followup.domain.reminders import Reminder
from services.followup.ports.messages import Addressee
from shared.contracts.reminders import ReminderDue
from shared.contracts.types import Words
from shared.engine.model import Event
from shared.engine.postgres import Database
from shared.words import Language
from tests.backends import Databases, choose
from tests.integration.followup.house import APP, NOON, TODAY, House, prepare
from tests.integration.followup.office import Office
from tests.integration.followup.providers import Providers
from tests.integration.tables import as_login

REPS, CUSTOMERS = 1000, 20


async def main() -> None:
    server = choose("embedded").database_server(Path(tempfile.mkdtemp()) / "postgres")
    server.start()
    door = Door()
    try:
        dsn = await Databases(server.dsn, "measure").fresh()
        await prepare(dsn)
        database = Database(as_login(dsn, APP), application="measure")
        office = Office(House(database), Providers(), door)
        reminders = [reminder(rep, customer) for rep in range(REPS) for customer in range(CUSTOMERS)]
        async with database.transaction() as tx:
            await office.house.stores.reminders.add(tx, reminders)
        await measure_noting(office, reminders)
        await measure_digests(office)
        await measure_words(office)
        await database.close()
    finally:
        await door.close()
        server.stop()


async def measure_noting(office: Office, reminders: list[Reminder]) -> None:
    events = [due(one) for one in reminders]
    with measured(f"noting {len(events)} reminders") as said:
        for begin in range(0, len(events), 2000):
            await office.happened(*events[begin : begin + 2000])
    say(f"  {said[0] / len(events) * 1e6:.0f} µs of Python for a reminder")


async def measure_digests(office: Office) -> None:
    with measured(f"making {REPS} digests of {CUSTOMERS} customers"):
        made = await office.compose()
    say(f"  {made} messages")


async def measure_words(office: Office) -> None:
    channel = office.company.channels["wecom"]
    async with office.house.database.transaction() as tx:
        claimed = await office.post.messages.claim(
            tx, "wecom", NOON + timedelta(hours=1), NOON + timedelta(hours=2), REPS
        )
    for language in Language:
        pages = 0
        with measured(f"putting {len(claimed)} digests into words ({language})") as said:
            for one in claimed:
                letter = office.room.wording.letter(one.message, language, {})
                pages += len(channel.pages(letter, Addressee(one.message.person)))
        say(f"  {said[0] / len(claimed) * 1e3:.2f} ms a digest, {pages} pages, {pages / 20:.0f} minutes on one robot")


def reminder(rep: int, customer: int) -> Reminder:
    name = f"C-{rep:04}-{customer:02}"
    return Reminder(
        reminder_id=name,
        customer_id=name,
        line="F1",
        rule="F1",
        rep=f"rep-{rep:04}",
        department=None,
        customer_class="contract",
        level="ordinary",
        channel="mail",
        template="contract_monthly",
        minutes=8,
        plan_required=False,
        due_on=TODAY,
        due_at=NOON,
        issued_on=TODAY,
        answered_after=date(2026, 2, 2),
        last_order_on=date(2026, 2, 2),
        contacted_at=None,
        why_zh="合同客户（普通）：尚无联系记录；上次下单在 28 天前；按 F1 每月跟进一次。",
        why_en="Contract customer, ordinary: no contact on record; last order 28 days ago; F1 asks for one a month.",
        trace="",
    )


def due(one: Reminder) -> Event:
    told = one._asdict()
    fields = {name: told[name] for name in ReminderDue.model_fields if name in told}
    data = ReminderDue(**fields, why=Words(zh=one.why_zh, en=one.why_en))
    return Event(f"{one.reminder_id}:due", "/tierline/followup", "reminder.due", NOON, "", data, 0)


@contextmanager
def measured(what: str) -> Iterator[list[float]]:
    """Say how long it took; the list gets the seconds of Python."""
    said: list[float] = []
    begun, worked = perf_counter(), process_time()
    yield said
    said.append(process_time() - worked)
    say(f"{what}: {perf_counter() - begun:.2f} s, of which {said[0]:.2f} s of Python")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    asyncio.run(main())
