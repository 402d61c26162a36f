"""`python -m tests.authorization generate` writes docs/authorization.md; `check` says whether it is up to date."""

from __future__ import annotations

import sys

from tests.authorization.page import PAGE, page


def main(words: list[str]) -> int:
    """Do what is asked; the exit code."""
    match words:
        case ["generate"]:
            PAGE.write_text(page(), encoding="utf-8")
            return 0
        case ["check"]:
            if PAGE.read_text(encoding="utf-8") == page():
                return 0
            sys.stderr.write("docs/authorization.md is not as the tables are: python -m tests.authorization generate\n")
            return 1
    sys.stderr.write("usage: python -m tests.authorization generate|check\n")
    return 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
