"""The potential of a customer follows from criteria that can be shown, and says what is missing."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scoring.domain.potential.assessing import Assess, Assessment, Prospect, day_of
from services.scoring.domain.potential.customs import Import, importer_key
from services.scoring.domain.potential.matching import Catalogue
from shared.policy import load_policy
from tests.unit.scoring.potential.test_matching import ARTICLES

POLICY = load_policy().potential
TODAY = date(2026, 3, 2)
ASSESS = Assess(POLICY, Catalogue(ARTICLES, POLICY.match))
NO_CATALOGUE = Assess(POLICY, Catalogue([], POLICY.match))
GOOD = {"industry": "Gift wholesale", "website_quality": "professional", "website_updated_on": "2026-01-15"}
ASKS = "Please quote 500 porcelain gaiwans"


def imported(goods: str, days_ago: int = 100, hs_code: str = "691110") -> Import:
    return Import("x", "DE", hs_code, goods, "500", Decimal(1000), TODAY - timedelta(days=days_ago))


def assessed(prospect: Prospect, *imports: Import, today: date = TODAY) -> Assessment:
    return ASSESS(prospect, imports, today)


def test_all_good_is_high_with_each_criterion_evidenced_in_words() -> None:
    """K5: country, industry, site, inquiry and customs each say what was seen, in both languages."""
    found = assessed(Prospect("p", "DE", GOOD, ASKS), imported("porcelain gaiwan sets"))
    assert (found.potential, found.known, found.lacks) == ("high", 1.0, ())
    said = {finding.criterion: finding.evidence for finding in found.findings}
    assert said["country"].en == "country DE"
    assert "Gift wholesale" in said["industry"].zh
    assert "updated on 2026-01-15" in said["site"].en
    assert said["inquiry"].en == "the inquiry asks for 白瓷盖碗 (porcelain, gaiwan: 100%)"
    assert said["customs"].zh.startswith(
        "海关记录 1 次进口，1 次与我方产品相符（2025-11-22 porcelain gaiwan sets，HS 691110"
    )


def test_an_inquiry_for_other_goods_from_a_poor_site_is_of_none() -> None:
    """K5: asks for nothing of ours, in an industry that is not ours."""
    poor = {"industry": "steel", "website_quality": "简陋", "website_updated_on": "2020-01-01"}
    found = assessed(Prospect("p", "ZZ", poor, "hot rolled steel coils"))
    assert found.potential == "none"
    assert any("asks for nothing of ours" in finding.evidence.en for finding in found.findings)


def test_in_between_is_moderate() -> None:
    """K5: a category named, a fair country, a plain site."""
    found = assessed(Prospect("p", "BR", GOOD | {"website_quality": "一般"}, "想了解贵司的茶具"))
    assert found.potential == "moderate"


def test_with_too_little_known_nothing_is_computed() -> None:
    """K3, K5: country and industry alone weigh less than half: the default stands, and the gaps are listed."""
    found = assessed(Prospect("p", "DE", {"industry": "gifts"}))
    assert found.potential is None
    assert {(lack.criterion, lack.filler, lack.field) for lack in found.lacks} == {
        ("site", "rep", "website_quality"),
        ("inquiry", "rep", "inquiry"),
        ("customs", "customs", None),
    }


def test_without_a_catalogue_no_inquiry_is_judged() -> None:
    """K5: the lack is the catalogue's, not the rep's."""
    found = NO_CATALOGUE(Prospect("p", "DE", GOOD, ASKS), [], TODAY)
    assert ("inquiry", "catalogue") in {(lack.criterion, lack.filler) for lack in found.lacks}


def test_what_is_unknown_is_left_out_and_the_rest_weighs_more() -> None:
    """D4, K5: without customs records the mean is that of the others by their own weights."""
    found = assessed(Prospect("p", "BR", GOOD, ASKS))
    assert found.mean == pytest.approx((1 * 0.5 + 1 * 1 + 1 * 1 + 3 * 1.0) / 6, abs=1e-6)
    assert found.known == pytest.approx(6 / 8)


def test_importing_other_goods_counts_for_little_and_old_records_not_at_all() -> None:
    """K5: an importer is one, even of other goods; what left the window is as if it were not there."""
    other = assessed(Prospect("p", "DE", GOOD, ASKS), imported("steel coils"))
    (finding,) = (each for each in other.findings if each.criterion == "customs")
    assert finding.fit == float(POLICY.customs.unrelated)
    old = assessed(Prospect("p", "DE", GOOD, ASKS), imported("porcelain gaiwan", 1096))
    assert old == assessed(Prospect("p", "DE", GOOD, ASKS))


@pytest.mark.parametrize("written", ["dazzling", "很好"])
def test_a_word_for_the_site_that_the_policy_does_not_have_is_a_gap(written: str) -> None:
    """K5: no guess at what it is worth; the word is quoted."""
    found = assessed(Prospect("p", "DE", {"website_quality": written}, ASKS))
    (lack,) = (lack for lack in found.lacks if lack.criterion == "site")
    assert written in lack.words.zh


def test_a_site_without_a_date_counts_and_the_date_is_asked_for() -> None:
    """K5: quality alone; freshness is the rep's to fill."""
    found = assessed(Prospect("p", "DE", {"website_quality": "professional"}, ASKS))
    assert {lack.field for lack in found.lacks} == {"industry", "website_updated_on", None}
    assert any(finding.criterion == "site" and finding.fit == 1 for finding in found.findings)


@given(st.integers(0, 1200), st.integers(0, 1500), st.integers(0, 1500))
def test_an_assessment_holds_until_the_day_it_names(since: int, first: int, second: int) -> None:
    """K5: time alone ages sites and records: nothing changes before `until` is over, so nobody is looked at daily."""
    prospect = Prospect("p", "DE", GOOD | {"website_updated_on": str(TODAY - timedelta(days=since))}, ASKS)
    imports = [imported("porcelain gaiwan", first), imported("steel", second)]
    found = assessed(prospect, *imports)
    if found.until is None:
        assert assessed(prospect, *imports, today=TODAY + timedelta(days=3000)) == found
        return
    assert found.until >= TODAY
    last = assessed(prospect, *imports, today=found.until)
    assert (last.potential, last.mean, last.findings) == (found.potential, found.mean, found.findings)
    assert assessed(prospect, *imports, today=found.until + timedelta(days=1)).findings != found.findings


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller GmbH & Co. KG", "MULLER"),
        ("Acme Trading Co., Ltd.", "ACME TRADING"),
        ("Casa Lopez S.A.", "casa lópez"),
        ("宁波某某进出口有限公司", "宁波某某进出口"),
        ("A & B Foods L.L.C.", "A and B Foods"),
        ("Ltd", "ltd."),
    ],
)
def test_importers_are_known_however_their_name_is_written(one: str, other: str) -> None:
    """K5: case, accents, punctuation and the form of the company aside."""
    assert importer_key(one) == importer_key(other) != ""


def test_different_importers_stay_different() -> None:
    """K5: likeness is not identity: the wrong records are worse than none."""
    names = ["Acme Trading", "Acme Trade", "Acme Trading Group", "Acme", "宁波某某", "宁波某某进出口"]
    assert len({importer_key(name) for name in names}) == len(names)


def test_days_are_read_as_people_write_them() -> None:
    """K5: 2026-01-31, 2026/1/31; anything else is no day."""
    assert day_of("2026/1/31") == day_of("2026-01-31") == day_of(" 2026.1.31 ") == date(2026, 1, 31)
    assert [day_of(text) for text in (None, "", "2026-02-30", "last year", "2026-01")] == [None] * 5
    assert [day_of(text) for text in ("9999-12-31", "99999999999999999999-1-1", "0-1-1")] == [None] * 3
