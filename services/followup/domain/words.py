"""Why a contact is due, in the words of those who owe it."""

from __future__ import annotations

from datetime import date

from services.followup.domain.cadence import Pace
from services.followup.domain.customer import Facts, Standing
from shared.policy.cadence import Interval
from shared.words import Text

CLASSES = {
    "contract": Text(zh="合同客户", en="Contract customer"),
    "sample": Text(zh="寄样客户", en="Sample customer"),
    "potential": Text(zh="潜力客户", en="Potential customer"),
}
LEVELS = {
    "key": Text(zh="重点", en="key"),
    "ordinary": Text(zh="普通", en="ordinary"),
    "lapsed": Text(zh="沉没", en="lapsed"),
    "europe_america": Text(zh="欧美", en="Europe and America"),
    "middle_east": Text(zh="中东", en="Middle East"),
    "asia_africa": Text(zh="亚非", en="Asia and Africa"),
    "high": Text(zh="重潜", en="high potential"),
    "moderate": Text(zh="普潜", en="moderate potential"),
    "none": Text(zh="无潜", en="no potential"),
}


def why(facts: Facts, standing: Standing, pace: Pace, due_on: date, today: date) -> Text:
    """Level, days since the last contact and order, the rule that asks for the contact, and how late it is."""
    parts = [_last_contact(facts, today), _last_order(facts, today)]
    if standing.customer_class == "sample" and facts.sample_on is not None:
        parts.append(_sample(facts, facts.sample_on, today))
    parts.append(_asked(pace))
    if due_on < today:
        parts.append(
            Text(
                zh=f"应于 {due_on} 跟进，已过 {(today - due_on).days} 天",
                en=f"it was due on {due_on}, {_ago(due_on, today)}",
            )
        )
    customer_class, level = CLASSES[standing.customer_class], LEVELS[standing.level]
    return Text(
        zh=f"{customer_class.zh}（{level.zh}）：" + "；".join(part.zh for part in parts) + "。",
        en=f"{customer_class.en}, {level.en}: " + "; ".join(part.en for part in parts) + ".",
    )


def _last_contact(facts: Facts, today: date) -> Text:
    if facts.contacted_on is None:
        return Text(zh="尚无联系记录", en="no contact on record")
    return Text(
        zh=f"上次联系在{_ago_zh(facts.contacted_on, today)}", en=f"last contact {_ago(facts.contacted_on, today)}"
    )


def _last_order(facts: Facts, today: date) -> Text:
    if facts.last_order_on is None:
        return Text(zh="尚未下单", en="no order yet")
    return Text(
        zh=f"上次下单在{_ago_zh(facts.last_order_on, today)}", en=f"last order {_ago(facts.last_order_on, today)}"
    )


def _sample(facts: Facts, sample_on: date, today: date) -> Text:
    if facts.sample_phase == "delivered":
        return Text(zh=f"样品{_ago_zh(sample_on, today)}送达", en=f"sample arrived {_ago(sample_on, today)}")
    return Text(zh=f"样品{_ago_zh(sample_on, today)}下单，待确认", en=f"sample ordered {_ago(sample_on, today)}")


def _asked(pace: Pace) -> Text:
    cadence = pace.cadence
    if pace.span == "ahead":
        return Text(
            zh=f"按 {cadence.rule} 在惯常采购日之前跟进",
            en=f"{cadence.rule} asks for a contact ahead of the usual purchase date",
        )
    planned = Text(zh="，须有跟进方案", en=", with a written plan") if cadence.plan_required else Text(zh="", en="")
    return Text(
        zh=f"按 {cadence.rule} {_every_zh(cadence.every)}跟进一次{planned.zh}",
        en=f"{cadence.rule} asks for a contact every {_every_en(cadence.every)}{planned.en}",
    )


def _every_zh(every: Interval) -> str:
    if every.days is not None:
        return "每天" if every.days == 1 else f"每 {every.days} 天"
    return "每月" if every.months == 1 else f"每 {every.months} 个月"


def _every_en(every: Interval) -> str:
    number, unit = (every.days, "day") if every.days is not None else (every.months, "month")
    return unit if number == 1 else f"{number} {unit}s"


def _ago_zh(day: date, today: date) -> str:
    days = (today - day).days
    return f" {days} 天前" if days > 0 else "今天"


def _ago(day: date, today: date) -> str:
    days = (today - day).days
    if days <= 0:
        return "today"
    return "1 day ago" if days == 1 else f"{days} days ago"
