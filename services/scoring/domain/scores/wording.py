"""Why a customer has its score and its share, and why a sharing out is impossible, in both languages (D3, D4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from services.scoring.domain.scores.allocating import Line
from services.scoring.domain.scores.measures import LACKS, Measured
from services.scoring.domain.scores.scoring import POINTS, Scored
from services.scoring.domain.scores.sharing import ImpossibleError
from shared.policy.scores import Dimension, NamedScore, Resource
from shared.words import Text

NAMES: Final[Mapping[Dimension, Text]] = {
    "sales": Text(zh="年化销量", en="a year's sales"),
    "purchasing_power": Text(zh="地区购买力", en="purchasing power of the region"),
    "room": Text(zh="可争取的份额", en="room to grow"),
    "growth": Text(zh="增长", en="growth"),
    "contribution": Text(zh="毛利贡献", en="contribution"),
    "fulfilment": Text(zh="履约率", en="fulfilment rate"),
}
MOSTLY_OWN: Final = 0.75
"""From this weight on a customer's own sales need no word on how the others' were leant on."""


class ShareWording:
    """Words for scores and shares; money is in the policy's base currency."""

    def __init__(self, currency: str) -> None:
        self._currency = currency
        self._said: Mapping[Dimension, Callable[[Measured, float], Text]] = {
            "sales": self._sales,
            "purchasing_power": self._power,
            "room": room,
            "growth": growth,
            "contribution": self._contribution,
            "fulfilment": fulfilment,
        }

    def score(self, score: NamedScore, result: Scored) -> Text:
        """The score, what it is made of, and what was left out."""
        head = Text(
            zh=f"{score.words.zh} {result.points / POINTS:.2f}",
            en=f"Score of {score.words.en} {result.points / POINTS:.2f}",
        )
        if result.parts:
            parts = listed(self._part(result.measured, dimension, part) for dimension, part in result.parts.items())
            text = Text(zh=f"{head.zh}：{parts.zh}。", en=f"{head.en}: {parts.en}.")
        else:
            text = Text(
                zh=f"{head.zh}：一项数据都没有，按中间值计。", en=f"{head.en}: nothing is known, so the middle."
            )
        missing = [each for each in result.measured.missing if each.dimension in score.dimensions]
        left_out = [each for each in missing if each.dimension not in result.parts]
        if left_out:
            lacks = listed(
                Text(
                    zh=f"{NAMES[each.dimension].zh}（{LACKS[each.lack].zh}）",
                    en=f"{NAMES[each.dimension].en} ({LACKS[each.lack].en})",
                )
                for each in left_out
            )
            text = Text(zh=f"{text.zh}缺少而未计：{lacks.zh}。", en=f"{text.en} Left out: {lacks.en}.")
        return text

    def share(self, resource: Resource, score: NamedScore, line: Line) -> Text:
        """Why these units: the score, then the bound or the rounding."""
        why, grant, unit = self.score(score, line.scored), line.grant, resource.unit
        alone = f"{grant.exact / 1000:,.1f}"
        match grant.bound:
            case "least":
                whom = Text(zh="新客户保底", en="a new customer gets at least")
                if not line.scored.measured.is_new:
                    whom = Text(zh="每家保底", en="everybody gets at least")
                end = Text(
                    zh=f"单按评分应得 {alone} {unit.zh}；{whom.zh} {line.least:,} {unit.zh}。",
                    en=f"By score alone {alone} {unit.en}; {whom.en} {line.least:,}.",
                )
            case "most":
                end = Text(
                    zh=f"单按评分应得 {alone} {unit.zh}；每家上限 {line.most:,} {unit.zh}。",
                    en=f"By score alone {alone} {unit.en}; nobody gets more than {line.most:,}.",
                )
            case None:
                end = Text(
                    zh=f"单按评分应得 {alone} {unit.zh}，计入保底与上限并取整后 {grant.units:,} {unit.zh}。",
                    en=f"By score alone {alone} {unit.en}; {grant.units:,} with others' bounds and in whole {unit.en}.",
                )
        plain = Text(
            zh=f"单看销量排第 {line.sales_rank:,}，只得 {line.by_sales:,} {unit.zh}。"
            if line.by_sales < grant.units
            else f"单看销量排第 {line.sales_rank:,}，可得 {line.by_sales:,} {unit.zh}。",
            en=f"By plain sales rank {line.sales_rank:,} and {line.by_sales:,} {unit.en}.",
        )
        return Text(zh=why.zh + end.zh + plain.zh, en=f"{why.en} {end.en} {plain.en}")

    def _part(self, measured: Measured, dimension: Dimension, part: float) -> Text:
        said = self._said[dimension](measured, measured.values[dimension])
        return Text(zh=f"{said.zh}（{part:.2f}）", en=f"{said.en} ({part:.2f})")

    def _money(self, amount: float) -> str:
        return f"{amount:,.0f} {self._currency}"

    def _sales(self, measured: Measured, annual: float) -> Text:
        text = Text(zh=f"年化销量 {self._money(annual)}", en=f"a year's sales {self._money(annual)}")
        if measured.own_weight >= MOSTLY_OWN:
            return text
        own, rest = f"{measured.own_weight:.0%}", f"{1 - measured.own_weight:.0%}"
        days = "1 day" if measured.days == 1 else f"{measured.days} days"
        return Text(
            zh=f"{text.zh}，{measured.days} 天的自身销量占 {own}、全体均值占 {rest}",
            en=f"{text.en}, {own} from {days} of its own and {rest} from the mean of all",
        )

    def _power(self, measured: Measured, worth: float) -> Text:
        return Text(
            zh=f"按{measured.region}的购买力折算，相当于平均地区的 {self._money(worth)}",
            en=f"held against the purchasing power of {measured.region}, {self._money(worth)} in an average place",
        )

    def _contribution(self, measured: Measured, margin: float) -> Text:
        return Text(zh=f"年毛利 {self._money(margin)}", en=f"a year's margin {self._money(margin)}")


def room(measured: Measured, value: float) -> Text:
    rest = f"{value:.0%}"
    text = Text(zh=f"店内 {rest} 的生意不在我方", en=f"{rest} of its business is not ours")
    if measured.rivals is None:
        return text
    count = f"{measured.rivals:g}"
    counters = "rival counter" if count == "1" else "rival counters"
    return Text(zh=f"{text.zh}，有 {count} 个竞争专柜", en=f"{text.en}, with {count} {counters}")


def growth(_: Measured, value: float) -> Text:
    if value == 1:
        return Text(zh="近期才有销量", en="sales in the last period only")
    change = value / (1 - value) - 1
    return Text(zh=f"比前期 {change:+.0%}", en=f"sales {change:+.0%} on the period before")


def fulfilment(_: Measured, value: float) -> Text:
    return Text(zh=f"履约率 {value:.0%}", en=f"{value:.0%} of its orders completed")


def impossible(error: ImpossibleError, resource: Resource) -> Text:
    """Why the bounds cannot be kept, and what to change."""
    name, unit, quantity = resource.words, resource.unit, error.quantity
    if not error.customers:
        return Text(
            zh=f"没有可以分配{name.zh}的客户。政策中 resources 的 levels 规定了哪些级别参与。",
            en=f"There is no customer to give {name.en} to: the policy's levels of this resource say who takes part.",
        )
    if error.least > quantity:
        return Text(
            zh=f"{error.customers} 家保底合计 {error.least:,} {unit.zh}，超过总量 {quantity:,}；请降低保底或增加总量。",
            en=f"The floors of {error.customers} customers come to {error.least:,} {unit.en}, more than {quantity:,}: "
            "lower a floor or share out more.",
        )
    if error.most < quantity:
        return Text(
            zh=f"{error.customers} 家上限合计 {error.most:,} {unit.zh}，不足总量 {quantity:,}；请提高上限或减少总量。",
            en=f"The caps of {error.customers} customers come to {error.most:,} {unit.en}, less than {quantity:,}: "
            "raise the cap or share out less.",
        )
    return Text(zh="有客户的保底高于上限；请调整其一。", en="A floor is above the cap: change one of them.")


def listed(texts: Iterable[Text]) -> Text:
    each = list(texts)
    return Text(zh="；".join(text.zh for text in each), en="; ".join(text.en for text in each))
