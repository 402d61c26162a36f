"""What asks for a contact, and by when: the part of a reminder's words that its own rule says."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

from services.followup.domain.customer import ALL_GAPS, Facts, Fall
from services.followup.domain.due import Due
from services.followup.domain.feasts import Feast
from services.followup.domain.matters import last_progress
from shared.policy import Policy
from shared.policy.cadence import Cadence, Interval
from shared.words import Text

FIELDS = {
    "name": Text(zh="名称", en="name"),
    "country": Text(zh="国家", en="country"),
    "industry": Text(zh="行业", en="industry"),
    "address": Text(zh="地址", en="address"),
    "phone": Text(zh="电话", en="phone"),
    "buyer": Text(zh="采购负责人", en="buyer"),
    "website": Text(zh="网站", en="website"),
    "source": Text(zh="来源", en="source"),
}
"""The usual fields of a file; a company's own are called as it calls them."""


def asked(contact: Due, policy: Policy, today: date) -> Text:
    """One sentence without its end, in both languages."""
    pace, facts, matter = contact.pace, contact.facts, contact.matter
    rule = pace.cadence.rule
    by = contact.latest_on or contact.due_on
    match pace.span:
        case "file":
            words = _file(facts, rule, by, policy, today)
        case "report":
            words = _report(facts, rule, by, today)
        case "end":
            words = _end(rule, by, today)
        case "ahead":
            words = _purchase(facts, rule, by, today)
        case "product":
            words = _product(contact.line.about, rule)
        case _:
            words = _by_clock(pace.cadence) if matter is None else _occasion(matter.about, rule, today)
    return words


def ago_zh(day: date, today: date) -> str:
    days = (today - day).days
    return f" {days} 天前" if days > 0 else "今天"


def ago(day: date, today: date) -> str:
    days = (today - day).days
    if days <= 0:
        return "today"
    return "1 day ago" if days == 1 else f"{days} days ago"


def on(day: date, today: date) -> str:
    """14 March, and the year where it is another."""
    return f"{day.day} {day:%B}" if day.year == today.year else f"{day.day} {day:%B} {day.year}"


def _on_zh(day: date, today: date) -> str:
    near = f"{day.month} 月 {day.day} 日"
    return near if day.year == today.year else f"{day.year} 年 {near}"


def _occasion(about: Feast | Fall | None, rule: str, today: date) -> Text:
    if isinstance(about, Feast):
        return Text(
            zh=f"{_on_zh(about.on, today)}是{about.words.zh}，请致节日问候（{rule}）",
            en=f"{about.words.en} is on {on(about.on, today)}: a greeting is due ({rule})",
        )
    # Scoring's words end in a full stop, as will these.
    zh, en = ("", "") if about is None else (about.words_zh.rstrip("。"), about.words_en.rstrip("."))
    return Text(zh=f"{zh}（{rule}）", en=f"{en} ({rule})")


def _product(about: str | None, rule: str) -> Text:
    name = json.loads(about or '{"zh": "", "en": ""}')
    return Text(
        zh=f"新品推出：{name['zh']}，请重点推荐（{rule}）",
        en=f"a new product is out, worth recommending: {name['en']} ({rule})",
    )


def _by_clock(cadence: Cadence) -> Text:
    planned = Text(zh="，须有跟进方案", en=", with a written plan") if cadence.plan_required else Text(zh="", en="")
    return Text(
        zh=f"按 {cadence.rule} {_every_zh(cadence.every)}跟进一次{planned.zh}",
        en=f"{cadence.rule} asks for a contact every {_every_en(cadence.every)}{planned.en}",
    )


def _purchase(facts: Facts, rule: str, expected: date, today: date) -> Text:
    days, spread = facts.usual_interval or 0, facts.usual_spread or 0
    # "± 0" says nothing that "every 30 days" does not.
    often_zh = f"每 {days}±{spread} 天" if spread else "每天" if days == 1 else f"每 {days} 天"
    often = f"{days} ± {spread} days" if spread else "day" if days == 1 else f"{days} days"
    return Text(
        zh=f"通常{often_zh}采购一次，预计 {_on_zh(expected, today)}前后下单（{rule}）",
        en=f"usually buys every {often}; due around {on(expected, today)} ({rule})",
    )


def _file(facts: Facts, rule: str, by: date, policy: Policy, today: date) -> Text:
    gaps, improved_on, fine = facts.dossier.gaps or (), facts.dossier.improved_on, policy.fines.catalogue.stale_file
    missing = fields(policy.files.required if gaps == ALL_GAPS else gaps)
    last = (
        Text(zh="尚未填写", en="nothing was filled in yet")
        if improved_on is None
        else Text(zh=f"上次完善在{ago_zh(improved_on, today)}", en=f"last improved {ago(improved_on, today)}")
    )
    costs = Text(zh="", en="")
    if fine.amount:
        sum_ = f"{fine.amount.normalize():f}"
        paid_zh = f"{sum_} 元" if policy.fines.currency == "CNY" else f"{sum_} {policy.fines.currency}"
        costs = Text(
            zh=f"，逾期每次罚款 {paid_zh}（{fine.rule}）",
            en=f", or it costs {sum_} {policy.fines.currency} ({fine.rule})",
        )
    return Text(
        zh=f"档案缺少：{missing.zh}；{last.zh}；须于 {_on_zh(by, today)}前完善（{rule}）{costs.zh}",
        en=f"the file lacks {missing.en}; {last.en}; to be improved by {on(by, today)} ({rule}){costs.en}",
    )


def _report(facts: Facts, rule: str, by: date, today: date) -> Text:
    since = last_progress(facts) or by
    return Text(
        zh=f"受保护的准客户，上次进展在{ago_zh(since, today)}，须于 {_on_zh(by, today)}前有新进展（{rule}）",
        en=f"a protected prospect, last progress {ago(since, today)}; the next is due by {on(by, today)} ({rule})",
    )


def _end(rule: str, ends_on: date, today: date) -> Text:
    return Text(
        zh=f"保护期 {_on_zh(ends_on, today)}到期，届时没有意向单，其他业务员即可申请（{rule}）",
        en=f"the protection ends on {on(ends_on, today)}: with no order of intent by then others may apply ({rule})",
    )


def fields(names: Sequence[str]) -> Text:
    """Names of fields as a list: "name, phone and buyer"."""
    words = [FIELDS.get(name) or Text(zh=name, en=name) for name in names]
    *most, last = (word.en for word in words)
    en = f"{', '.join(most)} and {last}" if most else last
    return Text(zh="、".join(word.zh for word in words), en=en)


def _every_zh(every: Interval) -> str:
    if every.days is not None:
        return "每天" if every.days == 1 else f"每 {every.days} 天"
    return "每月" if every.months == 1 else f"每 {every.months} 个月"


def _every_en(every: Interval) -> str:
    number, unit = (every.days, "day") if every.days is not None else (every.months, "month")
    return unit if number == 1 else f"{number} {unit}s"
