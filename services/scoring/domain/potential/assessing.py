"""The potential of a customer from weighted criteria, each with its evidence in words (K5).

A criterion that is not known is left out and the others weigh more, as with scores (D4); with too little known
nothing is computed. What a person judged (`inquiry.judged`) prevails over all of this: it is not asked here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal, NamedTuple

from services.scoring.domain.potential.customs import Import
from services.scoring.domain.potential.matching import Catalogue, Match
from shared.contracts.types import Potential
from shared.policy.potential import Criterion, PotentialLevels
from shared.words import Text

Filler = Literal["rep", "catalogue", "customs"]
"""Who can mend what is missing: the rep the file, a manager the catalogue or the customs list."""


class Prospect(NamedTuple):
    """A customer who never ordered: `attributes` of its file as entered, the text of its newest inquiry."""

    customer_id: str
    country: str | None
    attributes: Mapping[str, str]
    inquiry: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A criterion that is known: 0..1 and the evidence; it holds `until` a day (None: as long as facts stay)."""

    criterion: Criterion
    fit: float
    evidence: Text
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Lack:
    """A criterion, or part of one, that is not known, and which field of the file would tell."""

    criterion: Criterion
    filler: Filler
    field: str | None
    words: Text


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the criteria come to; `potential` None where too little is known.

    `mean` is the weighted mean of the findings, `known` the part of all weights that they have; all holds `until`.
    """

    potential: Potential | None
    mean: float
    known: float
    findings: tuple[Finding, ...]
    lacks: tuple[Lack, ...]
    until: date | None


MATCHES_SHOWN: Final = 3
# The web's own; a slip of the pen beyond it leaves the calendar when the days of freshness are added.
SITE_YEARS: Final = range(1990, 2200)


class Assess:
    """Assesses prospects under one policy, against one catalogue."""

    def __init__(self, policy: PotentialLevels, catalogue: Catalogue) -> None:
        self._policy = policy
        self._catalogue = catalogue

    def __call__(self, prospect: Prospect, imports: Sequence[Import], today: date) -> Assessment:
        """`imports` are the customs records of this very customer."""
        rules: Mapping[Criterion, Iterator[Finding | Lack]] = {
            "country": self._country(prospect),
            "industry": self._industry(prospect),
            "site": self._site(prospect, today),
            "inquiry": self._inquiry(prospect),
            "customs": self._customs(imports, today),
        }
        said = [each for criterion in self._policy.criteria for each in rules[criterion]]
        findings = tuple(each for each in said if isinstance(each, Finding))
        lacks = tuple(each for each in said if isinstance(each, Lack))
        weights = {criterion: float(each.weight) for criterion, each in self._policy.criteria.items()}
        weight = sum(weights[finding.criterion] for finding in findings)
        known = weight / sum(weights.values())
        mean = sum(weights[each.criterion] * each.fit for each in findings) / weight if weight else 0.0
        until = min((each.until for each in findings if each.until is not None), default=None)
        potential = self._level(mean) if known >= float(self._policy.least_known) else None
        return Assessment(potential, round(mean, 6), round(known, 6), findings, lacks, until)

    def _level(self, mean: float) -> Potential:
        # Rounded, so that a mean of exactly the threshold in decimals is not below it in floats.
        levels, at = self._policy.levels, round(mean, 6)
        if at >= levels.high:
            return "high"
        return "moderate" if at >= levels.moderate else "none"

    def _country(self, prospect: Prospect) -> Iterator[Finding | Lack]:
        if prospect.country is None:
            yield Lack("country", "rep", "country", Text(zh="档案缺少国家", en="the country is not in the file"))
            return
        fit = float(self._policy.fit_of(prospect.country))
        yield Finding("country", fit, Text(zh=f"国家 {prospect.country}", en=f"country {prospect.country}"))

    def _industry(self, prospect: Prospect) -> Iterator[Finding | Lack]:
        written = prospect.attributes.get("industry")
        if not written:
            yield Lack("industry", "rep", "industry", Text(zh="档案缺少行业", en="the industry is not in the file"))
            return
        entry, fit = self._policy.industry_of(written)
        if entry is None:
            evidence = Text(
                zh=f"行业“{written}”，不在政策所列之中", en=f"industry “{written}”, none of the policy's list"
            )
        else:
            evidence = Text(zh=f"行业“{written}”", en=f"industry “{written}”")
        yield Finding("industry", float(fit), evidence)

    def _site(self, prospect: Prospect, today: date) -> Iterator[Finding | Lack]:
        written = prospect.attributes.get("website_quality")
        quality = self._policy.quality_of(written) if written else None
        if quality is None:
            zh, en = "档案缺少网站质量", "the quality of the site is not in the file"
            if written:
                zh, en = (
                    f"网站质量“{written}”不在政策所列之中",
                    f"the site's quality “{written}” is none of the policy's words",
                )
            yield Lack("site", "rep", "website_quality", Text(zh=zh, en=en))
            return
        updated = day_of(prospect.attributes.get("website_updated_on"))
        if updated is None:
            yield Lack(
                "site",
                "rep",
                "website_updated_on",
                Text(zh="档案缺少网站更新日期", en="when the site was last updated is not in the file"),
            )
            yield Finding("site", float(quality), Text(zh=f"网站{written}", en=f"site {written}"))
            return
        until = updated + timedelta(days=self._policy.site.fresh_days)
        if today <= until:
            evidence = Text(zh=f"网站{written}，{updated} 更新", en=f"site {written}, updated on {updated}")
            yield Finding("site", float(quality), evidence, until)
            return
        evidence = Text(
            zh=f"网站{written}，但自 {updated} 起未更新", en=f"site {written}, but not updated since {updated}"
        )
        yield Finding("site", float(quality) * float(self._policy.site.stale), evidence)

    def _inquiry(self, prospect: Prospect) -> Iterator[Finding | Lack]:
        if not self._catalogue.articles:
            yield Lack("inquiry", "catalogue", None, Text(zh="尚未导入产品目录", en="no catalogue was imported"))
            return
        if not prospect.inquiry:
            yield Lack("inquiry", "rep", "inquiry", Text(zh="没有询盘内容", en="there is no text of an inquiry"))
            return
        matches = self._catalogue.search(prospect.inquiry, MATCHES_SHOWN)
        if not matches:
            yield Finding("inquiry", 0.0, Text(zh="询盘内容与产品目录不符", en="the inquiry asks for nothing of ours"))
            return
        yield Finding("inquiry", matches[0].strength, asks_for(matches))

    def _customs(self, imports: Sequence[Import], today: date) -> Iterator[Finding | Lack]:
        window = timedelta(days=self._policy.customs.window_days)
        recent = sorted((each for each in imports if today - window <= each.dated <= today), key=by_day)
        if not recent:
            yield Lack("customs", "customs", None, Text(zh="没有海关进口记录", en="no customs record of its imports"))
            return
        # The finding stands until its oldest record leaves the window.
        until = recent[0].dated + window
        like_ours = [(matches[0], each) for each in recent if (matches := self._catalogue.search(each.goods, 1))]
        if not like_ours:
            goods = recent[-1].goods
            evidence = Text(
                zh=f"海关记录 {len(recent)} 次进口，均非我方品类（如 {goods}）",
                en=f"{imported(len(recent))} by customs records, none like ours (such as {goods})",
            )
            yield Finding("customs", float(self._policy.customs.unrelated), evidence, until)
            return
        match, last = max(like_ours, key=lambda found: (found[0].strength, by_day(found[1])))
        fit = max(match.strength, float(self._policy.customs.unrelated))
        evidence = Text(
            zh=f"海关记录 {len(recent)} 次进口，{len(like_ours)} 次与我方产品相符（{last.dated} {last.goods}，"
            f"HS {last.hs_code}，对应 {match.name}）",
            en=f"{imported(len(recent))} by customs records, {len(like_ours)} like ours ({last.dated} {last.goods}, "
            f"HS {last.hs_code}: our {match.name})",
        )
        yield Finding("customs", fit, evidence, until)


def asks_for(matches: Sequence[Match]) -> Text:
    """What an inquiry asks for, and the words that say so."""
    named = [f"{match.name}（{'、'.join(match.words)}，{match.strength:.0%}）" for match in matches]
    also = [f"{match.name} ({', '.join(match.words)}: {match.strength:.0%})" for match in matches]
    return Text(zh=f"询盘提到 {'；'.join(named)}", en=f"the inquiry asks for {'; '.join(also)}")


def by_day(record: Import) -> tuple[date, str, str, str, str]:
    """Records of a customer in an order that does not depend on the list's."""
    return record.dated, record.goods, record.hs_code, record.quantity, str(record.value)


def imported(times: int) -> str:
    return "1 import" if times == 1 else f"{times} imports"


def day_of(written: str | None) -> date | None:
    """A day as entered, 2026-01-31 or 2026/1/31; None for anything else, and for years in which no site is."""
    if not written:
        return None
    parts = written.strip().replace("/", "-").replace(".", "-").split("-")
    try:
        year, month, day = (int(part) for part in parts)
        return date(year, month, day) if year in SITE_YEARS else None
    except ValueError:
        return None
