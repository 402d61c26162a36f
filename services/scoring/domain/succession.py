"""Which policy may follow another, and how one that was in force before is put in force again.

What is stored was made under some of the policy's words: orders were dated in its time zone and converted at its rates.
Those words belong to the data and cannot change under it; everything else may.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import yaml

from shared.policy import Policy, WrittenPolicy
from shared.policy.potential import PotentialLevels
from shared.words import Text

# An event may be dated so far ahead, and is converted when it comes.
AHEAD = timedelta(days=1)
LONGEST_VERSION = 40


class UnlawfulPolicyError(Exception):
    """A policy that may not come into force; `code` is for programs, `why` one reason or more for people."""

    def __init__(self, code: str, *why: Text) -> None:
        super().__init__(code)
        self.code = code
        self.why = why


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """A policy as it was activated, by whom and why; `number` counts the activations from 1.

    `role` is None for the file given at the first start, `restores` the version that a rollback went back to.
    """

    number: int
    content: WrittenPolicy
    restores: str | None
    activated_at: datetime
    author: str
    role: str | None
    reason: str

    @property
    def version(self) -> str:
        return self.content.policy.version


def hindrances(current: Policy, wanted: Policy, today: date) -> Iterator[Text]:
    """Why `wanted` cannot follow `current` on the business date `today`; nothing when it can."""
    if wanted.time_zone != current.time_zone:
        yield Text(
            en=f"time_zone stays {current.time_zone}: every order was dated in it; another one needs a new stack",
            zh=f"time_zone 须保持 {current.time_zone}：已有订单都按它定日期；更换时区需另建系统重新导入",
        )
    if wanted.base_currency != current.base_currency:
        yield Text(
            en=f"base_currency stays {current.base_currency}: every amount was converted to it; "
            "another one needs a new stack",
            zh=f"base_currency 须保持 {current.base_currency}：已有金额都折算为它；更换本位币需另建系统重新导入",
        )
    if wanted.base_currency == current.base_currency:
        yield from _rewritten_rates(current, wanted, today + AHEAD)


def unforeseen(current: Policy, wanted: Policy) -> Iterator[Text]:
    """What a preview cannot know; nothing where it knows all."""
    if wanted.rfm.counts_from != current.rfm.counts_from:
        yield Text(
            en=f"with rfm.counts_from: {wanted.rfm.counts_from} other orders count: customers tells them anew after "
            "the activation, and levels follow; the numbers here are without that",
            zh=f"rfm.counts_from 改为 {wanted.rfm.counts_from} 后计入的订单会变：启用后重新通知，分级随之调整；"
            "此处未计入这一影响",
        )
    if set(wanted.facts.shared) != set(current.facts.shared):
        yield Text(
            en="facts.shared changes: what of the files is told anew after the activation is not reckoned with here",
            zh="facts.shared 有变：启用后才重新通知的档案字段，此处未计入",
        )
    if computed_by(wanted.potential) != computed_by(current.potential):
        yield Text(
            en="potential changes: potentials that are computed are so anew after the activation (K5); the numbers "
            "here are with those of now",
            zh="potential 有变：启用后才重新计算潜力（K5），此处仍按现有计算结果",
        )


def computed_by(potential: PotentialLevels) -> dict[str, Any]:
    """What of the rules computed potentials follow from: not their words, and not what is taken without one."""
    rules = potential.model_dump(exclude={"default"})
    rules["criteria"] = {criterion: each.weight for criterion, each in potential.criteria.items()}
    return rules


def restored(old: WrittenPolicy, number: int) -> WrittenPolicy:
    """The content of `old` under a version of its own, `2026-1+3` for the third activation."""
    suffix = f"+{number}"
    base = old.policy.version.rpartition("+")[0] if re.search(r"\+\d+$", old.policy.version) else old.policy.version
    policy = old.policy.model_copy(update={"version": base[: LONGEST_VERSION - len(suffix)] + suffix})
    # `model_copy` takes along what was derived from the old version.
    policy = Policy.model_validate(policy.as_json())
    line = "version: " + yaml.safe_dump(policy.version, default_style='"', width=1000).strip()
    text, found = re.subn(r"^version:.*$", lambda _: line, old.text, count=1, flags=re.MULTILINE)
    return WrittenPolicy(text if found else yaml.safe_dump(policy.as_json(), allow_unicode=True), policy)


def _rewritten_rates(current: Policy, wanted: Policy, until: date) -> Iterator[Text]:
    """Rates by which orders up to `until` were converted, where `wanted` says otherwise."""
    free = until + timedelta(days=1)
    for currency, entries in sorted(current.rates.items()):
        days = {each.begins for each in (*entries, *wanted.rates.get(currency, ()))}
        for day in sorted(day for day in days if day <= until):
            known = current.rate(currency, day)
            if known is not None and wanted.rate(currency, day) != known:
                yield Text(
                    en=f"rates.{currency} of {day} stays {known:f}: orders were converted at it; "
                    f"add a line from {free} on instead",
                    zh=f"rates.{currency} 自 {day} 起须保持 {known:f}：已有订单按它折算；请新增一行，自 {free} 起生效",
                )
                break
