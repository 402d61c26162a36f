"""Why a customer has its level, in one or two short sentences of each language."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from services.scoring.domain.customers import Facts, Tier
from services.scoring.domain.outlook import Fall
from services.scoring.domain.ranking import Scores
from services.scoring.domain.rules import RankingRules
from shared.money import EXACT, from_atoms
from shared.words import Text

REGIONS: Final = {
    "europe_america": Text(zh="欧美", en="Europe and America"),
    "middle_east": Text(zh="中东", en="the Middle East"),
    "asia_africa": Text(zh="亚非", en="Asia and Africa"),
}
POTENTIALS: Final = {
    "high": Text(zh="重潜", en="of high potential"),
    "moderate": Text(zh="普潜", en="of moderate potential"),
    "none": Text(zh="无潜", en="of no potential"),
}
CONTRACT: Final = {
    "key": Text(zh="重点客户", en="key"),
    "ordinary": Text(zh="普通客户", en="ordinary"),
    "lapsed": Text(zh="沉没客户", en="lapsed"),
}
DISPLACED: Final = Text(zh="由其他客户的订单引起。", en="Others' orders moved the line.")
AGED: Final = Text(zh="仅因时间推移。", en="Time alone did it.")
RULED: Final = Text(zh="因政策变更。", en="The policy changed.")


def joined(first: Text, second: Text | None) -> Text:
    return first if second is None else Text(zh=first.zh + second.zh, en=f"{first.en} {second.en}")


def days_ago(days: int) -> Text:
    # An order dated tomorrow, in a zone ahead of ours, is told as of today.
    if days <= 0:
        return Text(zh="今天", en="today")
    return Text(zh=f"{days} 天前", en="1 day ago" if days == 1 else f"{days} days ago")


def percent(share: Fraction) -> str:
    """A share as the policy says it, not rounded: 0.825 is 82.5%."""
    return f"{EXACT.divide(Decimal(100 * share.numerator), Decimal(share.denominator)).normalize():f}%"


class Wording:
    """Says why, in the terms of one policy; amounts are in its base currency."""

    def __init__(self, rules: RankingRules, currency: str) -> None:
        self._rules = rules
        self._currency = currency

    def why(self, tier: Tier, facts: Facts, scores: Scores | None, population: int, key_size: int) -> Text:
        """The reason for `tier`; `scores` are None where the customer is not ranked."""
        match tier.customer_class:
            case "sample":
                return sampled(tier, facts)
            case "potential":
                return made_contact(tier, facts)
            case _ if tier.level == "lapsed":
                return self._lapsed(facts.last_order_on)
            case _:
                return self._ranked(tier, facts.market, scores, population, key_size)

    def ahead(self, fall: Fall) -> Text:
        """What will happen without an order, and what would keep the level."""
        held, to = CONTRACT[fall.level], CONTRACT[fall.falls_to]
        will = Text(
            zh=f"若 {fall.act_by} 前（含当日）没有新订单，{fall.falls_on} 起将由{held.zh}降为{to.zh}；",
            en=f"Without an order by {fall.act_by} it falls from {held.en} to {to.en} on {fall.falls_on};",
        )
        if fall.keeps is None:
            return joined(will, Text(zh="单独一张订单不足以保级。", en="no single order would keep the level."))
        if not fall.keeps:
            return joined(will, Text(zh="届时前任何一张订单均可保级。", en="any order by then keeps the level."))
        amount = f"{fall.keeps:,.2f} {self._currency}"
        return joined(
            will,
            Text(zh=f"届时前一张 {amount} 的订单即可保级。", en=f"an order of {amount} by then keeps the level."),
        )

    def _lapsed(self, last: date | None) -> Text:
        days = self._rules.lapsed_after_days
        return Text(
            zh=f"最近一次下单是 {last}，已有 {days} 天或更久没有新订单。",
            en=f"The last order was on {last}: no new one for {days} days or more.",
        )

    def _ranked(self, tier: Tier, market: str | None, scores: Scores | None, population: int, key_size: int) -> Text:
        if scores is None:
            return Text(zh="尚未排名。", en="Not ranked yet.")
        days, amount = self._rules.window_days, f"{from_atoms(scores.amount):,.2f} {self._currency}"
        ago, orders = days_ago(scores.recency_days), scores.orders
        traded = Text(
            zh=f"{ago.zh}最近一次下单，{days} 天内 {orders} 单、{amount}，",
            en=f"Last order {ago.en}, {orders} {'order' if orders == 1 else 'orders'} worth {amount} in {days} days:",
        )
        is_key, are = tier.level == "key", "is" if key_size == 1 else "are"
        where = Text(zh=f" {market} 市场" if market else "", en=f" in {market}" if market else "")
        if self._rules.pareto_share is not None and not key_size:
            among = Text(
                zh=f"{where.zh} {population:,} 家合计金额不大于零，没有重点客户。",
                en=f"the {population:,}{where.en} bring nothing together, so nobody is key.",
            )
        elif self._rules.pareto_share is not None:
            share = percent(self._rules.pareto_share)
            among = Text(
                zh=f"{'属于' if is_key else '不属于'}贡献 {share} 金额的前 {key_size:,} 家"
                f"（{where.zh}共 {population:,} 家）。",
                en=f"{'one' if is_key else 'none'} of the {key_size:,} (of {population:,}{where.en}) "
                f"who bring {share}.",
            )
        else:
            among = Text(
                zh=f"在{where.zh} {population:,} 家中排第 {scores.rank:,}，前 {key_size:,} 名为重点客户。",
                en=f"rank {scores.rank:,} of {population:,}{where.en}, and the first {key_size:,} {are} key.",
            )
        return joined(traded, among)


# An order may have been cancelled, or wait to be completed: no level says that nothing was ordered.
def sampled(tier: Tier, facts: Facts) -> Text:
    region = REGIONS[tier.level]
    if facts.country is None:
        return Text(
            zh=f"已寄样，没有计入的订单；档案缺少国家（两位代码），暂按{region.zh}市场。",
            en=f"Ordered a sample, and no order counts; no country on file by its code, so {region.en} until it is.",
        )
    return Text(
        zh=f"已寄样，没有计入的订单；{facts.country} 属于{region.zh}市场。",
        en=f"Ordered a sample, and no order counts; {facts.country} belongs to {region.en}.",
    )


def made_contact(tier: Tier, facts: Facts) -> Text:
    potential = POTENTIALS[tier.level]
    if facts.potential is not None:
        return Text(
            zh=f"没有计入的订单，也未寄样；询盘判定为{potential.zh}。",
            en=f"No order counts, and no sample was ordered; judged {potential.en}.",
        )
    if facts.computed is not None:
        return Text(
            zh=f"没有计入的订单，也未寄样；尚无人工判定，按国家、行业、网站、询盘和海关数据中已知的部分计算为{potential.zh}。",
            en="No order counts, and no sample was ordered; nobody judged it, and what is known of country, industry, "
            f"site, inquiry and customs records makes it {potential.en}.",
        )
    return Text(
        zh=f"没有计入的订单，也未寄样；询盘尚未判定，暂列{potential.zh}。",
        en=f"No order counts, and no sample was ordered; no inquiry judged yet, so {potential.en} for now.",
    )
