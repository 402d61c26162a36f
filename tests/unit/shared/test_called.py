"""Codes as people call them: none is shown to a manager where a word would do."""

from __future__ import annotations

from typing import get_args

import pytest

from deploy.cli.destruction import STATES, STEPS
from deploy.cli.records import standing
from services.archive.domain.destruction import STANDINGS, State, StepKind
from services.archive.domain.requests import ENDS, End
from shared.called import RANKS, ROLES, TIERS, called, code_of, role_names
from shared.contracts.types import FileTier, Rank
from shared.roles import Role


def test_every_code_has_a_name_in_both_languages() -> None:
    """A role, rank, tier, state or step that is added without one fails here."""
    assert set(ROLES) == set(Role)
    assert set(RANKS) == set(get_args(Rank))
    assert set(TIERS) == set(get_args(FileTier))
    assert set(ENDS) == set(get_args(End))
    assert set(STANDINGS) == set(State) == set(STATES)
    assert set(STEPS) == set(StepKind)


@pytest.mark.parametrize("names", [ROLES, RANKS, TIERS])
def test_a_name_is_understood_as_its_code(names: dict[str, object]) -> None:
    """`--rank 机密` is `--rank secret`; what nothing is called is left to be refused."""
    for code in names:
        name = called(code, names)  # type: ignore[arg-type]
        assert code_of(name.zh, names) == code_of(name.en, names) == code_of(code, names) == code  # type: ignore[arg-type]
    assert code_of("高度机密", RANKS) == "高度机密"


def test_a_code_of_the_companys_own_is_called_what_it_is() -> None:
    """The organisation may have roles that the rules give nothing."""
    names = role_names(["gm", "driver"])
    assert (names.zh, names.en) == ("总经理、driver", "GM, driver")


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"destroyed_at": None, "held": False}, ""),
        ({"destroyed_at": None, "held": True}, "已冻结"),
        ({"destroyed_at": "2026-11-23T00:11:09Z", "held": False}, "2026-11-23 已销毁"),
    ],
)
def test_a_list_of_records_tells_which_are_gone(record: dict[str, object], said: str) -> None:
    """The card of a destroyed record stays for ever, and looked as if there were something to read."""
    assert standing(record).zh == said
