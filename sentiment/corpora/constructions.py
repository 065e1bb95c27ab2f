"""Constructions: short English texts whose sentiment isn't that of their words one by one, and texts without any.

Negations that end with their clause, negated bad words, comparisons, wishes, idioms, emoji, single words; facts,
numbers and other languages, in which there is nothing to judge. Templates and words are our own (`sentiment/data`): one
half is for developing and fitting, the other, with other templates and other words, for measuring alone. Sentences that
were written one by one stand beside the first half.
"""

import functools
import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from sentiment.corpora.polarity import labels_by_polarity
from sentiment.text.idioms import idioms
from sentiment.text.word_lists import shipped_lines, shipped_ratings

Half = Literal["train", "held_out"]
Side = Literal["positive", "negative", "nothing"]
_SIDES: dict[str, Side] = {side: side for side in get_args(Side)}
_SLOT = re.compile(r"\{(\w+)([+-]?)\}")
_BEFORE_VOWEL = re.compile(r"\b([Aa])(?= (?!us)[aeiou])")
_OPPOSITE: dict[Side, Side] = {"positive": "negative", "negative": "positive"}
PER_TEMPLATE = 6  # texts of a template and a label, where it has slots enough
MOST_PER_TEMPLATE = 30  # some have few words to fill a slot with
_TELLING = 1.0  # a rating, of at most 4
_ENDINGS = ("", "", ".", "!")


@dataclass(frozen=True)
class Construction:
    """A text, what it is an example of, and its label.

    Attributes:
        kind: "clause", "negated", "never", "compared", "wish", "plain", "short", "idiom", "emoji", "tweet", "fact" or
            "foreign".
        label: its sentiment, or "nothing" to judge.
        text: as someone might write it.
    """

    kind: str
    label: Side
    text: str


@functools.cache
def constructions(half: Half, per_template: int = PER_TEMPLATE) -> tuple[Construction, ...]:
    """Returns the texts of one half, each once, in the same order always.

    Args:
        half: which.
        per_template: so many texts at most of a template and a label; a template that is one slot gives all its words.
    """
    slots, templates = _read(half)
    found: dict[str, Construction] = {}
    for kind, asked, template in templates:
        for label, side in _labels(asked, template):
            for text in _filled(template, side, slots, per_template):
                found.setdefault(text, Construction(kind, label, text))
    return tuple(found.values())


@functools.cache
def sentences() -> tuple[Construction, ...]:
    """Returns the sentences that were written one by one: of the same kinds, but for "short"."""
    rows = (line.split("\t") for line in shipped_lines("sentences.txt"))
    return tuple(Construction(kind, _SIDES[label], text) for kind, label, text in rows)


@functools.cache
def rated_alone() -> tuple[Construction, ...]:
    """Returns our rated emoji, words and idioms (`sentiment/data`), each as a text with the label of its rating."""
    ours = {"emoji": shipped_ratings("emoji.txt"), "short": shipped_ratings("words.txt"), "idiom": idioms(phrases=True)}
    return tuple(
        Construction(kind, "positive" if rating > 0 else "negative", text)
        for kind, ratings in ours.items()
        for text, rating in ratings.items()
        if abs(rating) >= _TELLING
    )


def with_and_without_opinions(label_names: Sequence[str]) -> tuple[list[str], list[str]] | None:
    """Returns opinions (of the first half, and rated ones) and texts from which a model of these labels should abstain.

    Where there is a neutral label, facts have it, and only other languages are left to abstain from. The answer is None
    for labels that aren't sentiments (`labels_by_polarity`).
    """
    sides = labels_by_polarity(label_names)
    if sides is None:
        return None
    texts = constructions("train")
    nothing = [each.text for each in texts if each.kind == "foreign" or (each.kind == "fact" and 0 not in sides)]
    return [each.text for each in (*texts, *rated_alone()) if each.label != "nothing"], nothing


def _read(half: Half) -> tuple[Mapping[str, Sequence[Sequence[str]]], Sequence[Sequence[str]]]:
    """Returns slot -> its words, in one list or in two (good, bad); and templates: kind, label, template."""
    slots: dict[str, Sequence[Sequence[str]]] = {}
    templates: list[Sequence[str]] = []
    for line in filter(None, shipped_lines(f"constructions_{half}.txt")):
        name, is_slot, words = line.partition(" = ")
        if is_slot:
            slots[name] = [side.strip().split(", ") for side in words.split("|")]
        else:
            templates.append(line.split("\t"))
    return slots, templates


def _labels(asked: str, template: str) -> Iterator[tuple[Side, Side]]:
    """Yields (label, the side of the words in slots without a sign) of each kind of text of a template."""
    if asked in _SIDES:
        yield _SIDES[asked], "positive"
        return
    for side, opposite in _OPPOSITE.items():
        yield (side if asked == "same" else opposite), side


def _filled(template: str, side: Side, slots: Mapping[str, Sequence[Sequence[str]]], most: int) -> Iterator[str]:
    """Yields up to `most` texts of a template; of one that is a slot and no more, one of each of its words."""
    chance = random.Random(f"{template} {side}")

    def words(slot: re.Match[str]) -> Sequence[str]:
        both = slots[slot[1]]
        bad = slot[2] == "-" or (not slot[2] and side == "negative")
        return both[bad if len(both) > 1 else 0]

    if alone := _SLOT.fullmatch(template):
        filled: Iterable[str] = words(alone)
    else:
        times = most if _SLOT.search(template) else 1
        filled = (_SLOT.sub(lambda slot: chance.choice(words(slot)), template) for _ in range(times))
    texts: dict[str, None] = {}
    for text in filled:
        text = _BEFORE_VOWEL.sub(r"\1n", text)
        if chance.random() < 0.5:
            text = text[0].upper() + text[1:]
        texts[text + (chance.choice(_ENDINGS) if text[-1].isalnum() else "")] = None
    yield from texts
