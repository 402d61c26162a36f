"""How well a text asks for what the company sells (K5).

The catalogue gives terms: an article's name, its other words, its number, its category. A term is in a text as far as
its words are, each weighing by how few articles share it (the inverse document frequency of text retrieval): "set"
says little, "gaiwan" much. Misspelt words count by their likeness, so that what a buyer in a hurry wrote is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from math import log
from typing import Final, NamedTuple

from rapidfuzz import fuzz, process

from services.scoring.domain.potential.tokens import is_paired, tokens_of
from shared.policy.potential import Matching

SEPARATORS: Final = re.compile(r"[;；,，、|/\n]+")
SHORTEST_MISSPELT: Final = 5
"""Shorter words that differ in a letter are other words: tray, gray."""
NUMBERED: Final = re.compile(r"(?=.*[^\W\d_])(?=.*\d).{4,}")
"""An article's number that nobody writes by chance: letters and digits, four or more."""


class Article(NamedTuple):
    """A line of the catalogue; `words` are other names in any language, separated by commas or semicolons."""

    sku: str
    name: str
    category: str = ""
    words: str = ""


class Match(NamedTuple):
    """What of the catalogue a text asks for, how surely (0..1), and by which of its words."""

    sku: str
    name: str
    strength: float
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """Words of the catalogue that stand for an article or a category; `worth` is what they weigh together."""

    article: Article
    tokens: tuple[str, ...]
    share: float
    worth: float


class Catalogue:
    """The catalogue as an index of its words; made once for each state of the catalogue."""

    def __init__(self, articles: Sequence[Article], rules: Matching) -> None:
        self._rules = rules
        self._least = float(rules.least)
        self.articles = len(articles)
        # Articles in order of their numbers, so that equal terms always stand for the same one.
        terms: dict[tuple[str, ...], tuple[Article, float]] = {}
        frequency: dict[str, int] = {}
        for article in sorted(articles):
            own: set[str] = set()
            for tokens, share in self._terms_of(article):
                own.update(tokens)
                known = terms.get(tokens)
                if tokens and (known is None or known[1] < share):
                    terms[tokens] = article, share
            for token in own:
                frequency[token] = frequency.get(token, 0) + 1
        self._worth = {token: log(1 + self.articles / count) for token, count in frequency.items()}
        self._terms = [
            Term(article, tokens, share, sum(self._worth[token] for token in tokens))
            for tokens, (article, share) in terms.items()
        ]
        self._places: dict[str, list[int]] = {}
        for place, term in enumerate(self._terms):
            for token in term.tokens:
                self._places.setdefault(token, []).append(place)
        self._by_initial: dict[str, list[str]] = {}
        for token in sorted(self._worth):
            if len(token) >= SHORTEST_MISSPELT and not is_paired(token):
                self._by_initial.setdefault(token[0], []).append(token)

    def search(self, text: str, most: int = 3) -> list[Match]:
        """The articles that a text asks for, the surest first, each once; what is below the least is left out."""
        likeness: dict[str, float] = {}
        for word in dict.fromkeys(tokens_of(text)):
            for token, like in self._known(word):
                likeness[token] = max(likeness.get(token, 0.0), like)
        found: dict[int, float] = {}
        for token, like in likeness.items():
            for place in self._places[token]:
                found[place] = found.get(place, 0.0) + like * self._worth[token]
        best: dict[str, tuple[float, float, int]] = {}
        for place, worth in found.items():
            term = self._terms[place]
            # Rounded, so that what was added in another order is the same.
            strength = round(min(worth / term.worth, 1.0) * term.share, 6)
            if strength < self._least:
                continue
            # Of terms as sure as one another the one that says more is the evidence.
            found_here, known = (-strength, -term.worth, place), best.get(term.article.sku)
            if known is None or found_here < known:
                best[term.article.sku] = found_here
        surest = nsmallest(most, ((weakness, sku, place) for sku, (weakness, _, place) in best.items()))
        return [self._match(self._terms[place], -weakness, likeness) for weakness, _, place in surest]

    def _known(self, word: str) -> Iterator[tuple[str, float]]:
        """The catalogue's word that a word of the text is, or is misspelt for."""
        if word in self._worth:
            yield word, 1.0
        elif len(word) >= SHORTEST_MISSPELT and not is_paired(word):
            near = process.extractOne(
                word,
                self._by_initial.get(word[0], ()),
                scorer=fuzz.ratio,
                score_cutoff=100 * float(self._rules.spelling),
            )
            if near is not None:
                yield near[0], near[1] / 100

    def _match(self, term: Term, strength: float, likeness: Mapping[str, float]) -> Match:
        words = tuple(joined_pairs([token for token in term.tokens if token in likeness]))
        return Match(term.article.sku, term.article.name, strength, words)

    def _terms_of(self, article: Article) -> Iterator[tuple[tuple[str, ...], float]]:
        yield self._tokens(article.name), 1.0
        if NUMBERED.fullmatch(article.sku):
            yield self._tokens(article.sku), 1.0
        for words in SEPARATORS.split(article.words):
            yield self._tokens(words), 1.0
        yield self._tokens(article.category), float(self._rules.category)

    def _tokens(self, text: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(tokens_of(text)))


def joined_pairs(tokens: Iterable[str]) -> Iterator[str]:
    """Words as one reads them: neighbouring pairs of characters grown together again."""
    grown = ""
    for token in tokens:
        if grown and is_paired(token) and is_paired(grown) and grown[-1] == token[0]:
            grown += token[1:]
            continue
        if grown:
            yield grown
        grown = token
    if grown:
        yield grown
