"""Messages in words: a catalogue per language, dates, numbers and plurals as each language has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache, partial
from importlib.resources import files
from typing import Any, Final

import yaml
from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal
from jinja2 import StrictUndefined, Template
from jinja2.sandbox import SandboxedEnvironment

from services.followup.domain.letters import Block, Letter, Line
from services.followup.domain.notices import Item, Message
from shared.words import Language, Text

LOCALES: Final = {Language.ZH: Locale("zh", script="Hans"), Language.EN: Locale("en", "GB")}
# A template of the policy that the catalogue has no words for.
OTHER: Final = "other"
MARKS: Final = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


class PhraseBook:
    """All that messages say, in both languages; `link_base` is the address under which reminders are dealt with.

    `decide` makes the address by which a person decides on something, where there are such links.
    """

    def __init__(self, link_base: str | None = None, decide: Callable[[str, str], str] | None = None) -> None:
        self._decide = decide
        self._books = {language: Book(language) for language in Language}
        self._link_base = None if link_base is None else link_base.rstrip("/")

    def letter(
        self, message: Message, language: Language, say: Mapping[str, Text], *, personal: bool = False
    ) -> Letter:
        """The message in a language; `say` are the company's own words by template.

        Only what goes to one person alone is `personal`: a group is told no more of a task than that something waits.
        """
        book = self._books[language]
        words: dict[str, Any] = {
            "person": message.person,
            "day": message.day,
            "items": message.items,
            "more": message.more,
            "minutes": sum(item.minutes for item in message.items),
            "overdue": sum(item.overdue > 0 for item in message.items),
        }
        blocks: tuple[Block, ...] = ()
        if message.topic == "task":
            blocks = tuple(self._task(book, message, item) for item in message.items) if personal else ()
        elif message.topic != "test":
            sayings = Sayings(book, message, say)
            blocks = tuple(
                self._block(book, message, item, number, sayings) for number, item in enumerate(message.items, 1)
            )
            blocks += sayings.block()
        return Letter(
            title=book.fill("titles", message.topic, words),
            lead=book.fill("leads", message.topic, words),
            blocks=blocks,
            foot=book.fill("feet", "more", words) if message.more and message.topic != "task" else "",
            more=book.phrase("more"),
            link=None
            if self._link_base is None or message.topic in {"test", "task"}
            else f"{self._link_base}/reminders",
            language=language,
        )

    def _task(self, book: Book, message: Message, item: Item) -> Block:
        link = None if self._decide is None or item.asks is None else self._decide(message.person, item.asks)
        return Block(item.customer_id, (Line("", item.why.in_(book.language)),), link)

    def _block(self, book: Book, message: Message, item: Item, number: int, sayings: Sayings) -> Block:
        heading = f"{number}. {item.customer_id}" if len(message.items) > 1 else item.customer_id
        # Why a reminder was issued begins with the level.
        level = book.level(item) if message.topic == "level" else ""
        kind = book.name("kinds", item.kind)
        return Block(
            " · ".join(part for part in (heading, level, kind) if part),
            tuple(self._lines(book, message, item, sayings)),
            None if self._link_base is None or item.reminder_id is None else self._link(item.reminder_id),
        )

    def _lines(self, book: Book, message: Message, item: Item, sayings: Sayings) -> list[Line]:
        lines = [Line(book.label("why"), item.why.in_(book.language))]
        if item.overdue:
            kind = "overdue_digest" if message.topic == "digest" else "overdue"
            lines.insert(0, Line("", book.fill("lines", kind, {"item": item})))
        if item.about is not None:
            lines.append(Line(book.label("about"), item.about))
        if message.topic in {"level", "report"}:
            return lines
        kind = "no_order" if item.last_order_on is None else "last_order"
        lines.append(Line(book.label("last_order"), book.fill("lines", kind, {"item": item})))
        lines += sayings.lines(item)
        if item.by is not None:
            filled = {"item": item, "by": book.name("by", item.by) or item.by}
            lines.append(Line(book.label("work"), book.fill("lines", "work", filled)))
        if item.also:
            lines.append(Line(book.label("also"), book.fill("lines", "also", {"item": item})))
        return lines

    def _link(self, reminder_id: str) -> str:
        return f"{self._link_base}/reminders/{reminder_id}"


class Sayings:
    """What to say, by template: once for all customers of a message, since twenty customers share two or three texts.

    Where there are several, customers refer to them by number.
    """

    def __init__(self, book: Book, message: Message, say: Mapping[str, Text]) -> None:
        self._book = book
        self._say = say
        self._several_customers = len(message.items) > 1
        templates = dict.fromkeys(item.template for item in message.items if item.template is not None)
        self._marks = {template: mark(number) for number, template in enumerate(templates)}

    def lines(self, item: Item) -> list[Line]:
        """What a customer's block says: the words, their number, or nothing where the same words hold for all."""
        if item.template is None or (self._several_customers and len(self._marks) == 1):
            return []
        words = self._marks[item.template] if self._several_customers else self._words(item.template)
        return [Line(self._book.label("say"), words)]

    def block(self) -> tuple[Block, ...]:
        """The words themselves, after the customers."""
        if not self._several_customers or not self._marks:
            return ()
        numbered = len(self._marks) > 1
        lines = (
            Line(f"{number} " if numbered else "", self._words(template)) for template, number in self._marks.items()
        )
        return (Block(self._book.phrase("labels", "say"), tuple(lines)),)

    def _words(self, template: str) -> str:
        own = self._say.get(template)
        return self._book.say(template) if own is None else own.in_(self._book.language)


def mark(number: int) -> str:
    """① for 0, and so on; beyond twenty in plain figures."""
    return MARKS[number] if number < len(MARKS) else f"({number + 1})"


class Book:
    """The catalogue of one language, its sentences compiled."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.phrases = read_phrases(language)
        locale = LOCALES[language]
        # Sandboxed, because a sentence of the catalogue needs nothing that the sandbox withholds.
        environment = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False)
        environment.filters |= {
            "count": partial(counted, locale, self.phrases["nouns"]),
            "day": _by_day(format_date, "full" if language is Language.ZH else "EEEE, d MMMM", locale),
            "date": _by_day(format_date, "long", locale),
        }
        self._sentences: dict[tuple[str, str], Template] = {
            (group, name): environment.from_string(sentence)
            for group in ("titles", "leads", "feet", "lines")
            for name, sentence in self.phrases[group].items()
        }

    def fill(self, group: str, name: str, words: Mapping[str, Any]) -> str:
        """A sentence with its words filled in."""
        return self._sentences[group, name].render(words).strip()

    def phrase(self, *path: str) -> str:
        """Words that need nothing filled in."""
        found = self.phrases
        for name in path:
            found = found[name]
        return str(found)

    def label(self, name: str) -> str:
        """What stands before a sentence."""
        return f"{self.phrases['labels'][name]}{self.phrases['colon']}"

    def name(self, group: str, key: str | None) -> str:
        """What people call something; '' for what has no name here."""
        return str(self.phrases[group].get(key, "")) if key is not None else ""

    def level(self, item: Item) -> str:
        """Class and level as people say them, and the level before where it changed."""
        if item.customer_class is None:
            return ""
        level = f"{self.name('classes', item.customer_class)} ({self.name('levels', item.level)})"
        before = self.name("levels", item.level_before)
        said = f"{before} → {level}" if before else level
        return said.replace(" (", "（").replace(")", "）") if self.language is Language.ZH else said

    def say(self, template: str) -> str:
        """What to say, by the name of a template."""
        words = self.phrases["say"]
        return str(words.get(template, words[OTHER]))


@cache
def read_phrases(language: Language) -> Any:
    """The catalogue as it is written."""
    return yaml.safe_load((files("services.followup.channels") / "phrases" / f"{language}.yaml").read_text("utf-8"))


def counted(locale: Locale, nouns: Mapping[str, Mapping[str, str]], number: int, noun: str) -> str:
    """A number with its noun in the plural that the language asks for: 1 customer, 5 customers, 5 位客户."""
    forms = nouns[noun]
    form = forms.get(locale.plural_form(number)) or forms["other"]
    return f"{format_decimal(number, locale=locale)} {form}"


def _by_day(write: Callable[..., str], how: str, locale: Locale) -> Callable[[date], str]:
    # Fifty customers of a digest share a few dates, and a thousand digests one day.
    @cache
    def written(day: date) -> str:
        return write(day, how, locale=locale)

    return written
