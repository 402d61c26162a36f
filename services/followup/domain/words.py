"""Why a contact is due, in the words of those who owe it."""

from __future__ import annotations

from datetime import date

from services.followup.domain.asking import ago, ago_zh
from services.followup.domain.customer import Facts, Standing
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


def why(facts: Facts, standing: Standing, asks: Text, due_on: date, today: date) -> Text:
    """Level, days since the last contact and order, what asks for the contact (`asking`), and how late it is."""
    parts = [_last_contact(facts, today), _last_order(facts, today)]
    if standing.customer_class == "sample" and facts.sample_on is not None:
        parts.append(_sample(facts, facts.sample_on, today))
    parts.append(asks)
    if due_on < today:
        parts.append(
            Text(
                zh=f"应于 {due_on} 跟进，已过 {(today - due_on).days} 天",
                en=f"it was due on {due_on}, {ago(due_on, today)}",
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
        zh=f"上次联系在{ago_zh(facts.contacted_on, today)}", en=f"last contact {ago(facts.contacted_on, today)}"
    )


def _last_order(facts: Facts, today: date) -> Text:
    if facts.last_order_on is None:
        return Text(zh="尚未下单", en="no order yet")
    return Text(
        zh=f"上次下单在{ago_zh(facts.last_order_on, today)}", en=f"last order {ago(facts.last_order_on, today)}"
    )


def _sample(facts: Facts, sample_on: date, today: date) -> Text:
    if facts.sample_phase == "delivered":
        return Text(zh=f"样品{ago_zh(sample_on, today)}送达", en=f"sample arrived {ago(sample_on, today)}")
    return Text(zh=f"样品{ago_zh(sample_on, today)}下单，待确认", en=f"sample ordered {ago(sample_on, today)}")
