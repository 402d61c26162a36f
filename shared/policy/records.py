"""A3, A6 as data: who may know that a company record exists, and how long each class of records is kept."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.types import Rank
from shared.policy.fields import Name, Section, sized
from shared.roles import Role
from shared.words import Text

RecordReach = Literal["any", "own_department"]

Known = dict[Role, RecordReach]
"""Roles that know of records: of all of them, or of their own department's."""


class KnownTo(Section):
    """A3: to everybody else a record of the rank does not exist, unless they hold a grant for it."""

    top_secret: Known
    secret: Known
    confidential: Known
    unclassified: Known

    def of(self, rank: Rank) -> Known:
        """Those who know of records of one rank."""
        ranks: dict[Rank, Known] = {
            "top_secret": self.top_secret,
            "secret": self.secret,
            "confidential": self.confidential,
            "unclassified": self.unclassified,
        }
        return ranks[rank]


class RetentionClass(Section):
    """A kind of record: kept for `keep_years` after the end of what it is of, or from its filing; null is for ever."""

    keep_years: Annotated[int, Field(strict=True, ge=1, le=100)] | None
    words: Text


class CompanyRecords(Section):
    """A3, A6: the company's own records. How each rank is consulted is in `files.records`."""

    known_to: KnownTo
    classes: Annotated[dict[Name, RetentionClass], sized(1, 200)]
