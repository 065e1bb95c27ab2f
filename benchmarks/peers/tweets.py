"""The tweets that all peers train on: `twitter_samples`, tokenised once, in the notebook's split."""

import json
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from sentiment.batching.batches import Batches, Examples
from sentiment.batching.samplers import BalancedSampler
from sentiment.corpora import load_corpus
from sentiment.encoding.vocabulary import Vocabulary
from sentiment.text.preprocessor import Preprocessor

D = 256  # values of a token's vector, as in the notebook
# One, and 64 for longer texts, so that many steps run in one call; Trax's Loop gets the same batches.
LENGTHS = (32,)


@dataclass
class Tweets:
    """Lists of tokens, and labels (0 or 1), of the two splits."""

    train: list[list[str]]
    train_labels: list[int]
    validation: list[list[str]]
    validation_labels: list[int]

    @classmethod
    def tokenise(cls) -> "Tweets":
        corpus, preprocessor = load_corpus("twitter_samples"), Preprocessor()
        parts = []
        for split in ("train", "validation"):
            texts, labels = corpus.split(split)
            parts += [list(map(preprocessor, texts)), np.asarray(labels).tolist()]
        return cls(*parts)

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self)), "utf-8")

    @classmethod
    def load(cls, path: Path) -> "Tweets":
        return cls(**json.loads(path.read_text("utf-8")))

    @cached_property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary.build(self.train)

    def examples(self, split: str) -> Examples:
        return Examples.encode(getattr(self, split), np.array(getattr(self, f"{split}_labels")), self.vocabulary)

    def batches(self, batch_size: int, seed: int = 0) -> Batches:
        examples = self.examples("train")
        return Batches(examples, BalancedSampler(examples.labels, batch_size, seed), LENGTHS)

    def accuracy_of_mean(self, table: np.ndarray, weights: np.ndarray, bias: np.ndarray) -> float:
        """Returns the validation accuracy of: mean of the tokens' vectors, then one dense layer."""
        examples = self.examples("validation")
        lengths = np.diff(examples.starts)
        sums = np.zeros((len(lengths), table.shape[1]), np.float64)
        np.add.at(sums, np.repeat(np.arange(len(lengths)), lengths), table[examples.ids[:-1]])
        scores = sums / np.maximum(lengths, 1)[:, None] @ weights + bias
        return float(np.mean(scores.argmax(axis=1) == examples.labels))
