"""Texts and classes that a program holds -> a corpus to train on."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sentiment.corpora.corpus import Corpus, Provenance
from sentiment.corpora.splits import split_rows
from sentiment.errors import InputError

NAME = "in_memory"
MEMORY = Provenance("a program's memory", "as given", "", "the user's own")
SHARES = {"train": 0.9, "validation": 0.1}  # whoever holds the texts has set those for the test apart already


def corpus_in_memory(texts: Sequence[str], classes: np.ndarray, label_names: Sequence[str], seed: int) -> Corpus:
    """Makes a corpus without a test split: 90% train, 10% validation, as `splits.split_rows` cuts them.

    Args:
        texts: N texts.
        classes: <int>[N], indices into `label_names`; where a text may have several, <bool>[N, n_classes].
        label_names: one name per class, all different.
        seed: of the split.

    Raises:
        InputError: if the texts are of fewer than two classes, or no class has two texts that differ.
    """
    there = np.flatnonzero(classes.any(axis=0)) if classes.ndim == 2 else np.unique(classes)
    if len(there) < 2:
        found = f"one class, {label_names[there[0]]!r:.60}" if len(there) else "no class"
        raise InputError(f"{len(texts):,} texts of {found}: a classifier needs two classes or more; add other texts")
    splits = split_rows(texts, classes, seed, SHARES)
    if not len(splits["validation"]):
        raise InputError(
            f"{len(texts):,} texts, none left to validate on: give at least one class two texts that differ"
        )
    sha256 = hashlib.sha256(json.dumps([list(texts), classes.tolist()]).encode("ascii")).hexdigest()
    return Corpus(NAME, tuple(texts), classes, tuple(label_names), splits, replace(MEMORY, sha256=sha256))
