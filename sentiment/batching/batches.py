"""Encoded texts -> padded, weighted batches. Which rows form a batch is a sampler's choice (batching/samplers.py)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from sentiment.encoding.encoder import Encoder
from sentiment.encoding.vocabulary import Vocabulary

NO_ROW = -1  # in a sampler's answer: a place that no example fills; it is padded and weighs nothing


class Batch(NamedTuple):
    """What a Trax task takes: (inputs, targets, weights)."""

    inputs: np.ndarray  # <int32>[batch_size, length] token ids, `Vocabulary.PAD` after each text's end
    targets: np.ndarray  # <int32>[batch_size] class numbers
    weights: np.ndarray  # <float32>[batch_size] 1, or its class's weight; 0 where no example fills the row


class Sampler(Protocol):
    """Tells which rows of the examples each batch takes, as a function of the step alone."""

    def rows(self, step: int) -> np.ndarray:
        """Returns <int64>[batch_size] row numbers (or `NO_ROW`) of batch number `step`, counted from 0."""


@dataclass(frozen=True)
class Examples:
    """Texts encoded once: all token ids end to end, so that 10 M texts cost one array, not 10 M objects."""

    ids: np.ndarray  # <int32>[n_tokens + 1]; the last entry is padding, so that an empty text has a place to point to
    starts: np.ndarray  # <int64>[n_examples + 1]; example i is ids[starts[i]:starts[i + 1]]
    labels: np.ndarray  # <int32>[n_examples]

    @classmethod
    def encode(cls, token_lists: Iterable[Sequence[str]], labels: np.ndarray, encoder: Encoder) -> "Examples":
        """Encodes tokenised texts; `labels` is <int32>[n_examples], in the same order."""
        encoded = [encoder.encode(tokens) for tokens in token_lists]
        starts = np.zeros(len(encoded) + 1, np.int64)
        np.cumsum([len(ids) for ids in encoded], out=starts[1:])
        ids = np.concatenate([*encoded, np.full(1, Vocabulary.PAD)]).astype(np.int32)
        return cls(ids, starts, np.asarray(labels, np.int32))

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Batches:
    """The batches that a sampler draws from examples.

    Attributes:
        buckets: the lengths, ascending, to which batches are padded; a longer batch takes the next multiple of the
            last. Few lengths mean few compilations. Without buckets a batch is as long as its longest text, as in
            the seed notebook.
        form: what becomes of a padded batch, such as `next_tokens`; None: it stays as it is.
        class_weights: <float32>[n_classes] what an example of each class weighs; None: 1.
    """

    examples: Examples
    sampler: Sampler
    buckets: tuple[int, ...] = ()
    form: Callable[[Batch], Batch] | None = None
    class_weights: np.ndarray | None = None

    def batch(self, step: int, share: tuple[int, int] = (0, 1)) -> Batch:
        """Returns batch number `step`, counted from 0: the same bits whenever it is asked for.

        Args:
            step: the number.
            share: (which, of how many) equal shares of its rows to return; padded as the whole batch is.
        """
        batch = pad(self.examples, self.sampler.rows(step), self.buckets, share)
        if self.class_weights is not None:
            batch = batch._replace(weights=batch.weights * self.class_weights[batch.targets])
        return batch if self.form is None else self.form(batch)


def share_of(rows: np.ndarray, share: tuple[int, int]) -> np.ndarray:
    """Returns share `share[0]` of the `share[1]` equal ones that an array's rows fall into."""
    which, count = share
    size = len(rows) // count
    return rows[which * size : (which + 1) * size]


def pad(examples: Examples, rows: np.ndarray, buckets: tuple[int, ...] = (), share: tuple[int, int] = (0, 1)) -> Batch:
    """Returns the batch of the given rows (<int64>[batch_size]; `NO_ROW` gives an empty row of weight 0), or a share.

    A share's texts are padded to the length of the whole batch.
    """
    filled = rows != NO_ROW
    rows = np.where(filled, rows, 0)
    lengths = (examples.starts[rows + 1] - examples.starts[rows]) * filled
    columns = np.arange(_bucketed(int(lengths.max(initial=0)), buckets))
    rows, filled, lengths = (share_of(array, share) for array in (rows, filled, lengths))
    starts = examples.starts[rows, None]
    # Past a text's end the place is clamped to the last entry of `ids`, only to stay inside; `where` then pads it.
    places = np.minimum(starts + columns, len(examples.ids) - 1)
    inputs = np.where(columns < lengths[:, None], examples.ids[places], np.int32(Vocabulary.PAD))
    return Batch(inputs, examples.labels[rows] * filled, filled.astype(np.float32))


def next_tokens(batch: Batch) -> Batch:
    """Returns the batch that a language model learns from: every token is the target of the ones before it.

    `Vocabulary.END` begins the inputs and ends the targets of each text. Inputs, targets and weights are all
    [batch_size, length + 1]; padding, and rows without an example, weigh 0.
    """
    inputs = np.pad(batch.inputs, ((0, 0), (1, 0)), constant_values=Vocabulary.END)
    targets = np.pad(batch.inputs, ((0, 0), (0, 1)))
    lengths = np.count_nonzero(batch.inputs, axis=1)
    targets[np.arange(len(targets)), lengths] = Vocabulary.END
    weights = (np.arange(targets.shape[1]) <= lengths[:, None]) * batch.weights[:, None]
    return Batch(inputs, targets, weights.astype(np.float32))


def _bucketed(length: int, buckets: tuple[int, ...]) -> int:
    length = max(length, 1)  # a batch of empty texts still needs a column: XLA has no use for an array without one
    for bucket in buckets:
        if length <= bucket:
            return bucket
    return -(-length // buckets[-1]) * buckets[-1] if buckets else length
