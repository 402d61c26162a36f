"""What is missing to judge customers, for those who can fill it in (D4, K2, K5)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from services.scoring.domain.potential.assessing import Lack
from services.scoring.domain.scores.measures import LACKS, Measures
from services.scoring.domain.scores.wording import NAMES
from services.scoring.ports import Clock, Database, Known, PotentialStore, TraitSource, Whom
from shared.in_force import InForce
from shared.policy.model import Policy
from shared.policy.scores import Dimension
from shared.words import Text

Filler = Literal["rep", "policy", "order_system", "catalogue", "customs"]
"""Who can fill a gap; what only time brings is none."""

SOME: Final = 500

NO_COUNTRY: Final = Text(
    zh="档案缺少国家（两位代码，如 DE），暂按政策中的默认地区",
    en="the country is not in the file (by its two letters, such as DE): the policy's region for that holds",
)


@dataclass(frozen=True, slots=True)
class Gap:
    """Something missing: the rule that needs it, what for, who can fill it in, and in which fields of the file."""

    rule: str
    needed_for: Text
    filler: str
    fields: tuple[str, ...]
    what: Text


@dataclass(frozen=True, slots=True)
class CustomerGaps:
    """All that is missing of one customer."""

    known: Known
    gaps: Sequence[Gap]


class ListGaps:
    """Lists the gaps of customers, those without any left out."""

    def __init__(
        self,
        *,
        database: Database,
        traits: TraitSource,
        potentials: PotentialStore,
        policy: InForce[Policy],
        clock: Clock,
    ) -> None:
        self._database = database
        self._traits = traits
        self._potentials = potentials
        self._policy = policy
        self._clock = clock

    async def __call__(self, rep: str | None, filler: Filler | None, after: str, limit: int) -> list[CustomerGaps]:
        """Customers of a rep (None: all) with gaps for `filler` (None: anybody), in order of their ids' bytes."""
        found: list[CustomerGaps] = []
        async with self._database.transaction() as tx:
            policy, today = await self._policy(tx), self._clock.today()
            measures, used = Measures(policy.scores, today), dimensions_used(policy)
            customers = self._traits.read(tx, today, policy.scores, Whom(rep=rep, after=after))
            async for some in batched(customers, SOME):
                lacks = await self._potentials.lacks(tx, [each.traits.customer_id for each in some])
                for known in some:
                    gaps = gaps_of(known, measures, used, lacks.get(known.traits.customer_id, ()), policy)
                    wanted = [gap for gap in gaps if filler is None or gap.filler == filler]
                    if wanted:
                        found.append(CustomerGaps(known, wanted))
                if len(found) >= limit:
                    break
        return found[:limit]


async def batched(customers: AsyncIterator[Known], size: int) -> AsyncIterator[list[Known]]:
    some: list[Known] = []
    async for known in customers:
        some.append(known)
        if len(some) == size:
            yield some
            some = []
    if some:
        yield some


def dimensions_used(policy: Policy) -> Mapping[str, frozenset[Dimension]]:
    """By level, the dimensions that some resource's score needs."""
    used: dict[str, frozenset[Dimension]] = {}
    for resource in policy.resources.values():
        dimensions = policy.scores.named[resource.score].dimensions
        for level in resource.levels:
            used[level] = used.get(level, frozenset()) | dimensions.keys()
    return used


def gaps_of(
    known: Known,
    measures: Measures,
    used: Mapping[str, frozenset[Dimension]],
    lacks: Sequence[Lack],
    policy: Policy,
) -> Iterator[Gap]:
    traits, tier = known.traits, known.tier
    if tier.customer_class == "sample" and known.country is None:
        yield Gap("K2", Text(zh="寄样客户的地区", en="region of a sample customer"), "rep", ("country",), NO_COUNTRY)
    for lack in lacks:
        rule = policy.potential.criteria.get(lack.criterion)
        if rule is not None:
            yield Gap(rule.rule, rule.words, lack.filler, (lack.field,) if lack.field else (), lack.words)
    wanted = used.get(tier.level)
    if not wanted:
        return
    ((measured,), _) = measures.of([traits])
    for missing in measured.missing:
        if missing.dimension in wanted and missing.filler != "time":
            yield Gap("D4", NAMES[missing.dimension], missing.filler, missing.fields, LACKS[missing.lack])
