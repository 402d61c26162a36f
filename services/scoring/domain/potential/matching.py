"""How well a text asks for what the company sells (K5).

The catalogue gives terms: an article's name, its other words, its number, its category. A term is in a text as far as
its words are, each weighing by how few articles share it (the inverse document frequency of text retrieval): "set"
says little, "gaiwan" much. Misspelt words count by their likeness, so that what a buyer in a hurry wrote is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from heapq import nsmallest
from math import log
from typing import Final, NamedTuple

from rapidfuzz import fuzz, process

from services.scoring.domain.potential.tokens import is_paired, tokens_of
from shared.policy.potential import Matching

SEPARATORS: Final = re.compile(r"[;；,，、|/\n]+")
REMEMBERED: Final = 100_000  # words, some 10 MB
ROUNDED: Final = 1e-6
"""What a strength may gain by rounding."""
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
        places: dict[str, list[int]] = {}
        for place, term in enumerate(self._terms):
            for token in term.tokens:
                places.setdefault(token, []).append(place)
        # Loaded with a catalogue: most installations of the service come up without one.
        import numpy  # noqa: PLC0415, ICN001 - as in `analyses.purchases`

        self._numpy = numpy
        self._places = {token: numpy.array(found, numpy.int32) for token, found in places.items()}
        # How surely a text asks for a term: what is found of it times the first, at most the second.
        self._shares = numpy.array([term.share / term.worth for term in self._terms])
        self._most = numpy.array([term.share for term in self._terms])
        # Of a hundred thousand inquiries most words come again and again.
        self._known = lru_cache(REMEMBERED)(self._find_known)
        self._by_initial: dict[str, list[str]] = {}
        for token in sorted(self._worth):
            if len(token) >= SHORTEST_MISSPELT and not is_paired(token):
                self._by_initial.setdefault(token[0], []).append(token)

    def search(self, text: str, most: int = 3) -> list[Match]:
        """The articles that a text asks for, the surest first, each once; what is below the least is left out."""
        likeness: dict[str, float] = {}
        for word in dict.fromkeys(tokens_of(text)):
            known = self._known(word)
            if known is not None:
                token, like = known
                likeness[token] = max(likeness.get(token, 0.0), like)
        best: dict[str, tuple[float, float, int]] = {}
        enough = 0.0
        for place, worth, rough in self._near(likeness):
            if rough < enough:
                break
            term = self._terms[place]
            # Rounded, so that what was added in another order is the same.
            strength = round(min(worth / term.worth, 1.0) * term.share, 6)
            if strength < self._least:
                continue
            # Of terms as sure as one another the one that says more is the evidence.
            found_here, before = (-strength, -term.worth, place), best.get(term.article.sku)
            if before is None or found_here < before:
                best[term.article.sku] = found_here
                if len(best) == most and not enough:
                    # The surest come first: of those to come only equals may still take a place.
                    enough = strength - 2 * ROUNDED
        surest = nsmallest(most, ((weakness, sku, place) for sku, (weakness, _, place) in best.items()))
        return [self._match(self._terms[place], -weakness, likeness) for weakness, _, place in surest]

    def _near(self, likeness: Mapping[str, float]) -> list[tuple[int, float, float]]:
        """The terms that a text may ask for, the surest first: the place, what of it is in the text, how surely.

        A text has words in common with thousands of terms and asks for a few: they are added up all at once.
        """
        if not likeness:
            return []
        numpy = self._numpy
        found = [self._places[token] for token in likeness]
        worths = [like * self._worth[token] for token, like in likeness.items()]
        worth = numpy.bincount(
            numpy.concatenate(found), numpy.repeat(worths, [len(each) for each in found]), len(self._terms)
        )
        strength = numpy.minimum(worth * self._shares, self._most)
        near = numpy.flatnonzero(strength >= self._least - ROUNDED)
        near = near[numpy.argsort(-strength[near], kind="stable")]
        return list(zip(near.tolist(), worth[near].tolist(), strength[near].tolist(), strict=True))

    def _find_known(self, word: str) -> tuple[str, float] | None:
        """The catalogue's word that a word of the text is, or is misspelt for; None: neither."""
        if word in self._worth:
            return word, 1.0
        if len(word) >= SHORTEST_MISSPELT and not is_paired(word):
            near = process.extractOne(
                word,
                self._by_initial.get(word[0], ()),
                scorer=fuzz.ratio,
                score_cutoff=100 * float(self._rules.spelling),
            )
            if near is not None:
                return near[0], near[1] / 100
        return None

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
