"""Tokens that alone (nearly) decide a corpus's labels: what a model may have learned in place of language.

The labels of `twitter_samples` are its emoticons; whoever looks for one of them needs no model.
"""

import copy
import unicodedata
from collections.abc import Container, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from sentiment.corpora import Corpus
from sentiment.text.preprocessor import Preprocessor

LEAK = 0.5  # a rule that makes at most so many of the majority class's errors is called a leak
_FEWEST = 5  # texts a token must be in: what is rarer decides nothing
_MOST_TOGETHER = 5
_UNEVEN = 3.0  # times as large a share of training texts as of the others, or of the others as of training texts
_BY_CHANCE = 5.0  # standard deviations of a count that chance may explain


@dataclass(frozen=True)
class Rule:
    """A text with any of the tokens is of one class, every other of another: found in training, tried on the rest.

    Attributes:
        tokens: words, emoji or emoticons, in lower case; what can't be seen by its number, as "U+FE0F".
        label: the class of the texts that have one.
        otherwise: the class of those that have none.
        accuracy: the share of held-out texts that the rule gets right.
        coverage: the share of held-out texts that have a token.
        precision: of these, the share that are of the class; NaN where there is none.
        trained: the share of training texts that have a token.
    """

    tokens: tuple[str, ...]
    label: str
    otherwise: str
    accuracy: float
    coverage: float
    precision: float
    trained: float


@dataclass(frozen=True)
class LeakAudit:
    """The rules that are right most often.

    Attributes:
        alone: rules of one token, those that are best on the training rows first.
        together: the first of them, with the few tokens that help it most.
        majority: the accuracy of the most frequent training class on the same held-out texts.
        n_texts: how many held-out texts there are.
    """

    alone: tuple[Rule, ...]
    together: Rule
    majority: float
    n_texts: int

    @property
    def mended(self) -> float:
        """The share of the majority class's errors that the rule doesn't make."""
        return 1 - (1 - self.together.accuracy) / max(1 - self.majority, 1e-9)

    @property
    def leaking(self) -> bool:
        """Whether a rule makes at most half of the majority class's errors."""
        return 1 - self.together.accuracy <= LEAK * (1 - self.majority)

    @property
    def uneven(self) -> tuple[Rule, ...]:
        """The rules of one token that is in far more, or fewer, of the training texts than of the held-out ones.

        Then the splits were made in different ways, and what a model learns of the token misleads it.
        """
        return tuple(filter(self._is_uneven, self.alone))

    def _is_uneven(self, rule: Rule) -> bool:
        fewer, more = sorted((rule.trained, rule.coverage))
        by_chance = _BY_CHANCE * (self.n_texts * more) ** 0.5
        return more > _UNEVEN * fewer and self.n_texts * (more - fewer) > by_chance

    def verdict(self) -> str:
        """Returns the audit in a sentence."""
        rule = self.together
        figures = (
            f"{rule.accuracy:.4f} of {self.n_texts:,} held-out texts right, the majority class {self.majority:.4f}"
        )
        tokens = " or ".join(rule.tokens)
        if not self.leaking:
            return f"no few tokens decide the label: the best, {tokens}, get {figures}"
        return f"{tokens} ({rule.label} with, {rule.otherwise} without) get {figures}"

    def to_dict(self) -> dict:
        """Returns the fields, and "uneven", for JSON."""
        return asdict(self) | {"uneven": [asdict(rule) for rule in self.uneven]}

    def lines(self) -> list[str]:
        """Returns the verdict and each rule of one token as lines of text."""
        told = [f"leak audit: {'weak labels: ' if self.leaking else ''}{self.verdict()}"]
        for rule in self.alone:
            share = f"in {rule.coverage:.1%} of texts" + (f", {rule.precision:.1%} of them" if rule.coverage else "")
            told.append(f"token {rule.tokens[0]}: {rule.accuracy:.4f} right as {rule.label}; {share}")
        for rule in self.uneven:
            shares = f"{rule.trained:.1%} of the training texts and {rule.coverage:.1%} of the held-out ones"
            told.append(f"token {rule.tokens[0]}: in {shares}; the splits were made in different ways")
        return told


def audit_leaks(corpus: Corpus, most: int = 10) -> LeakAudit | None:
    """Finds the tokens whose presence tells most about the label.

    A token of signs alone, such as an emoticon, counts wherever it stands in the text, as in ":(((".

    Where a text may have several labels, each is audited by itself, and the one that tokens give away most is returned.

    Args:
        corpus: what isn't in its training split is held out.
        most: rules of one token to return.

    Returns:
        None where nothing trains or is held out, or no token is in five training texts.
    """
    train = corpus.splits.get("train", np.empty(0, np.int64))
    rest = np.setdiff1d(np.concatenate([train, *corpus.splits.values()]), train)
    seen, held_out = _Texts(corpus, train), _Texts(corpus, rest)
    if not corpus.several:
        return _audited(seen, held_out, corpus.label_names, most)
    audits = (
        _audited(seen.of_label(label), held_out.of_label(label), (f"not {name}", name), most)
        for label, name in enumerate(corpus.label_names)
    )
    return max(filter(None, audits), key=lambda audit: audit.mended, default=None)


def _audited(seen: "_Texts", held_out: "_Texts", names: Sequence[str], most: int) -> LeakAudit | None:
    totals = np.bincount(seen.labels, minlength=len(names))
    found = {token: seen.has(token) for token in _candidates(seen, totals)}
    if not found or not len(held_out.labels):
        return None
    ranked = sorted(found, key=lambda token: (-_best(found[token], seen.labels, totals)[0], token))
    alone = [_tried((token,), found[token], seen, held_out, totals, names) for token in ranked[:most]]
    tokens = _together(ranked, found, seen, totals)
    has = np.any([found[token] for token in tokens], axis=0)
    together = _tried(tokens, has, seen, held_out, totals, names)
    majority = float((held_out.labels == totals.argmax()).mean())
    return LeakAudit(tuple(alone), together, majority, len(held_out.labels))


class _Texts:
    """Some rows of a corpus: their labels, and which of them have a token."""

    def __init__(self, corpus: Corpus, rows: np.ndarray):
        words = Preprocessor(stop_words="keep", stem=False, users="token", urls="token")
        self.labels = corpus.labels[rows]
        self._texts = [corpus.texts[row].casefold() for row in rows]
        self.tokens = [set(words(text)) for text in self._texts]
        self._having: dict[str, np.ndarray] = {}

    def of_label(self, label: int) -> "_Texts":
        """Returns the texts in two classes: 1 where they have one of several labels, else 0."""
        parted = copy.copy(self)
        parted.labels = self.labels[:, label].astype(np.int64)
        return parted

    def has(self, token: str) -> np.ndarray:
        """Returns <bool>[rows]."""
        if token not in self._having:
            places: Sequence[Container[str]] = self.tokens if any(map(str.isalnum, token)) else self._texts
            self._having[token] = np.array([token in each for each in places], bool)
        return self._having[token]


def _best(has: np.ndarray, labels: np.ndarray, totals: np.ndarray) -> tuple[int, int, int]:
    """Returns how many rows the best rule gets right, and its two classes."""
    counts = np.bincount(labels[has], minlength=len(totals))
    label, otherwise = int(counts.argmax()), int((totals - counts).argmax())
    return int(counts[label] + (totals - counts)[otherwise]), label, otherwise


def _together(ranked: list[str], found: dict[str, np.ndarray], seen: _Texts, totals: np.ndarray) -> tuple[str, ...]:
    """Adds to the best token, one by one, that which helps most, as long as it mends a hundredth of the rows."""
    tokens, has = [ranked[0]], found[ranked[0]]
    while len(tokens) < _MOST_TOGETHER:
        scores = {token: _best(has | found[token], seen.labels, totals)[0] for token in ranked}
        token = max(ranked, key=scores.__getitem__)
        if scores[token] - _best(has, seen.labels, totals)[0] < 0.01 * len(seen.labels):
            break
        tokens, has = [*tokens, token], has | found[token]
    return tuple(tokens)


def _tried(
    tokens: tuple[str, ...], has: np.ndarray, seen: _Texts, held_out: _Texts, totals: np.ndarray, names: Sequence[str]
) -> Rule:
    _, label, otherwise = _best(has, seen.labels, totals)
    also = np.any([held_out.has(token) for token in tokens], axis=0)
    right = held_out.labels == np.where(also, label, otherwise)
    precision = float(right[also].mean()) if also.any() else float("nan")
    figures = (float(right.mean()), float(also.mean()), precision, float(has.mean()))
    return Rule(tuple(map(_told, tokens)), names[label], names[otherwise], *figures)


def _told(token: str) -> str:
    unseen = all(unicodedata.category(character)[0] in "CMZ" for character in token)
    return " ".join(f"U+{ord(character):04X}" for character in token) if unseen else token


def _candidates(seen: _Texts, totals: np.ndarray) -> list[str]:
    """Returns the tokens whose rules are right most often, each counted as a whole; more than will be shown."""
    counts: dict[str, np.ndarray] = {}
    for present, label in zip(seen.tokens, seen.labels.tolist(), strict=True):
        for token in present:
            counts.setdefault(token, np.zeros(len(totals), np.int64))[label] += 1
    often = [token for token, count in counts.items() if count.sum() >= _FEWEST]
    return sorted(often, key=lambda token: (-(counts[token].max() + (totals - counts[token]).max()), token))[:50]
