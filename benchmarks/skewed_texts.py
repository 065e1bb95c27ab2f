"""Made corpora of skewed classes: common words, with words of the text's class among them."""

import numpy as np

from sentiment.corpora import Corpus, Provenance


def skewed_corpus(counts: list[int], n_validation: int, seed: int = 0, n_test: int = 0) -> Corpus:
    """Makes a corpus with so many training texts of each class; its validation and test splits have their shares."""
    random = np.random.default_rng(seed)
    shares = np.array(counts) / sum(counts)
    others = random.choice(len(counts), n_validation + n_test, p=shares)
    labels = np.concatenate([np.repeat(np.arange(len(counts)), counts), others])
    train, validation, test = np.split(np.arange(len(labels)), [sum(counts), sum(counts) + n_validation])
    splits = {"train": train, "validation": validation} | ({"test": test} if n_test else {})
    names = tuple(f"class {c}" for c in range(len(counts)))
    texts = tuple(_text(random, label, len(counts)) for label in labels)
    return Corpus("skewed", texts, labels, names, splits, Provenance("here", "1", "0", "ours"))


def _text(random: np.random.Generator, label: int, n_classes: int) -> str:
    words = [f"w{word}" for word in random.integers(0, 60, 6)]
    for _ in range(random.integers(0, 3)):
        of = label if random.random() < 0.75 else random.integers(n_classes)
        words.append(f"c{of}w{random.integers(0, 12)}")
    return " ".join(random.permutation(words))
