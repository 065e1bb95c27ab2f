"""NLTK's `twitter_samples`: 5,000 positive and 5,000 negative tweets, labelled by the emoticons in them.

The split is the notebook's (seed 003): the first 4,000 of each class train, the last 1,000 validate.
"""

import hashlib
import json
from pathlib import Path

import numpy as np

from sentiment.corpora.corpus import Corpus, Provenance
from sentiment.download import nltk_data
from sentiment.errors import InputError

_PACKAGE = "twitter_samples"
_FILES = ("positive_tweets.json", "negative_tweets.json")
_PER_CLASS = 5000
_TRAIN_PER_CLASS = 4000
_WHAT = "NLTK's twitter_samples (16.0 MB; under the Twitter Developer Agreement)"
_LICENCE = "Twitter Developer Agreement; copyright 2015 Twitter, Inc. (NLTK's data index)"
_NOTE = (
    "weak labels: each tweet was collected by the happy or sad emoticon it holds, so that the emoticon alone decides; "
    "SHA-256 of positive_tweets.json, then of negative_tweets.json"
)


def obtain() -> Path:
    """Returns the folder or zip file that holds the tweets, downloading them when no data folder does.

    Raises:
        UnavailableError: they are nowhere, and NLTK's downloader can't fetch them.
        InputError: the zip file is broken.
    """
    found = nltk_data.find(_PACKAGE, _FILES)
    return found or nltk_data.download(_PACKAGE, _WHAT, _FILES)


def load(seed: int = 0) -> Corpus:
    """Loads the corpus: the 5,000 positive tweets (label 1), then the 5,000 negative ones (label 0), in NLTK's order.

    Args:
        seed: ignored, the split is fixed.

    Raises:
        InputError: the files can't be had, are cut short or are not JSON lines of tweets.
    """
    place = obtain()
    contents = [nltk_data.read(place, name) for name in _FILES]
    texts = [text for name, data in zip(_FILES, contents, strict=True) for text in _tweets(place / name, data)]
    positive_rows = np.arange(_PER_CLASS)
    train, validation = positive_rows[:_TRAIN_PER_CLASS], positive_rows[_TRAIN_PER_CLASS:]
    return Corpus(
        name=_PACKAGE,
        texts=tuple(texts),
        labels=np.repeat([1, 0], _PER_CLASS),
        label_names=("negative", "positive"),
        splits={
            "train": np.concatenate([train, train + _PER_CLASS]),
            "validation": np.concatenate([validation, validation + _PER_CLASS]),
        },
        provenance=Provenance(
            source=f"NLTK corpora/{_PACKAGE}",  # not the folder: a run is the same wherever its corpus lay
            version="2015",
            sha256=" ".join(hashlib.sha256(data).hexdigest() for data in contents),
            licence=_LICENCE,
            note=_NOTE,
        ),
    )


def _tweets(path: Path, data: bytes) -> list[str]:
    texts = []
    for line, tweet in enumerate(data.splitlines(), start=1):
        try:
            texts.append(_text(json.loads(tweet)))
        except (ValueError, TypeError, KeyError) as error:
            raise InputError(f"{path}: line {line} is no tweet: delete the corpus and download it again") from error
    if len(texts) != _PER_CLASS:
        raise InputError(
            f"{path}: {len(texts):,} tweets instead of {_PER_CLASS:,}: delete the corpus and download it again"
        )
    return texts


def _text(tweet: dict) -> str:
    if not isinstance(tweet["text"], str):
        raise TypeError("the text is no string")
    return tweet["text"]
