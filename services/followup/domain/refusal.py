"""What followup will not do for somebody, and why."""

from __future__ import annotations

from shared.words import Text


class NotPossibleError(Exception):
    """`code` is the reason in one word, for programs; `why` the sentence for people."""

    def __init__(self, code: str, why: Text) -> None:
        super().__init__(f"{code}: {why.en}")
        self.code = code
        self.why = why
