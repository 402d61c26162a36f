"""Classes and levels, and what people call them (K1–K3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.words import Text

LEVELS = {
    "contract": ("key", "ordinary", "lapsed"),
    "sample": ("europe_america", "middle_east", "asia_africa"),
    "potential": ("high", "moderate", "none"),
}

CLASS_NAMES = {
    "contract": Text(en="contract", zh="合同客户"),
    "sample": Text(en="sample", zh="寄样客户"),
    "potential": Text(en="potential", zh="潜力客户"),
}
LEVEL_NAMES = {
    ("contract", "key"): Text(en="key", zh="重点客户"),
    ("contract", "ordinary"): Text(en="ordinary", zh="普通客户"),
    ("contract", "lapsed"): Text(en="lapsed", zh="沉没客户"),
    ("sample", "europe_america"): Text(en="Europe, America", zh="欧美"),
    ("sample", "middle_east"): Text(en="Middle East", zh="中东"),
    ("sample", "asia_africa"): Text(en="Asia, Africa", zh="亚非"),
    ("potential", "high"): Text(en="high", zh="重潜"),
    ("potential", "moderate"): Text(en="moderate", zh="普潜"),
    ("potential", "none"): Text(en="none", zh="无潜"),
}


def names_of(item: Mapping[str, Any]) -> tuple[Text, Text]:
    """What people call the class and the level of a tier or a reminder."""
    return CLASS_NAMES[item["class"]], LEVEL_NAMES[item["class"], item["level"]]
