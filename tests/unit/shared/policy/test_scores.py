"""Scores and resources of the policy are checked by the line, as all else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.policy import check_policy, load_policy
from tests.unit.shared.policy.test_checking import Mistake, changed, text_at

MISTAKES = {
    "no such score": Mistake(
        "score: value", "score: valu", "resources.gift_set.score", "valu", "there is no score valu; there are: "
    ),
    "no such dimension": Mistake(
        "room:             {weight: 3", "rooms:            {weight: 3",
        "scores.named.potential_growth.dimensions.rooms", "rooms:", "'room'",
    ),
    "no such transform": Mistake(
        "transform: proportional", "transform: best", "scores.named.value.dimensions.sales.transform", "best", "'log'"
    ),
    "money as a share": Mistake(
        "sales:            {weight: 2, transform: percentile}", "sales:            {weight: 2, transform: as_is}",
        "scores.named.potential_growth.dimensions.sales.transform", "as_is", "no share of a whole",
    ),
    "weight of nothing": Mistake(
        "{weight: 2, transform: percentile}", "{weight: 0, transform: percentile}",
        "scores.named.potential_growth.dimensions.sales.weight", "0,", "above 0",
    ),
    "credibility turned round": Mistake(
        "least_days: 14", "least_days: 400", "scores.credibility", "{least_days", "least_days is above most_days"
    ),
    "growth beyond the window": Mistake(
        "growth_days: 91", "growth_days: 200", "scores", "window_days: 365", "both lie in window_days"
    ),
    "no purchasing power": Mistake("上海: 2.16", "上海: 0", "scores.purchasing_power.上海", "0,", "above 0"),
    "a floor above all": Mistake(
        "{new: 0.25,", "{new: 1.25,", "resources.gift_set.at_least.new", "1.25", "at most 1"
    ),
    "a cap below an even share": Mistake(
        "at_most: 3", "at_most: 0.5", "resources.trial_pack.at_most", "0.5", "at least 1"
    ),
    "no such level": Mistake(
        "levels: [key, ordinary]", "levels: [keys, ordinary]", "resources.trial_pack.levels[0]", "keys", "'key'"
    ),
    "no rule": Mistake("rule: D3\n", "rule: third\n", "resources.trial_pack.rule", "third", "written F3"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_in_scores_is_told_where_it_is(name: str, tmp_path: Path) -> None:
    """D2, D3: place, line and column, and what is wrong, in both languages."""
    mistake = MISTAKES[name]
    file = changed(tmp_path, (mistake.old, mistake.new))
    problems = check_policy(file)
    problem = next(problem for problem in problems if problem.path == mistake.path)
    assert mistake.words in problem.message_en
    assert any("\u4e00" <= character <= "\u9fff" for character in problem.message_zh)
    assert text_at(file, problem).startswith(mistake.at)


@pytest.mark.parametrize(
    ("written", "power"), [("浙江杭州", 1.63), ("浙 江省", 1.63), ("杭州", None), ("", None), ("黑龙江", 0.76)]
)
def test_a_region_is_known_by_the_entry_that_it_begins_with(written: str, power: float | None) -> None:
    """D2: however a rep typed it; what the table does not know is not guessed."""
    assert load_policy().scores.power_of(written) == power


def test_the_longer_entry_of_a_region_counts(tmp_path: Path) -> None:
    """D2: a city that the table names is not its province."""
    policy = load_policy(changed(tmp_path, ("上海: 2.16,", "上海: 2.16, 浙江杭州: 1.9,")))
    assert policy.scores.power_of("浙江杭州西湖区") == 1.9
    assert policy.scores.power_of("浙江宁波") == 1.63
