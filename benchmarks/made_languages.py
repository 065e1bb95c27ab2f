"""Corpora in made languages: invented words in four ways of writing, with morphemes that tell the classes apart.

Nothing in them is of a real text: roots and endings are drawn from an alphabet. A text is of one class; most of its
words are neutral, by Zipf's law, some carry a morpheme of the class and fewer, as noise, one of the other class.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sentiment.corpora.corpus import Corpus, Provenance

LABELS = ("negative", "positive")
_N_NEUTRAL, _N_POLAR = 1500, 50  # roots; polar ones of each class
_N_WORDS = (5, 16)  # of a text
_POLAR, _NOISE = 0.25, 0.05  # the share of words that speak for the class, and against it

_HAN = [chr(code) for code in range(0x4E00, 0x4E00 + 700)]
_ARABIC = list("ابتثجحخدذرزسشصضطظعغفقكلمنهوي")
_CONSONANTS, _VOWELS = list("bdghklmnprstvwy"), list("aeiou")
_ACCENTED_VOWELS = list("aeiouyåæøéü")


@dataclass(frozen=True)
class _Language:
    """How words are made of roots, and a text of words.

    Attributes:
        root: random -> an invented root.
        inflected: (root, random) -> the word as it stands in a text.
        between: what stands between two words.
        end: of a sentence.
    """

    root: Callable[[np.random.Generator], str]
    inflected: Callable[[str, np.random.Generator], str]
    between: str
    end: str


def made_corpus(language: str, n_texts: int, seed: int = 0) -> Corpus:
    """Returns a corpus of one of `LANGUAGES`; 70% of the texts train, 10% validate, 20% test.

    Args:
        language: "unspaced" (Chinese characters), "right_to_left" (Arabic letters; roots in patterns, prefixes),
            "agglutinating" (roots with up to four endings, one of which is polar), "accented" (compounds).
        n_texts: as many of each class.
        seed: of the words and the texts.
    """
    random = np.random.default_rng([seed, sorted(LANGUAGES).index(language)])
    kind = LANGUAGES[language]
    roots = _distinct(kind.root, _N_NEUTRAL + 2 * _N_POLAR, random)
    neutral, polar = roots[2 * _N_POLAR :], (roots[:_N_POLAR], roots[_N_POLAR : 2 * _N_POLAR])
    labels = np.resize([0, 1], n_texts)
    texts = tuple(_text(kind, neutral, polar, label, random) for label in labels)
    order = random.permutation(n_texts)
    ends = (0, n_texts * 7 // 10, n_texts * 8 // 10, n_texts)
    splits = {
        name: np.sort(order[start:end])
        for name, start, end in zip(("train", "validation", "test"), ends, ends[1:], strict=False)
    }
    provenance = Provenance("benchmarks/made_languages.py", str(seed), "", "ours")
    return Corpus(f"made-{language}", texts, labels, LABELS, splits, provenance)


def _text(kind: _Language, neutral: list[str], polar, label: int, random: np.random.Generator) -> str:
    words = []
    for _ in range(random.integers(*_N_WORDS)):
        drawn = random.random()
        if drawn < _POLAR + _NOISE:
            root = random.choice(polar[label if drawn < _POLAR else 1 - label])
        else:
            root = neutral[min(random.zipf(1.25) - 1, len(neutral) - 1)]
        words.append(kind.inflected(str(root), random))
    cut = int(random.integers(1, len(words) + 1))
    sentences = [kind.between.join(part) + kind.end for part in (words[:cut], words[cut:]) if part]
    return kind.between.join(sentences)


def _distinct(make: Callable[[np.random.Generator], str], n: int, random: np.random.Generator) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < n:
        found[make(random)] = None
    return list(found)


def _joined(letters: list[str], n: int, random: np.random.Generator) -> str:
    return "".join(random.choice(letters, n))


def _syllables(vowels: list[str], n: int, random: np.random.Generator) -> str:
    return "".join(_joined(_CONSONANTS, 1, random) + _joined(vowels, 1, random) for _ in range(n))


def _templatic(root: str, random: np.random.Generator) -> str:
    first, second, third = root
    pattern = random.choice(["{}{}{}", "{}ا{}{}", "م{}{}و{}", "{}{}ي{}", "ت{}{}{}"])
    prefix, suffix = random.choice(["", "", "ال", "و", "ب"]), random.choice(["", "", "ة", "ها", "ون"])
    return prefix + pattern.format(first, second, third) + suffix


def _with_endings(root: str, random: np.random.Generator) -> str:
    endings = ("lar", "im", "da", "ki", "mus", "siz", "nya", "kan", "ler", "imiz")
    return root + "".join(random.choice(endings, random.integers(0, 4)))


def _compound(root: str, random: np.random.Generator) -> str:
    tail = random.choice(["", "", "", "hød", "lægt", "vår", "skæb", "inge", "érne", "s"])
    head = random.choice(["", "", "", "for", "ånd", "ü"])
    return head + root + tail


LANGUAGES = {
    "unspaced": _Language(lambda r: _joined(_HAN, int(r.integers(1, 4)), r), lambda root, _: root, "", "。"),
    "right_to_left": _Language(lambda r: _joined(_ARABIC, 3, r), _templatic, " ", "."),
    "agglutinating": _Language(lambda r: _syllables(_VOWELS, int(r.integers(2, 4)), r), _with_endings, " ", "."),
    "accented": _Language(lambda r: _syllables(_ACCENTED_VOWELS, int(r.integers(1, 4)), r), _compound, " ", "."),
}
