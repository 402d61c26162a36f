"""A1–A3 as data: who may see a file."""

from __future__ import annotations

from typing import Annotated, Literal

from shared.contracts.types import FileTier as FileTierName
from shared.contracts.types import Rank
from shared.policy.fields import Count, Name, Section, sized
from shared.policy.shipped import as_shipped
from shared.roles import Role

Reach = Literal["any", "own_department", "own_customers"]


class FileTier(Section):
    """A1: who keeps the files of one tier, who reads them unasked, and whose consent others need."""

    keeper: Role
    unasked: dict[Role, Reach]
    consent: Annotated[tuple[Role, ...], sized(1)]

    def reads_unasked(self, role: Role, *, same_department: bool, own_customer: bool) -> bool:
        """Whether `role` needs no request; the flags tell how the reader stands to the file's customer."""
        match self.unasked.get(role):
            case "any":
                return True
            case "own_department":
                return same_department
            case "own_customers":
                return own_customer
            case None:
                return False


class FileTiers(Section):
    company: FileTier
    department: FileTier
    personal: FileTier

    def of(self, tier: FileTierName) -> FileTier:
        """The rules of one tier."""
        return {"company": self.company, "department": self.department, "personal": self.personal}[tier]


class ReadingRequest(Section):
    """A2: who signs, approves and releases a request to consult."""

    signed_by: Literal["own_manager"]
    approved_by: Role
    released_by: Role


class RecordRank(Section):
    """A3: how records of one rank are consulted; `hours` bounds a loan, `unasked` go to the archivist's desk."""

    consulted: Literal["never", "reading_room", "lent"]
    originals: Name | None = None
    hours: Count | None = None
    unasked: tuple[Role, ...] = ()
    approved_by: tuple[Role, ...] = ()


class RecordRanks(Section):
    """A3, from rank 3 down to 0."""

    top_secret: RecordRank
    secret: RecordRank
    confidential: RecordRank
    unclassified: RecordRank

    def of(self, rank: Rank) -> RecordRank:
        """The rules of one rank."""
        ranks: dict[Rank, RecordRank] = {
            "top_secret": self.top_secret,
            "secret": self.secret,
            "confidential": self.confidential,
            "unclassified": self.unclassified,
        }
        return ranks[rank]


class PartRanks(Section):
    """P1, A3: how secret each part of a customer's file is, to those who do not keep it.

    A part of rank 3 is opened by no grant; one of rank 0 is open, without any, to whoever knows of the customer.
    """

    basic: Rank
    characteristics: Rank
    business: Rank
    trading: Rank

    def ranked(self, rank: Rank) -> frozenset[str]:
        """The parts of one rank."""
        return frozenset(part for part, its in self if its == rank)


REQUIRED = ("name", "country", "industry", "address", "phone", "buyer")


class Files(Section):
    """A1–A3, P1. A customer's file is of `default_tier` until its profile says another.

    A file is complete when the `required` fields are filled (P2): the file's own by their names, all others free.
    What the roles in `copying` read unasked they may take out as well; anybody else needs a grant that says so (N4).
    """

    rank: Rank
    default_tier: FileTierName
    tiers: FileTiers
    request: ReadingRequest
    records: RecordRanks
    # What came later has a default, so that a policy written before is still read.
    required: Annotated[tuple[Name, ...], sized(0, 50)] = REQUIRED
    sections: PartRanks = as_shipped("files", "sections")
    copying: tuple[Role, ...] = as_shipped("files", "copying")
