"""Who may come in, how lists are paged, and how a refusal is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import Depends
from pydantic import Field

from services.archive.domain.people import UnlawfulError
from shared.http import PageParams, Principal, Problem, page_params, principal, require
from shared.policy.fines import JUDGES
from shared.roles import Role

READERS = (Role.ARCHIVIST, Role.GM, Role.DEPUTY_GM, Role.MARKETING_DIRECTOR, Role.INSPECTOR)
REPORTERS = (Role.INSPECTOR, Role.DEPARTMENT_MANAGER, Role.MARKETING_DIRECTOR, Role.DEPUTY_GM, Role.GM)
# Who is told of the whole month (N10).
SUPERVISORS = (Role.HR, Role.GM)

Reader = Annotated[Principal, Depends(require(*READERS))]
Prover = Annotated[Principal, Depends(require(*READERS, Role.OPS))]
Reporter = Annotated[Principal, Depends(require(*REPORTERS))]
Judge = Annotated[Principal, Depends(require(*JUDGES))]
Supervisor = Annotated[Principal, Depends(require(*SUPERVISORS))]
HumanResources = Annotated[Principal, Depends(require(Role.HR))]
Archivist = Annotated[Principal, Depends(require(Role.ARCHIVIST))]
Anybody = Annotated[Principal, Depends(principal)]
Paging = Annotated[PageParams, Depends(page_params)]
Reason = Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[^\x00]*\S[^\x00]*$")]

# What is not named here conflicts with how things stand: 409.
STATUS = {
    "own_request": 403,
    "role": 403,
    "own_fine": 403,
    "not_approved": 403,
    "not_yours": 403,
    "not_your_step": 403,
    "not_delegating": 403,
    "unknown_file": 404,
    "unknown_request": 404,
    "unknown_delegation": 404,
    "unknown_section": 422,
    "not_lent": 422,
    "own_delegate": 422,
    "no_delegate": 422,
    "no_scope": 422,
    "too_long": 422,
    "own_wage": 403,
    "own_case": 403,
    "not_judge": 403,
    "unknown_fine": 404,
    "unknown_gap": 404,
    "no_checkpoint": 404,
    "not_vouched_yet": 404,
    "unknown_grant": 404,
    "no_such_file": 404,
    "no_grant": 403,
    "never_consulted": 403,
    "reading_room_only": 403,
    "no_copy_right": 403,
    "used_up": 403,
    "destroyed": 410,
    "unknown_class": 422,
    "section_twice": 422,
    "rank_above": 422,
    "unknown_person": 422,
    "unknown_evidence": 422,
    "wrong_evidence": 422,
    "evidence_of_another": 422,
    "unknown_hold": 404,
    "unknown_destruction": 404,
    "unknown_due": 404,
    "unknown_leaving": 404,
    "not_your_decision": 403,
    "not_the_witness": 403,
    "unknown_record": 404,
    "unknown_change": 404,
    "no_witness": 422,
    "other_tier": 422,
    "missing_fact": 422,
    "only_by_rule": 422,
    "ended_before_it_began": 422,
}


@contextmanager
def lawful() -> Iterator[None]:
    """Answer what a rule forbids as a problem, in its own words."""
    try:
        yield
    except UnlawfulError as error:
        raise Problem(STATUS.get(error.code, 409), error.code, error.words.en, error.words.zh) from None


def place_of(page: PageParams) -> tuple[int, str] | None:
    """The last page's last (entry, rule or kind)."""
    match page.expect(int, str):
        case (int() as entry, str() as name):
            return entry, name
    return None
