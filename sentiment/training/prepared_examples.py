"""The examples of a prepared corpus: their ids stay in its shards, mapped into memory."""

from collections.abc import Sequence

import numpy as np

from sentiment.batching.batches import Examples
from sentiment.batching.joined_array import JoinedArray
from sentiment.corpora.prepared_folder import COPIES, PreparedCorpus
from sentiment.encoding.vocabulary import Vocabulary

Shards = Sequence[dict[str, np.ndarray]]


def training_examples(corpus: PreparedCorpus, labels: np.ndarray) -> tuple[Examples, np.ndarray]:
    """Returns the training texts, and after them their copies without emoticons, where those were prepared.

    Args:
        corpus: the corpus.
        labels: of the training texts, <int32>[n] or [n, n_classes].

    Returns:
        The examples, and <int64>[n_examples] the corpus's row that each is made of.
    """
    shards = corpus.shards()
    parts, rows = ["train"], corpus.splits["train"]
    if f"{COPIES}.rows" in shards[0]:
        parts.append(COPIES)
        begins = np.cumsum([0, *(len(shard["train.lengths"]) for shard in shards)])
        copied = [shard[f"{COPIES}.rows"] + begin for shard, begin in zip(shards, begins.tolist(), strict=False)]
        places = np.concatenate(copied)
        labels, rows = np.concatenate([labels, labels[places]]), np.concatenate([rows, rows[places]])
    return _examples(shards, parts, labels), rows


def validation_examples(corpus: PreparedCorpus, labels: np.ndarray) -> Examples:
    """Returns the validation texts; `labels` are theirs."""
    return _examples(corpus.shards(), ["validation"], labels)


def _examples(shards: Shards, parts: Sequence[str], labels: np.ndarray) -> Examples:
    ids = [shard[f"{part}.ids"] for part in parts for shard in shards]
    lengths = np.concatenate([shard[f"{part}.lengths"] for part in parts for shard in shards])
    starts = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=starts[1:])
    return Examples(JoinedArray([*ids, np.full(1, Vocabulary.PAD, np.int32)]), starts, np.asarray(labels, np.int32))
