"""The policy: every number of the business, frozen and checked as a whole."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property
from hashlib import sha256
from itertools import pairwise
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from shared.policy.audit import AuditRules
from shared.policy.backups import Backups
from shared.policy.breaches import Breaches
from shared.policy.cadence import Cadences, Occasions
from shared.policy.capacity import Capacity
from shared.policy.consulting import Consulting
from shared.policy.desk import DeskRules
from shared.policy.escalation import Escalation
from shared.policy.fields import (
    Count,
    Country,
    Currency,
    Day,
    Days,
    Exact,
    Finding,
    Name,
    Section,
    Share,
    Version,
    Zone,
    report,
    sized,
)
from shared.policy.fines import Fines
from shared.policy.greetings import Greetings, ProductNews
from shared.policy.life import Destruction, Filing, Leaving
from shared.policy.notices import Messages
from shared.policy.potential import PotentialLevels
from shared.policy.records import CompanyRecords
from shared.policy.rights import Files
from shared.policy.scores import Resources, Scores, check_resources
from shared.policy.shipped import as_shipped
from shared.policy.upkeep import Upkeep
from shared.policy.working import WorkingTime
from shared.words import Text

Region = Literal["europe_america", "middle_east", "asia_africa"]


class Rate(Section):
    """Base-currency units for one unit of a currency, from `begins` until the next entry."""

    begins: Day = Field(alias="from")
    rate: Annotated[Exact, Field(gt=0, max_digits=16, decimal_places=8)]


class Weights(Section):
    """K4: how much each score weighs in the rank."""

    r: Annotated[Exact, Field(gt=0, max_digits=12)]
    f: Annotated[Exact, Field(gt=0, max_digits=12)]
    m: Annotated[Exact, Field(gt=0, max_digits=12)]

    def as_integers(self) -> tuple[int, int, int]:
        """Whole numbers in the same ratio, so that weighted sums compare exactly."""
        ratios = [weight.as_integer_ratio() for weight in (self.r, self.f, self.m)]
        scale = ratios[0][1] * ratios[1][1] * ratios[2][1]
        r, f, m = (numerator * (scale // denominator) for numerator, denominator in ratios)
        return r, f, m


class Rfm(Section):
    """K1, K4, K6: how contract customers are ranked."""

    window_days: Days
    lapsed_after_days: Days
    quantiles: Annotated[tuple[Share, ...], sized(4, 4)]
    weights: Weights
    key_share: Share
    key_share_of: Literal["active", "all"]
    key_rule: Literal["rank", "pareto"]
    pareto_share: Share
    counts_from: Literal["placed", "completed"]
    # What came later has a default, so that a policy written before is still read.
    population_by: Name | None = None
    drop_ahead_days: Annotated[int, Field(strict=True, ge=0, le=90)] = 14

    @field_validator("quantiles")
    @classmethod
    def _ascending(cls, quantiles: tuple[Decimal, ...]) -> tuple[Decimal, ...]:
        report(
            Finding(
                Text(zh=f"分位数应从小到大：{high} 不大于 {low}", en=f"quantiles ascend: {high} is not above {low}"),
                (index,),
            )
            for index, (low, high) in enumerate(pairwise(quantiles), start=1)
            if high <= low
        )
        return quantiles


class Regions(Section):
    """K2: the market of each country; `default` for a country that no list names, `unknown` for none on file."""

    europe_america: tuple[Country, ...]
    middle_east: tuple[Country, ...]
    asia_africa: tuple[Country, ...]
    default: Region
    unknown: Region

    @field_validator("europe_america", "middle_east", "asia_africa")
    @classmethod
    def _named_once(cls, countries: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        report(_repeated_countries(countries, info.data))
        return countries

    def of(self, country: str | None) -> Region:
        """The market of an ISO 3166-1 alpha-2 code, None for a country not on file (K2)."""
        return self.unknown if country is None else self._by_country.get(country, self.default)

    @cached_property
    def _by_country(self) -> Mapping[str, Region]:
        lists: dict[Region, tuple[str, ...]] = {
            "europe_america": self.europe_america,
            "middle_east": self.middle_east,
            "asia_africa": self.asia_africa,
        }
        return {country: region for region, countries in lists.items() for country in countries}


def _repeated_countries(countries: tuple[str, ...], earlier: Mapping[str, Any]) -> Iterator[Finding]:
    for index, country in enumerate(countries):
        for region, others in earlier.items():
            if country in others:
                yield Finding(
                    Text(zh=f"{country} 已经列在 {region} 里", en=f"{country} is in {region} already"), (index,)
                )
        if country in countries[:index]:
            yield Finding(Text(zh=f"{country} 重复列出", en=f"{country} is listed twice"), (index,))


class SharedFacts(Section):
    """P1, D2, K5: the fields of a customer's file that other services' rules may know; the rest stays in it."""

    shared: Annotated[tuple[Name, ...], sized(0, 50)]


class PromotionRules(Section):
    """P7: a promotion is held against so many ordinary periods before it, at this confidence."""

    periods: Annotated[int, Field(strict=True, ge=3, le=50)]
    confidence: Share


class Analyses(Section):
    """P3, P7: what an analysis looks at unless somebody asks for something else."""

    period_days: Annotated[int, Field(strict=True, ge=1, le=3660)]
    cohort_months: Annotated[int, Field(strict=True, ge=1, le=60)]
    outlook_days: Annotated[int, Field(strict=True, ge=1, le=3660)]
    affinity_support: Share
    promotion: PromotionRules


class Inbox(Section):
    """How long the id of an event is remembered."""

    replay_days: Days


class Poison(Section):
    """When a partition stops: `run` bad records in a row, or `share` of the last `window`."""

    run: Count
    window: Count
    share: Share


class Grants(Section):
    """How old a reader's copy of the grants may be before it refuses what needs one."""

    stale_after_seconds: Count


class Policy(Section):
    """One version of the company's rules. `rates` and all else are exact decimals; days are of `time_zone`."""

    version: Version
    time_zone: Zone
    base_currency: Currency
    rates: dict[Currency, Annotated[tuple[Rate, ...], sized(1)]]
    rfm: Rfm
    regions: Regions
    potential: PotentialLevels
    scores: Scores
    resources: Annotated[Resources, AfterValidator(check_resources)]
    cadences: Cadences
    occasions: Occasions
    backups: Backups = as_shipped("backups")
    greetings: Greetings = as_shipped("greetings")
    product_news: ProductNews = as_shipped("product_news")
    upkeep: Upkeep = as_shipped("upkeep")
    working_time: WorkingTime
    desk: DeskRules = as_shipped("desk")
    escalation: Escalation = as_shipped("escalation")
    capacity: Capacity = as_shipped("capacity")
    files: Files
    records: CompanyRecords = as_shipped("records")
    facts: SharedFacts
    analyses: Analyses
    fines: Fines
    inbox: Inbox
    poison: Poison
    audit: AuditRules = as_shipped("audit")
    grants: Grants
    filing: Filing = as_shipped("filing")
    destruction: Destruction = as_shipped("destruction")
    leaving: Leaving = as_shipped("leaving")
    breaches: Breaches = as_shipped("breaches")
    consulting: Consulting = as_shipped("consulting")
    messages: Messages = Messages()

    @field_validator("rates")
    @classmethod
    def _rates_hold_together(
        cls, rates: dict[str, tuple[Rate, ...]], info: ValidationInfo
    ) -> dict[str, tuple[Rate, ...]]:
        report(_faulty_rates(rates, info.data.get("base_currency")))
        return rates

    @field_validator("filing")
    @classmethod
    def _owed_classes_exist(cls, filing: Filing, info: ValidationInfo) -> Filing:
        records = info.data.get("records")
        report(
            Finding(
                Text(
                    zh=f"records.classes 中没有“{owed.record_class}”这一类",
                    en=f"records.classes has no class {owed.record_class}",
                ),
                ("owed", index, "class"),
            )
            for index, owed in enumerate(filing.owed)
            if records is not None and owed.record_class not in records.classes
        )
        return filing

    def rate(self, currency: str, on: date) -> Decimal | None:
        """Base-currency units for one unit of `currency` on `on`; None when the policy does not know (K)."""
        days, rates = self._rate_table.get(currency, ((), ()))
        index = bisect_right(days, on)
        return rates[index - 1] if index else None

    def as_json(self) -> dict[str, Any]:
        """The whole policy as JSON values; `Policy.model_validate` reads it back equal."""
        return self.model_dump(mode="json", by_alias=True)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The business time zone."""
        return ZoneInfo(self.time_zone)

    @cached_property
    def digest(self) -> str:
        """SHA-256, in hex, over the canonical JSON: equal for policies that mean the same, however written."""
        canonical = json.dumps(self.as_json(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return sha256(canonical.encode()).hexdigest()

    @cached_property
    def _rate_table(self) -> Mapping[str, tuple[tuple[date, ...], tuple[Decimal, ...]]]:
        return {
            currency: (tuple(entry.begins for entry in entries), tuple(entry.rate for entry in entries))
            for currency, entries in self.rates.items()
        }


def _faulty_rates(rates: Mapping[str, tuple[Rate, ...]], base: str | None) -> Iterator[Finding]:
    if base is not None and base not in rates:
        yield Finding(
            Text(zh=f"缺少本位币 {base} 的汇率（恒为 1）", en=f"no rate for the base currency {base} (it is 1)")
        )
    for currency, entries in rates.items():
        for index, entry in enumerate(entries):
            if currency == base and entry.rate != 1:
                yield Finding(
                    Text(zh=f"本位币 {base} 的汇率必须是 1", en=f"the rate of the base currency {base} is always 1"),
                    (currency, index, "rate"),
                )
            if index and entry.begins <= entries[index - 1].begins:
                yield Finding(
                    Text(
                        zh=f"日期重叠：{entry.begins} 不晚于上一条 {entries[index - 1].begins}",
                        en=f"dates overlap: {entry.begins} is not after the entry above, {entries[index - 1].begins}",
                    ),
                    (currency, index, "from"),
                )
