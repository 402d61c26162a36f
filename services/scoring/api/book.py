"""The workbook of the analyses: what its sheets call classes, levels and regions."""

from __future__ import annotations

from typing import Final

from services.scoring.domain.customers import Tier
from shared import book
from shared.book import Chart, Column
from shared.words import Text

__all__ = ["Book", "Chart", "Column"]

NAMES: Final = {
    "contract": Text(zh="合同客户", en="contract"),
    "sample": Text(zh="寄样客户", en="sample"),
    "potential": Text(zh="潜力客户", en="potential"),
    "key": Text(zh="重点客户", en="key"),
    "ordinary": Text(zh="普通客户", en="ordinary"),
    "lapsed": Text(zh="沉没客户", en="lapsed"),
    "europe_america": Text(zh="欧美", en="Europe, America"),
    "middle_east": Text(zh="中东", en="Middle East"),
    "asia_africa": Text(zh="亚非", en="Asia, Africa"),
    "high": Text(zh="重潜", en="high"),
    "moderate": Text(zh="普潜", en="moderate"),
    "none": Text(zh="无潜", en="none"),
}
UNKNOWN: Final = Text(zh="（未填）", en="(not known)")


class Book(book.Book):
    """A workbook that knows what people call a level."""

    def name(self, key: str | None) -> str:
        """What people call a level, a class or a region; anything else by its own name."""
        if key is None:
            return self.of(UNKNOWN)
        return self.of(NAMES[key]) if key in NAMES else key

    def tier(self, tier: Tier | None) -> str:
        return "—" if tier is None else f"{self.name(tier.customer_class)} · {self.name(tier.level)}"
