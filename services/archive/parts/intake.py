"""What archive is told by the topics: sealed, remembered, and looked through for breaches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from services.archive.consumers import subscriptions
from services.archive.parts.ground import Ground
from services.archive.store import BreachStore, EntryStore, FileStore, ReminderStore, StationStore
from services.archive.store.leavings import LeavingStore
from services.archive.usecases import (
    ForgetSightings,
    HearConduct,
    JudgeFiles,
    PriceBreaches,
    RecordFileReminders,
    RecordPeople,
    SealAudit,
    Watch,
)
from shared.engine.model import Subscription
from shared.following import FollowPolicy


@dataclass(frozen=True, slots=True)
class Intake:
    """Who hears what; `judge` and `forget` go by the clock through what was heard."""

    seal: SealAudit
    people: RecordPeople
    reminders: RecordFileReminders
    conduct: HearConduct
    policy: FollowPolicy
    judge: JudgeFiles
    forget: ForgetSightings

    @classmethod
    def over(cls, ground: Ground, pricing: PriceBreaches) -> Self:
        breaches, reminders, stations = BreachStore(), ReminderStore(), StationStore()
        rules, clock = ground.breach_rules, ground.clock
        return cls(
            seal=SealAudit(EntryStore(), FileStore(), pricing, Watch(breaches, stations, rules, clock)),
            people=RecordPeople(ground.people, stations, LeavingStore()),
            reminders=RecordFileReminders(reminders, clock),
            conduct=HearConduct(breaches, clock),
            policy=FollowPolicy(ground.in_force),
            judge=JudgeFiles(ground.desk, reminders, breaches, rules, clock),
            forget=ForgetSightings(ground.database, breaches, rules, clock),
        )

    def subscriptions(self) -> tuple[Subscription, ...]:
        return subscriptions(self.seal, self.people, self.reminders, self.conduct, self.policy)
