"""Each mistake of a policy file is told by its line, in both languages, all at once."""

from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.policy import PolicyError, Problem, check_policy, default_text, load_policy
from shared.words import Language


def changed(folder: Path, *edits: tuple[str, str]) -> Path:
    """The shipped policy with some texts replaced, each at its first place."""
    text = default_text()
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    path = folder / "policy.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def text_at(path: Path, problem: Problem) -> str:
    """What stands in the file where the problem points."""
    return path.read_text(encoding="utf-8").splitlines()[problem.line - 1][problem.column - 1 :]


class Mistake(NamedTuple):
    """An edit of the shipped policy, and where and how it should be told; `at` is the text pointed to."""

    old: str
    new: str
    path: str
    at: str
    words: str


DOLLAR = "from: 1990-01-01, rate: 7.10"
MISTAKES = {
    "wrong type": Mistake("window_days: 365", "window_days: many", "rfm.window_days", "many", "whole number"),
    "window beyond the calendar": Mistake(
        "window_days: 365", "window_days: 800000", "rfm.window_days", "800000", "36500"
    ),
    "lapse beyond the calendar": Mistake(
        "lapsed_after_days: 365", "lapsed_after_days: 800000", "rfm.lapsed_after_days", "800000", "36500"
    ),
    "freshness beyond the calendar": Mistake(
        "fresh_days: 365", "fresh_days: 1000000", "potential.site.fresh_days", "1000000", "36500"
    ),
    "notice beyond the calendar": Mistake(
        "ahead_of_purchase: {days: 7,",
        "ahead_of_purchase: {days: 1000000,",
        "cadences.contract.ahead_of_purchase.days",
        "1000000",
        "36500",
    ),
    "a period that no analysis takes": Mistake(
        "period_days: 365", "period_days: 3661", "analyses.period_days", "3661", "3660"
    ),
    "boolean for a number": Mistake("window_days: 365", "window_days: true", "rfm.window_days", "true", "whole number"),
    "unknown key": Mistake("key_share: 0.2", "key_shar: 0.2", "rfm.key_shar", "key_shar:", "did you mean key_share?"),
    "unknown value": Mistake("key_rule: rank", "key_rule: best", "rfm.key_rule", "best", "'rank' or 'pareto'"),
    "unsorted quantiles": Mistake(
        "0.4, 0.6, 0.8]", "0.6, 0.4, 0.8]", "rfm.quantiles[2]", "0.4", "0.4 is not above 0.6"
    ),
    "too few quantiles": Mistake("0.4, 0.6, 0.8]", "0.6, 0.8]", "rfm.quantiles", "[0.2", "4 or more"),
    "weight of nothing": Mistake("r: 1, f: 1,", "r: 1, f: 0,", "rfm.weights.f", "0, m", "above 0"),
    "share over one": Mistake("pareto_share: 0.8", "pareto_share: 80", "rfm.pareto_share", "80", "below 1"),
    "no base currency": Mistake("currency: CNY", "currency: THB", "rates", "CNY:", "no rate for the base currency THB"),
    "base currency not one": Mistake("rate: 1}", "rate: 2}", "rates.CNY[0].rate", "2}", "always 1"),
    "negative rate": Mistake("rate: 7.10", "rate: -7.10", "rates.USD[0].rate", "-7.10", "above 0"),
    "overlapping rates": Mistake(
        f"{{{DOLLAR}}}",
        "{from: 2026-01-01, rate: 7}\n    - {from: 2025-01-01, rate: 7}",
        "rates.USD[1].from",
        "2025-01-01",
        "dates overlap",
    ),
    "no such day": Mistake(DOLLAR, "from: 1990-02-30, rate: 7", "rates.USD[0].from", "1990-02-30", "no such day"),
    "day as a number": Mistake(DOLLAR, "from: 19900101, rate: 7", "rates.USD[0].from", "19900101", "2026-01-31"),
    "country twice": Mistake(
        "AE, BH,", "AE, CN, BH,", "regions.asia_africa[6]", "CN, GE", "CN is in middle_east already"
    ),
    "no country": Mistake("AE, BH,", "AE, Bahrain,", "regions.middle_east[1]", "Bahrain", "two capital letters"),
    "both units": Mistake(
        "{months: 2}", "{months: 2, days: 3}", "cadences.potential.high.every", "{months: 2", "either"
    ),
    "sexagesimal time": Mistake('opens: "08:00"', "opens: 8:00", "working_time.seasons[0].opens", "8:00", '"08:30"'),
    "overlapping seasons": Mistake(
        "from: 10-01", "from: 05-01", "working_time.seasons[1].from", "05-01", "do not overlap"
    ),
    "work that ends before it begins": Mistake(
        'closes: "17:30"',
        'closes: "08:15"',
        "working_time.seasons[1].opens",
        '"08:30"',
        "not before it closes",
    ),
    "overlapping exceptions": Mistake(
        "exceptions: []",
        'exceptions:\n    - {from: 2026-08-10, until: 2026-08-12, is: working}\n    - {from: 2026-08-12, is: "off"}',
        "working_time.exceptions[1].from",
        "2026-08-12",
        "do not overlap",
    ),
    "exception that ends before it begins": Mistake(
        "exceptions: []",
        "exceptions: [{from: 2026-08-12, until: 2026-08-10, is: working}]",
        "working_time.exceptions[0]",
        "{from: 2026-08-12",
        "until is not before from",
    ),
    "exception that is neither": Mistake(
        "exceptions: []",
        "exceptions: [{from: 2026-08-12, is: maybe}]",
        "working_time.exceptions[0].is",
        "maybe",
        "'off' or 'working'",
    ),
    "step before the one above": Mistake(
        "after: 5, to: manager", "after: 3, to: manager", "escalation.steps[1].after", "3, to", "3 is not above 3"
    ),
    "step to the same": Mistake(
        "after: 5, to: manager", "after: 5, to: rep", "escalation.steps[1].to", "rep", "a step to rep already"
    ),
    "steps of no level": Mistake(
        "    none: [{after", "    nobody: [{after", "escalation.levels.nobody", "nobody:", "'key'"
    ),
    "no such zone": Mistake("Asia/Shanghai", "Asia/Shangai", "time_zone", "Asia/Shangai", "no such time zone"),
    "no such role": Mistake("keeper: rep\n", "keeper: seller\n", "files.tiers.personal.keeper", "seller", "'rep'"),
    "no role as key": Mistake("{rep: own", "{reps: own", "files.tiers.personal.unasked.reps", "reps:", "'rep'"),
    "misspelt language": Mistake(
        "更新, en:", "更新, eng:", "fines.catalogue.stale_file.words.eng", "eng:", "did you mean en?"
    ),
    "duplicate key": Mistake(
        "  key_share: 0.2", "  window_days: 30\n  key_share: 0.2", "rfm.window_days", "window_days: 30", "already given"
    ),
    "fine priced in two ways": Mistake(
        "amount: null\n      times: 100",
        "amount: 100\n      times: 100",
        "fines.catalogue.embezzlement",
        "rule: N7",
        "in one way",
    ),
    "bands of returns that overlap": Mistake(
        "{to: 500, percent: 2}",
        "{to: 250, percent: 2}",
        "fines.catalogue.faulty_return.of_base_wage.bands[1]",
        "{to: 250",
        "bands ascend",
    ),
    "times that do not ascend": Mistake(
        "{time: 2, amount: 20}",
        "{time: 3, amount: 20}",
        "fines.catalogue.lateness.in_month[1]",
        "{time: 3, amount: 10",
        "times ascend",
    ),
    "limits of measures that do not ascend": Mistake(
        "above: 4000", "above: 8000", "fines.catalogue.returns_in_month.measures[1]", "above: 6000", "ascend"
    ),
    "a range upside down": Mistake(
        "{least: 30, most: 100}",
        "{least: 300, most: 100}",
        "fines.catalogue.slow_work.named",
        "{least: 300",
        "below least",
    ),
    "appeals judged by who fines": Mistake(
        "decided_by: [gm, deputy_gm]",
        "decided_by: [gm, hr]",
        "fines.appeals.decided_by[1]",
        "hr]",
        "does not judge appeals",
    ),
    "section of another kind": Mistake("inbox:\n  replay_days: 30 ", "inbox: 30 ", "inbox", "30", "group of keys"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_where_it_is(name: str, tmp_path: Path) -> None:
    """The place by keys, the line and column of the text itself, and what is wrong, in both languages."""
    mistake = MISTAKES[name]
    file = changed(tmp_path, (mistake.old, mistake.new))
    problem = next(problem for problem in check_policy(file) if problem.path == mistake.path)
    assert mistake.words in problem.message_en
    assert any("\u4e00" <= character <= "\u9fff" for character in problem.message_zh)
    assert text_at(file, problem).startswith(mistake.at)
    with pytest.raises(PolicyError, match=f"line {problem.line},"):
        load_policy(file)


def test_a_missing_key_is_told_at_its_section(tmp_path: Path) -> None:
    """There is no line of its own, so the section's line is given."""
    file = changed(tmp_path, ("  replay_days: 30 ", "  # replay_days: 30 "), ("inbox:\n", "inbox: {}\n"))
    (problem,) = check_policy(file)
    assert (problem.path, problem.message_en, problem.message_zh) == (
        "inbox.replay_days",
        "this key is missing",
        "缺少这个键",
    )
    assert text_at(file, problem) == "inbox: {}"


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """Whoever mends a policy mends it once, in the order of its lines."""
    names = ("no such zone", "negative rate", "unsorted quantiles", "country twice", "both units")
    chosen = [MISTAKES[name] for name in names]
    problems = check_policy(changed(tmp_path, *((mistake.old, mistake.new) for mistake in chosen)))
    assert [problem.path for problem in problems] == [mistake.path for mistake in chosen]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: [1, 2\nb: 3\n", 2, "YAML syntax"),
        ("a: 1\n  b: 2\n", 2, "YAML syntax"),
        ("a: 1\n---\nb: 2\n", 2, "another document"),
        ("a: &x [1]\nb: *x\n", 2, "aliases"),
        ("a: 1\nb: \x07\n", 2, "U+0007"),
        ("", 1, "empty"),
        ("- 1\n", 1, "group of keys"),
        ("? [a]\n: 1\n", 1, "a key must be a word"),
        ("[" * 5000, 1, "nested too deeply"),
        ("#" * 2_000_000, 1, "too large"),
    ],
)
def test_what_is_not_a_policy_is_told_so(text: str, line: int, words: str, tmp_path: Path) -> None:
    """Broken YAML gets its line, too, and no traceback."""
    file = tmp_path / "policy.yaml"
    file.write_text(text, encoding="utf-8")
    assert any(problem.line == line and words in problem.message_en for problem in check_policy(file))


def test_files_that_cannot_be_read_are_told_so(tmp_path: Path) -> None:
    """A missing file and one in another encoding."""
    assert "cannot be read" in check_policy(tmp_path / "absent.yaml")[0].message_en
    gbk = tmp_path / "gbk.yaml"
    gbk.write_bytes("version: 重点客户".encode("gbk"))
    assert "not UTF-8" in check_policy(gbk)[0].message_en


@given(st.text(max_size=200))
@example("version: !!int x")
@example("rates: {USD: [{from: 1990-01-01, rate: 1e999999999}]}")
@example("fines: {catalogue: {stale_file: {words: {xx: 1}}}}")
@example("regions: {europe_america: [" + "9" * 5000 + "]}")
def test_no_text_breaks_the_check(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Whatever a file holds, the answer is a list of problems."""
    file = tmp_path_factory.getbasetemp() / "any.yaml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    assert check_policy(file)


def test_the_shipped_policy_has_no_mistakes(tmp_path: Path) -> None:
    """A copy of it, too, with a byte order mark as Windows' editors write it."""
    file = tmp_path / "policy.yaml"
    file.write_text("\ufeff" + default_text(), encoding="utf-8")
    assert check_policy(file) == []
    assert load_policy(file) == load_policy()


def test_a_problem_is_one_line_in_either_language() -> None:
    """What `tierline policy check` prints."""
    problem = Problem(7, 3, "rates.USD[0].rate", "must be above 0, not -1", "必须大于 0，现为 -1")
    assert problem.in_(Language.EN) == "line 7, column 3: rates.USD[0].rate: must be above 0, not -1"
    assert problem.in_(Language.ZH) == "第 7 行第 3 列：rates.USD[0].rate: 必须大于 0，现为 -1"
