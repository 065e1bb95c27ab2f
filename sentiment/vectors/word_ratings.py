"""Ratings of 20,400 words by people: three lexicons in one, as vectors of three values.

- VADER's (Hutto and Gilbert 2014, MIT licence): 7,500 words, emoticons and abbreviations, each rated by ten people from
  -4 to 4. It comes with the package vaderSentiment. The tweets of the corpus `vader`, by the same authors, were rated
  by other people.
- labMT (Dodds et al. 2011, PLoS ONE 6(12): e26752, Data Set S1; CC BY): 10,222 frequent words of tweets, books,
  newspapers and songs, each rated by fifty people from 1 to 9; most of them are neutral.
- The opinion lexicon (Hu and Liu 2004; CC BY 4.0, as NLTK has it): 6,800 words of reviews, good or bad.

labMT and the opinion lexicon lie in the source distribution of `labMTsimple`, of which nothing else is used, installed
or run. The ratings of idioms (`sentiment.text.idioms`), of 195 emoji and of words that the three lack (`emoji.txt` and
`words.txt` in `sentiment/data`) are our own.
"""

import tarfile
from collections import Counter, defaultdict
from collections.abc import Mapping
from importlib import resources

import numpy as np

from sentiment.download.fetch import Distribution, fetch_distribution
from sentiment.errors import InputError
from sentiment.text.comparisons import MARKS
from sentiment.text.idioms import idioms
from sentiment.text.word_lists import shipped_ratings
from sentiment.vectors.valence import ValenceLexicon

LICENCE = "MIT licence (VADER), CC BY (labMT), CC BY 4.0 (opinion lexicon)"
DISTRIBUTION = Distribution(
    project="labMTsimple",
    version="2.8.8",
    filename="labMTsimple-2.8.8.tar.gz",
    sha256="20674802ff2d74b809f52ccc0804686bf83542d11a008679f3eb4a320d142584",
    size=3_733_166,
    licence="of it two lists of words, CC BY",
)

_DATA = "labMTsimple-2.8.8/labMTsimple/data"
_HAPPINESS = f"{_DATA}/LabMT/labMT1.txt"
_MIDDLE = 5  # of its scale
_GOOD, _BAD = f"{_DATA}/OL/positive-words-clean.txt", f"{_DATA}/OL/negative-words-clean.txt"


def load() -> ValenceLexicon:
    """Reads the lexicons; a word has the mean of its ratings, after the other lexicons' are brought to VADER's scale.

    Raises:
        InputError: the distribution can't be fetched.
    """
    with tarfile.open(fetch_distribution(DISTRIBUTION), "r:gz") as archive:
        happiness, good, bad = (_member(archive, name) for name in (_HAPPINESS, _GOOD, _BAD))
    sides = Counter(good.split())
    sides.subtract(bad.split())
    opinions = {word: float(side) for word, side in sides.items() if side}  # three words are on both lists
    own = {**shipped_ratings("emoji.txt"), **shipped_ratings("words.txt"), **idioms(phrases=True)}
    own |= dict.fromkeys(MARKS, 0.0)
    return ValenceLexicon(merged(vader(), _happiness(happiness), opinions) | own)


def vader() -> dict[str, float]:
    """Returns VADER's ratings, -4 to 4."""
    lines = (resources.files("vaderSentiment") / "vader_lexicon.txt").read_text("utf-8").splitlines()
    return {word: float(rating) for word, rating, *_ in (line.split("\t") for line in lines)}


def merged(first: Mapping[str, float], *others: Mapping[str, float]) -> dict[str, float]:
    """Returns each word's mean rating on the scale of `first`.

    The ratings of each other lexicon are multiplied by one factor, which fits them best (least squares) to those of
    `first` for the words that both rate, at least one of which isn't 0: so 0 stays 0.
    """
    sums: defaultdict[str, float] = defaultdict(float)
    counts: Counter[str] = Counter()
    for lexicon in (first, *others):
        shared = np.array([(lexicon[word], first[word]) for word in lexicon if word in first])
        factor = float(shared[:, 0] @ shared[:, 1] / (shared[:, 0] @ shared[:, 0]))
        for word, rating in lexicon.items():
            sums[word] += factor * rating
            counts[word] += 1
    return {word: total / counts[word] for word, total in sums.items()}


def _member(archive: tarfile.TarFile, name: str) -> str:
    file = archive.extractfile(name)
    if file is None:  # a folder or a link; the pinned archive has a file there
        raise InputError(f"{DISTRIBUTION.filename}, {name}: no file; delete it from the cache, and it is fetched again")
    return file.read().decode("ascii")


def _happiness(table: str) -> dict[str, float]:
    rows = [line.split("\t") for line in table.splitlines()[1:]]
    return {word: float(rating) - _MIDDLE for word, _, rating, *_ in rows}
