"""Scoring's HTTP for the potential of customers, and for the lists that it is judged by (K5)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from services.scoring.domain.potential.assessing import Finding, Lack
from services.scoring.domain.potential.customs import Import
from services.scoring.domain.potential.matching import Article
from services.scoring.usecases.potential import ImportLists, PotentialShown, ReadPotential
from shared.contracts.types import Amount, Day, Identifier, Level, Potential, Text, Words
from shared.http import Principal, Problem, require
from shared.roles import Role

# Evidence quotes inquiry and file: for those who read every file without a request (A1).
Reader = Annotated[Principal, Depends(require(Role.GM, Role.DEPUTY_GM, Role.MARKETING_DIRECTOR))]
Keeper = Reader
MOST_ARTICLES = 50_000
MOST_RECORDS = 10_000


class ArticleBody(BaseModel):
    """A line of the catalogue; `words` are other names in any language, separated by commas or semicolons."""

    sku: Identifier
    name: Text
    category: Text = ""
    words: Text = ""


class CatalogueBody(BaseModel):
    """A whole catalogue."""

    articles: Annotated[list[ArticleBody], Field(max_length=MOST_ARTICLES)]


class ImportBody(BaseModel):
    """A customs record: `country` by ISO 3166-1 alpha-2; `value` in whatever money the list has."""

    importer: Identifier
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    hs_code: Annotated[Text, Field(max_length=20)]
    goods: Text
    quantity: Annotated[Text, Field(max_length=40)] = ""
    value: Amount | None = None
    date: Day


class CustomsBody(BaseModel):
    """Customs records to be added."""

    records: Annotated[list[ImportBody], Field(max_length=MOST_RECORDS)]


class Taken(BaseModel):
    """How many lines were given, and how many of them are new."""

    given: int
    new: int


class CriterionBody(BaseModel):
    """A criterion that is known: its weight, how well the customer fits (0 to 1), and the evidence in words."""

    criterion: str
    rule: str
    weight: str
    fit: float
    evidence: Words


class LackBody(BaseModel):
    """A criterion, or part of one, that is not known, and who can fill it in where."""

    criterion: str
    filler: str
    field: str | None
    what: Words


class PotentialBody(BaseModel):
    """A customer's potential, and which word decides it: a person's (`judged`), the criteria's, or the default.

    `mean` of the fits by weight is held against the thresholds; `known` is the part of all weights that is known, and
    below `least_known` nothing is computed. All three and the criteria are null or empty before the first assessment.
    """

    customer_id: str
    level: Level
    decided_by: str
    judged: Potential | None
    computed: Potential | None
    mean: float | None
    known: float | None
    least_known: str
    high_from: str
    moderate_from: str
    assessed_on: date | None
    holds_until: date | None
    criteria: list[CriterionBody]
    missing: list[LackBody]


def potentials_router(read: ReadPotential, lists: ImportLists) -> APIRouter:
    """Potential with its evidence, and the lists behind it."""
    router = APIRouter(tags=["potential"])

    @router.get("/potentials/{customer_id:path}")
    async def potential(_: Reader, customer_id: Identifier) -> PotentialBody:
        found = await read(customer_id)
        if found is None or found.found.tier.customer_class != "potential":
            raise Problem(
                404,
                "no_potential_customer",
                f"{customer_id} is no potential customer: unknown, or it ordered",
                f"{customer_id} 不是潜力客户：未知，或已下单、已寄样",
            )
        return shown(found)

    @router.put("/catalogue")
    async def catalogue(who: Keeper, body: CatalogueBody) -> Taken:
        articles = [Article(each.sku, each.name, each.category, each.words) for each in body.articles]
        refuse_doubles(articles)
        await lists.catalogue(articles, who.person)
        return Taken(given=len(articles), new=len(articles))

    @router.post("/customs")
    async def customs(who: Keeper, body: CustomsBody) -> Taken:
        records = [
            Import(each.importer, each.country, each.hs_code, each.goods, each.quantity, each.value, each.date)
            for each in body.records
        ]
        return Taken(given=len(records), new=await lists.customs(records, who.person))

    return router


def refuse_doubles(articles: list[Article]) -> None:
    seen: set[str] = set()
    for article in articles:
        if article.sku in seen:
            raise Problem(422, "article_twice", f"{article.sku} is given twice", f"产品编号 {article.sku} 重复")
        seen.add(article.sku)


def shown(potential: PotentialShown) -> PotentialBody:
    found, rules = potential.found, potential.rules
    assessment = found.assessment
    decided_by = "judged" if found.judged else "computed" if found.computed else "default"
    return PotentialBody(
        customer_id=found.customer_id,
        level=found.tier.level,
        decided_by=decided_by,
        judged=found.judged,
        computed=found.computed,
        mean=assessment and assessment.mean,
        known=assessment and assessment.known,
        least_known=format(rules.least_known, "f"),
        high_from=format(rules.levels.high, "f"),
        moderate_from=format(rules.levels.moderate, "f"),
        assessed_on=found.assessed_on,
        holds_until=assessment and assessment.until,
        criteria=[] if assessment is None else [shown_finding(each, potential) for each in assessment.findings],
        missing=[] if assessment is None else [shown_lack(each) for each in assessment.lacks],
    )


def shown_finding(finding: Finding, potential: PotentialShown) -> CriterionBody:
    # A criterion may have left the policy since the assessment.
    weighing = potential.rules.criteria.get(finding.criterion)
    return CriterionBody(
        criterion=finding.criterion,
        rule=weighing.rule if weighing else "K5",
        weight=format(weighing.weight, "f") if weighing else "0",
        fit=finding.fit,
        evidence=Words(zh=finding.evidence.zh, en=finding.evidence.en),
    )


def shown_lack(lack: Lack) -> LackBody:
    what = Words(zh=lack.words.zh, en=lack.words.en)
    return LackBody(criterion=lack.criterion, filler=lack.filler, field=lack.field, what=what)
