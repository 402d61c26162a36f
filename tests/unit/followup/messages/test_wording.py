"""What messages say, in both languages alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, get_args

import pytest
from jinja2 import Environment, meta

from services.followup.channels.mail import html_of, text_of
from services.followup.channels.wording import PhraseBook, read_phrases
from services.followup.domain.notices import Item, Message, Topic, digest
from shared.contracts.reminders import ReminderKind
from shared.contracts.types import CustomerClass, Level
from shared.policy import load_policy
from shared.words import Language, Text

DAY = date(2026, 3, 2)
ITEM = Item(
    "C-1",
    Text(zh="上次联系在 28 天前", en="last contact 28 days ago"),
    reminder_id="r-1",
    customer_class="contract",
    level="key",
    rule="F1",
    by="mail",
    template="contract_monthly",
    minutes=8,
    due_on=DAY,
    last_order_on=date(2026, 2, 2),
)
BOOK = PhraseBook("https://crm.example/")


def leaves(phrases: Any, *path: Any) -> Iterator[tuple[tuple[Any, ...], Any]]:
    for name, value in phrases.items() if isinstance(phrases, dict) else enumerate(phrases):
        if isinstance(value, dict | list):
            yield from leaves(value, *path, name)
        else:
            yield (*path, name), value


def variables(sentence: str) -> set[str]:
    environment = Environment(autoescape=False)  # noqa: S701 - only read
    environment.filters |= dict.fromkeys(("count", "day", "date"), str)
    return meta.find_undeclared_variables(environment.parse(sentence))


def test_both_catalogues_say_the_same() -> None:
    """The same keys but for plurals, and the same words to be filled in; nothing is empty in one alone."""
    zh, en = (dict(leaves(read_phrases(language))) for language in (Language.ZH, Language.EN))
    without_plurals = [{path for path in book if path[0] != "nouns"} for book in (zh, en)]
    assert without_plurals[0] == without_plurals[1]
    for path in without_plurals[0]:
        assert variables(zh[path]) == variables(en[path]), path
        assert bool(zh[path]) == bool(en[path]), path


@pytest.mark.parametrize("language", list(Language))
def test_everything_that_a_reminder_can_be_has_a_name(language: Language) -> None:
    """Classes, levels, kinds, topics, and every template of the company's policy."""
    phrases = read_phrases(language)
    assert set(get_args(CustomerClass)) == set(phrases["classes"])
    assert set(get_args(Level)) == set(phrases["levels"])
    assert set(get_args(ReminderKind)) <= set(phrases["kinds"])
    assert set(get_args(Topic)) == set(phrases["titles"]) == set(phrases["leads"])
    named = list(leaves(load_policy().as_json()))
    assert {value for path, value in named if path[-1] == "template"} <= set(phrases["say"])
    assert {value for path, value in named if path[-1] == "channel"} <= set(phrases["by"])


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("topic", get_args(Topic))
def test_every_topic_can_be_put_into_words(topic: Topic, language: Language) -> None:
    """With one customer and with several, with and without an order, overdue or handed over."""
    bare = Item("C-2", Text(zh="因", en="because"))
    strange = ITEM._replace(template="own_template", by="pigeon", about="bo", overdue=2, level_before="ordinary")
    for items in ((bare,), (ITEM, bare, strange)):
        letter = BOOK.letter(Message("m", "ann", topic, DAY, items, more=3), language, {}, personal=True)
        assert letter.title
        assert letter.lead
        assert items[0].customer_id in text_of(letter)
        assert "{{" not in text_of(letter) + html_of(letter)


def test_a_digest_says_what_a_rep_needs_to_know() -> None:
    """Why now, the last order, what to say, the link; in the reader's language."""
    message = digest("ann", DAY, [ITEM, ITEM._replace(customer_id="C-2", overdue=1)], 10)
    english = text_of(BOOK.letter(message, Language.EN, {}))
    assert "ann · Today's contacts · Monday, 2 March" in english
    assert "2 customers to contact today, about 16 minutes; 1 customer overdue." in english
    assert "1. C-2\n  1 day overdue\n" in english
    assert "Why now: last contact 28 days ago\n  Last order: 2 February 2026\n  How: mail, about 8 minutes" in english
    assert english.count("What to say\n  Ask how sales and stock are") == 1
    assert "https://crm.example/reminders/r-1" in english
    chinese = text_of(BOOK.letter(message, Language.ZH, {}))
    assert "ann · 今日跟进 · 2026年3月2日星期一" in chinese
    assert "今天要联系 2 位客户，约 16 分钟；其中 1 位客户已逾期。" in chinese
    assert "为什么现在：上次联系在 28 天前" in chinese


def test_what_to_say_stands_once_however_many_customers_share_it() -> None:
    """Several texts have numbers that the customers refer to; a single customer's text stands with the customer."""
    sample = ITEM._replace(customer_id="C-2", template="sample_delivered")
    several = text_of(
        BOOK.letter(digest("ann", DAY, [ITEM, sample, ITEM._replace(customer_id="C-9")], 10), Language.EN, {})
    )
    assert several.count("What to say: ①") == 2
    assert several.count("What to say: ②") == 1
    assert "① Ask how sales" in several
    assert "② Ask whether the sample arrived" in several
    single = text_of(BOOK.letter(digest("ann", DAY, [ITEM], 10), Language.EN, {}))
    assert "What to say: Ask how sales" in single


def test_a_digest_puts_the_most_pressing_first() -> None:
    """A level about to fall, then what is overdue longest, then by date; what is too much is said to be there."""
    items = [
        ITEM._replace(customer_id="today"),
        ITEM._replace(customer_id="late", overdue=3),
        ITEM._replace(customer_id="falling", kind="falling"),
        ITEM._replace(customer_id="later", due_on=date(2026, 3, 3)),
    ]
    message = digest("ann", DAY, items, 3)
    assert [item.customer_id for item in message.items] == ["falling", "late", "today"]
    assert message.more == 1
    assert BOOK.letter(message, Language.EN, {}).foot == "The full list has 1 customer more."


def test_the_companys_own_words_replace_ours() -> None:
    """By the template's name, in both languages."""
    own = {"contract_monthly": Text(zh="自有话术", en="own words")}
    message = Message("m", "ann", "reminder", DAY, (ITEM,))
    assert "说什么：自有话术" in text_of(BOOK.letter(message, Language.ZH, own))
    assert "What to say: own words" in text_of(BOOK.letter(message, Language.EN, own))


def test_mail_escapes_what_names_could_smuggle_in() -> None:
    """A customer's name is text, not markup."""
    evil = ITEM._replace(customer_id="<script>alert(1)</script>")
    html = html_of(BOOK.letter(Message("m", "ann", "reminder", DAY, (evil,)), Language.EN, {}))
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_mail_says_in_which_language_it_is() -> None:
    """Screen readers and translators go by it, and each title has a sign beyond ASCII."""
    for language in Language:
        html = html_of(BOOK.letter(Message("m", "ann", "reminder", DAY, (ITEM,)), language, {}))
        assert f'<html lang="{language.value}">' in html


def test_items_survive_the_way_through_the_database() -> None:
    """What is kept as JSON is read back equal."""
    full = ITEM._replace(plan_required=True, about="bo", overdue=2, level_before="lapsed", kind="falling")
    for item in (ITEM, full, Item("C-2", Text(zh="", en=""))):
        assert Item.of_json(item.as_json()) == item


@pytest.mark.parametrize("language", list(Language))
def test_a_group_is_told_of_a_task_only_that_something_waits(language: Language) -> None:
    """Which file it is, who asks and the link that decides go to the person alone."""
    book = PhraseBook("https://crm.example/", lambda person, subject: f"https://archive.example/{person}/{subject}")
    task = Item("customer:C-1", Text(zh="请签批", en="please sign"), "t-1", kind="request.sign", asks="r-1/1")
    told = Item("customer:C-2", Text(zh="可查阅", en="you may consult"), "t-2", kind="grant.open")
    message = Message("m", "ann", "task", DAY, (task, told))
    group = text_of(book.letter(message, language, {}))
    assert "ann" in group
    assert "2" in group
    assert not any(secret in group for secret in ("C-1", "C-2", "https://", "签批", "sign"))
    mine = book.letter(message, language, {}, personal=True)
    assert [block.link for block in mine.blocks] == ["https://archive.example/ann/r-1/1", None]
    assert task.why.in_(language) in text_of(mine)
