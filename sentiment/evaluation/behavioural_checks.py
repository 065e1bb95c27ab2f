"""Checks of what a sentiment model can do, capability by capability, on sentences written for it (sentiment/data).

After Ribeiro et al. (2020), "Beyond Accuracy: Behavioral Testing of NLP Models with CheckList". Accuracy on a corpus
doesn't tell whether a model knows what "not" does; these sentences do.
"""

import csv
import functools
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Literal, Protocol, get_args

from sentiment.corpora.polarity import polarity
from sentiment.evaluation.intervals import share_interval

Expected = Literal["same", "abstain", "positive", "negative"]
NEGATION = "negation"
_EXPECTED: dict[str, Expected] = {expected: expected for expected in get_args(Expected)}
# An intensified sentence may lose so much: between .999 and .998 there is nothing to tell.
_TOLERANCE = 0.05
_NAMES = ("Anna", "Mohammed", "Mei", "Jamal", "Priya", "Carlos", "Ingrid", "Kwame", "Yuki", "Dmitri", "Fatima", "Liam")


class Answer(Protocol):
    """The part of a `Prediction` that is looked at."""

    @property
    def label(self) -> str:
        """The most probable class."""

    @property
    def probabilities(self) -> dict[str, float]:
        """Of every class, by name."""

    @property
    def abstained(self) -> bool:
        """Whether the label is better not used."""


@dataclass(frozen=True)
class Check:
    """Texts that are predicted together, and what must be true of the answers.

    Attributes:
        capability: what it is about.
        texts: one or more.
        expected: "same": all have one label; "abstain": the model says that it doesn't know; "positive", "negative":
            of one text, the label; of two, the second is more so than the first.
    """

    capability: str
    texts: tuple[str, ...]
    expected: Expected

    def passes(self, answers: Sequence[Answer]) -> bool:
        """Tells whether the answers, one for each text, are as they must be."""
        if self.expected == "same":
            return len({answer.label for answer in answers}) == 1
        if self.expected == "abstain":
            return answers[0].abstained
        if len(answers) == 1:
            return _share(answers[0], self.expected) == max(answers[0].probabilities.values())
        before, after = (_share(answer, self.expected) for answer in answers)
        return after > before if self.capability != "intensity" else after > before - _TOLERANCE

    def witnesses(self, answers: Sequence[Answer]) -> tuple[str, ...]:
        """Returns the texts, at most two, that show why the check fails."""
        if self.expected != "same":
            return self.texts
        other = next(place for place, answer in enumerate(answers) if answer.label != answers[0].label)
        return self.texts[0], self.texts[other]


@dataclass(frozen=True)
class Result:
    """How many of a capability's checks a model passes.

    Attributes:
        capability: what they are about.
        passed: how many it passes.
        checks: of how many.
        failed: of each of the others the texts, at most two, that show it.
    """

    capability: str
    passed: int
    checks: int
    failed: tuple[tuple[str, ...], ...]

    @property
    def rate(self) -> float:
        """The share that passes."""
        return self.passed / self.checks

    @property
    def interval(self) -> tuple[float, float]:
        """The 95% interval of `rate`, were other sentences written for the same capability."""
        return share_interval(self.passed, self.checks)


def check_behaviour(
    predict: Callable[[Sequence[str]], Sequence[Answer]],
    label_names: Sequence[str],
    negation_part: Literal["develop", "unseen"] = "develop",
) -> list[Result]:
    """Runs every check that means something for a model's labels; without sentiments, only what must stay the same.

    Args:
        predict: a `Predictor`.
        label_names: its classes.
        negation_part: which half of the negation pairs. "unseen" is for the last measurement of a finished model:
            whoever looks at it while choosing a model has it no longer.
    """
    sentiments = {-1, 1} <= {polarity(name) for name in label_names}
    directed = ("positive", "negative")
    checks = [check for check in read_checks(negation_part) if sentiments or check.expected not in directed]
    answers = iter(predict([text for check in checks for text in check.texts]))
    outcomes = [(check, [next(answers) for _ in check.texts]) for check in checks]
    by_capability: dict[str, list[tuple[str, ...]]] = {}
    for check, said in outcomes:
        by_capability.setdefault(check.capability, []).append(() if check.passes(said) else check.witnesses(said))
    return [
        Result(capability, found.count(()), len(found), tuple(filter(None, found)))
        for capability, found in by_capability.items()
    ]


def read_checks(negation_part: Literal["develop", "unseen"] = "develop") -> list[Check]:
    """Returns all checks that come along; of the negation pairs one half."""
    pairs = [row for row in _rows("negation_pairs.csv") if row["part"] == negation_part]
    checks = [Check(NEGATION, _worse_first(row), "positive") for row in pairs]
    for row in _rows("behaviour.csv"):
        texts = tuple(row["text"].format(name=name) for name in _NAMES) if "{name}" in row["text"] else (row["text"],)
        expected = _EXPECTED[row["expected"]]
        checks.append(Check(row["capability"], (*texts, *filter(None, [row["other"]])), expected))
    return checks


def _worse_first(row: dict[str, str]) -> tuple[str, str]:
    pair = row["negated"], row["affirmative"]
    return pair if row["positive"] == "affirmative" else pair[::-1]


def _share(answer: Answer, side: str) -> float:
    return sum(p for name, p in answer.probabilities.items() if polarity(name) == polarity(side))


@functools.cache
def _rows(name: str) -> list[dict[str, str]]:
    text = (resources.files("sentiment") / "data" / name).read_bytes().decode("utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))
