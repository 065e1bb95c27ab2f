"""A small corpus of our own: short sentences, each labelled with one of five emoji, as the Emojifier's (seeds/002).

It comes along (sentiment/data/emoji_sentences.csv), so that a machine without a network has something to train on.
"""

import csv
import hashlib
import io
from importlib import resources

import numpy as np

from sentiment.corpora.corpus import Corpus, Provenance
from sentiment.corpora.splits import split_rows

LABEL_NAMES = ("❤️", "⚾", "😄", "😞", "🍴")  # the seeds' order: heart, baseball, smile, disappointed, fork and knife


def load(seed: int = 0) -> Corpus:
    """Loads the corpus; its test part is fixed, a tenth of the rest validates."""
    file = resources.files("sentiment") / "data" / "emoji_sentences.csv"
    rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"))))
    texts = tuple(row["sentence"] for row in rows)
    labels = np.array([LABEL_NAMES.index(row["label"]) for row in rows])
    train, test = (np.array([i for i, row in enumerate(rows) if row["split"] == part]) for part in ("train", "test"))
    parts = split_rows([texts[i] for i in train], labels[train], seed)
    return Corpus(
        name="emoji",
        texts=texts,
        labels=labels,
        label_names=LABEL_NAMES,
        splits={
            "train": train[np.sort(np.concatenate([parts["train"], parts["test"]]))],
            "validation": train[parts["validation"]],
            "test": test,
        },
        provenance=Provenance(
            source="sentiment/data/emoji_sentences.csv",
            version="1",
            sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
            licence="Apache-2.0, as this program",
            note="written for this program; one person's judgement decided each label",
        ),
    )
