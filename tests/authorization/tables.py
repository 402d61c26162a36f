"""The tables of rights, as they stand in files beside this one: written by hand from the rules, and read by people.

Nothing in them is computed. A line is `what | when | 中文 · English | one cell for each role`; lines without `|` are
headings (`## 中文 · English`), remarks (`# …`) or empty. A cell says what the role is answered:

    200, 201 …   it is done, with this status
    -            403 role_not_allowed: nobody of this role has anything to do there
    unseen       it is answered, and does not show what the line is about
    a word       the problem's code (its status stands in `STATUS`)
    a word:404   the same where its status is another one here

Of an export of all that is found, a cell says what becomes of one file: 200, it is given; a word, it stays, for that
reason; not_there, neither.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Final, NamedTuple

from shared.roles import Role

FOLDER: Final = Path(__file__).parent / "tables"
NOT_OF_THIS_ROLE: Final = "-"
UNSEEN: Final = "unseen"

ROLES: Final = (
    Role.REP, Role.DEPARTMENT_MANAGER, Role.MARKETING_DIRECTOR, Role.DEPUTY_GM, Role.GM, Role.GM_OFFICE_HEAD,
    Role.ARCHIVIST, Role.HR, Role.INSPECTOR, Role.OPS, Role.ORDER_SYSTEM,
)  # fmt: skip
"""The columns of every table."""

STATUS: Final = {
    NOT_OF_THIS_ROLE: 403,
    UNSEEN: 200,
    "role": 403,
    "no_grant": 403,
    "stale_grants": 403,
    "left_the_company": 403,
    "not_own": 403,
    "own_record": 403,
    "own_conduct": 403,
    "own_request": 403,
    "own_fine": 403,
    "own_wage": 403,
    "own_case": 403,
    "not_yours": 403,
    "not_your_step": 403,
    "not_your_decision": 403,
    "not_the_witness": 403,
    "not_delegating": 403,
    "not_judge": 403,
    "never_consulted": 403,
    "reading_room_only": 403,
    "no_copy_right": 403,
    "used_up": 403,
    "not_there": 200,
    "no_such_customer": 404,
    "no_such_person": 403,
    "no_such_file": 404,
    "unknown_file": 404,
    "unknown_record": 404,
    "unknown_change": 404,
    "unknown_request": 404,
    "unknown_grant": 404,
    "unknown_delegation": 404,
    "unknown_destruction": 404,
    "unknown_fine": 404,
    "unknown_due": 404,
    "unknown_leaving": 404,
    "unknown_customer": 404,
    "unknown_reminder": 404,
    "unknown_report": 404,
    "unknown_feed": 404,
    "unknown_version": 404,
    "no_potential_customer": 404,
    "not_your_customer": 403,
    "not_lapsed": 409,
    "not_needed": 409,
    "unknown_person": 422,
}
"""What each word of the tables is over HTTP."""


class Line(NamedTuple):
    """A line of a table: `what` is done `when`, and what each role is answered; `number` is where it stands."""

    table: str
    number: int
    what: str
    when: str
    zh: str
    en: str
    answers: dict[Role, str]

    def __str__(self) -> str:
        return f"{self.table}:{self.number} {self.what} {self.when}"


def status_of(answer: str) -> int:
    """The HTTP status that a cell means; KeyError for a word that nobody knows."""
    word, _, status = answer.partition(":")
    return int(status or word) if (status or word).isdigit() else STATUS[word]


class Heading(NamedTuple):
    zh: str
    en: str


def read(table: str) -> list[Line | Heading]:
    """A table whole; ValueError, naming the line, for one that is not as it should be."""
    found: list[Line | Heading] = []
    for number, text in enumerate((FOLDER / f"{table}.txt").read_text(encoding="utf-8").splitlines(), 1):
        if text.startswith("## "):
            found.append(Heading(*_both(text[3:])))
        elif "|" in text and not text.startswith("#"):
            found.append(_line(table, number, text))
        elif text and not text.startswith("#"):
            raise ValueError(f"{table}:{number} is no line of a table: {text}")
    return found


def lines(table: str) -> list[Line]:
    """The lines of a table."""
    return [line for line in read(table) if isinstance(line, Line)]


def cells_of(line: Line) -> list[tuple[str, ...]]:
    """What a line of several words stands for: "company; own near; none" is two."""
    return list(product(*(part.split() for part in line.when.split(";"))))


def _line(table: str, number: int, text: str) -> Line:
    parts = [part.strip() for part in text.split("|")]
    cells = parts[-1].split()
    if len(parts) != 4 or len(cells) != len(ROLES):
        raise ValueError(f"{table}:{number} has {len(parts)} parts and {len(cells)} cells")
    for cell in cells:
        try:
            status_of(cell)
        except KeyError:
            raise ValueError(f"{table}:{number}: nobody knows what {cell} is") from None
    zh, en = _both(parts[2])
    return Line(table, number, parts[0], parts[1], zh, en, dict(zip(ROLES, cells, strict=True)))


def _both(words: str) -> tuple[str, str]:
    zh, _, en = words.partition(" · ")
    if not zh or not en:
        raise ValueError(f"in one language only: {words}")
    return zh.strip(), en.strip()
