"""The example of the source, 篇1, comes out as its text argues, beside what plain sales would give."""

from __future__ import annotations

from decimal import Decimal

from services.scoring.domain.scores.wording import ShareWording
from tests.unit.scoring.scores.shops import POLICY, TODAY, lines, shop, ten_shops


def test_the_shipped_shops_are_those_the_text_tells_of() -> None:
    """篇1: ten shops, the first three with 71 % of all sales, the tenth with 8,173.0 or 0.4 % after half a month."""
    shops = ten_shops()
    sales = [each.trade.sales for each in shops if each.trade is not None]
    assert len(sales) == 10
    assert round(sum(sales[:3]) / sum(sales), 2) == Decimal("0.71")
    assert (sales[9], round(sales[9] / sum(sales), 3)) == (Decimal("8173.00"), Decimal("0.004"))
    tenth = shops[9].trade
    assert tenth is not None
    assert (TODAY - tenth.first_order_on).days + 1 == 15


def test_plain_sales_misallocate_as_the_text_complains() -> None:
    """篇1: by sales alone the first three get 70 % and more, the newcomer less than 1 %."""
    given = lines(ten_shops())
    assert sum(line.by_sales for line in given.values()) == 10_000
    assert sum(given[f"客户{number}"].by_sales for number in (1, 2, 3)) >= 7000
    assert given["客户10"].by_sales <= 100


def test_a_newcomer_gets_what_a_start_takes() -> None:
    """D1: two weeks old is not worthless: about an even share, many times what plain sales give."""
    newcomer = lines(ten_shops())["客户10"]
    assert newcomer.scored.measured.is_new
    assert newcomer.grant.units >= 1000
    assert newcomer.grant.units > 20 * newcomer.by_sales


def test_of_two_equal_shops_the_one_in_the_poor_city_gets_more() -> None:
    """D1: Deyang before Hangzhou, though Hangzhou sells a little more; and also where both sell the same."""
    given = lines(ten_shops())
    assert given["客户3"].grant.units > given["客户2"].grant.units
    assert given["客户3"].by_sales < given["客户2"].by_sales
    others = [each for each in ten_shops() if each.customer_id not in {"客户2", "客户3"}]
    rich = shop("rich", "420000", region="浙江杭州", rival_counters="2")
    poor = shop("poor", "420000", region="四川德阳", rival_counters="2")
    given = lines([*others, rich, poor])
    assert given["poor"].grant.units > given["rich"].grant.units
    assert abs(given["poor"].by_sales - given["rich"].by_sales) <= 1


def test_a_shop_with_four_rivals_gets_more_than_a_bigger_one_with_none() -> None:
    """D1: customer 2 has room to grow, customer 1 has only our counter; plain sales say the opposite."""
    given = lines(ten_shops())
    assert given["客户2"].grant.units > given["客户1"].grant.units
    assert given["客户2"].by_sales < given["客户1"].by_sales


def test_every_pack_is_given_and_every_share_has_its_reason() -> None:
    """D3: the units add up, and each line says why in both languages, with what plain sales would have given."""
    given = lines(ten_shops())
    assert sum(line.grant.units for line in given.values()) == 10_000
    resource = POLICY.resources["trial_pack"]
    wording = ShareWording(POLICY.base_currency)
    words = {name: wording.share(resource, POLICY.scores.named[resource.score], line) for name, line in given.items()}
    assert "15 天的自身销量占" in words["客户10"].zh
    assert "单看销量排第 10，只得 40 份" in words["客户10"].zh
    assert "from 15 days of its own" in words["客户10"].en
    assert "held against the purchasing power of 四川德阳" in words["客户3"].en
    assert "有 4 个竞争专柜" in words["客户2"].zh
    assert "Left out: room to grow (neither the number of rival counters" in words["客户7"].en


def test_customer_seven_has_a_gap_for_its_rep() -> None:
    """D4: nobody counted its rivals: room is left out, and said to be the rep's to fill."""
    gaps = lines(ten_shops())["客户7"].scored.measured.missing
    assert [(gap.dimension, gap.filler, gap.fields) for gap in gaps if gap.filler == "rep"] == [
        ("room", "rep", ("rival_counters", "business_sales"))
    ]
