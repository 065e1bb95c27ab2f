"""Encoded texts -> padded, weighted batches. Which rows form a batch is a sampler's choice (batching/samplers.py)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from sentiment.batching.joined_array import JoinedArray
from sentiment.encoding.encoder import Encoder
from sentiment.encoding.ragged import Ragged
from sentiment.encoding.vocabulary import Vocabulary
from sentiment.text.tokenised import Tokenised

_AT_ONCE = 2**14  # ids: as many as stay in a core's cache while they are padded
_APART = 1.5  # times, at least, that lengths are apart on an accelerator
NO_ROW = -1  # in a sampler's answer: a place that no example fills; it is padded and weighs nothing


class Batch(NamedTuple):
    """What a Trax task takes: (inputs, targets, weights)."""

    inputs: np.ndarray  # <int32>[batch_size, length] token ids, `Vocabulary.PAD` after each text's end
    targets: np.ndarray  # as `Examples.labels`, of the batch's rows
    weights: np.ndarray  # <float32>, as targets: 1, or its class's weight; 0 where no example fills the row


class Drawn(NamedTuple):
    """A batch as the examples that it holds, and the length to which they are padded."""

    rows: np.ndarray  # <int32>[batch_size] row numbers, or `NO_ROW`
    length: int


class Sampler(Protocol):
    """Which rows of the examples each batch takes, as a function of the step alone."""

    def rows(self, step: int, count: int = 1) -> np.ndarray:
        """Returns the row numbers (or `NO_ROW`) of `count` batches, end to end.

        Args:
            step: the number of the first, counted from 0.
            count: how many.

        Returns:
            <int64>[count * batch_size].
        """


@dataclass(frozen=True)
class Examples:
    """Texts encoded once: all token ids end to end, so that 10 M texts cost one array, not 10 M objects."""

    # <int32>[n_tokens + 1]; the last entry is padding, so that an empty text has a place to point to
    ids: np.ndarray | JoinedArray
    starts: np.ndarray  # <int64>[n_examples + 1]; example i is ids[starts[i]:starts[i + 1]]
    # <int32>[n_examples] class numbers; [n_examples, n_classes] 0 or 1 where a text may have several classes; or
    # <float32>[n_examples, n_classes] the probabilities that are learned (`Corpus.teaching`).
    labels: np.ndarray

    @classmethod
    def encode(cls, token_lists: Iterable[Sequence[str]], labels: np.ndarray, encoder: Encoder) -> "Examples":
        """Encodes tokenised texts; `labels` are in the same order."""
        labels = labels.astype(np.float32 if is_soft(labels) else np.int32)
        if isinstance(token_lists, Tokenised):
            encoded = encoder.encode_texts(token_lists)
        else:
            encoded = Ragged.of([encoder.encode(tokens) for tokens in token_lists])
        starts = np.zeros(len(encoded.lengths) + 1, np.int64)
        np.cumsum(encoded.lengths, out=starts[1:])
        return cls(np.append(encoded.ids, np.int32(Vocabulary.PAD)), starts, labels)

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
        class_weights: <float32>[n_classes] what an example of each class weighs, or where a text may have several
            classes, the presence of each; None: 1.
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
        return self.many(range(step, step + 1), share)[0]

    def many(self, steps: range, share: tuple[int, int] = (0, 1)) -> list[Batch]:
        """Returns the batches of consecutive steps, each as `batch` returns it, in a fraction of the time."""
        rows = self.sampler.rows(steps.start, len(steps)).reshape(len(steps), -1)
        lengths = _padded_lengths(self.examples, rows, self.buckets)
        batches: dict[int, Batch] = {}
        for those, length in _alike(lengths, rows.shape[1]):
            inputs, targets, weights = _padded(self.examples, rows[those], length, share)
            if self.class_weights is not None:
                weights = weights * self._weights_of(targets, self.class_weights)
            for number, *arrays in zip(those, inputs, targets, weights, strict=True):
                batches[number] = Batch(*arrays) if self.form is None else self.form(Batch(*arrays))
        return [batches[number] for number in range(len(steps))]

    def _weights_of(self, targets: np.ndarray, given: np.ndarray) -> np.ndarray:
        if self.examples.labels.ndim == 1:
            return given[targets]
        return given if is_soft(self.examples.labels) else np.where(targets, given, 1)

    def drawn(self, steps: range, share: tuple[int, int] = (0, 1)) -> list[Drawn]:
        """Returns which examples the batches of consecutive steps hold, for an accelerator that has the examples.

        Where buckets are close together, some are left out: a program for each takes seconds to compile, padding next
        to no time.
        """
        rows = self.sampler.rows(steps.start, len(steps)).reshape(len(steps), -1)
        lengths = _padded_lengths(self.examples, rows, _apart(self.buckets))
        return [Drawn(share_of(own, share).astype(np.int32), length) for own, length in zip(rows, lengths, strict=True)]


def is_soft(labels: np.ndarray) -> bool:
    """Whether labels are probabilities of classes rather than classes."""
    return labels.ndim == 2 and bool(np.issubdtype(labels.dtype, np.floating))


def share_of(rows: np.ndarray, share: tuple[int, int]) -> np.ndarray:
    """Returns share `share[0]` of the `share[1]` equal ones that an array's rows fall into."""
    which, count = share
    size = len(rows) // count
    return rows[which * size : (which + 1) * size]


def pad(examples: Examples, rows: np.ndarray, buckets: tuple[int, ...] = ()) -> Batch:
    """Returns the batch of the given rows (<int64>[batch_size]; `NO_ROW` gives an empty row of weight 0)."""
    (length,) = _padded_lengths(examples, rows[None], buckets)
    inputs, targets, weights = _padded(examples, rows[None], length, (0, 1))
    return Batch(inputs[0], targets[0], weights[0])


def _padded_lengths(examples: Examples, rows: np.ndarray, buckets: tuple[int, ...]) -> list[int]:
    """Returns the length of each batch of rows, <int64>[n_batches, batch_size]."""
    lengths = (examples.starts[rows + 1] - examples.starts[rows]) * (rows != NO_ROW)
    return [_bucketed(length, buckets) for length in lengths.max(axis=1, initial=0).tolist()]


def _alike(lengths: list[int], batch_size: int) -> Iterator[tuple[list[int], int]]:
    """Yields (numbers of batches, their length): some of one length each time, which are padded at once."""
    for length in dict.fromkeys(lengths):
        those = [number for number, each in enumerate(lengths) if each == length]
        at_once = max(1, _AT_ONCE // (batch_size * length))
        for start in range(0, len(those), at_once):
            yield those[start : start + at_once], length


def _padded(examples: Examples, rows: np.ndarray, length: int, share: tuple[int, int]) -> Batch:
    """Returns batches of rows, <int64>[n_batches, batch_size], padded to a length: arrays of [n_batches, ...]."""
    rows = share_of(rows.T, share).T
    filled = rows != NO_ROW
    rows = np.where(filled, rows, 0)
    starts, columns = examples.starts[rows], np.arange(length)
    lengths = (examples.starts[rows + 1] - starts) * filled
    inputs = np.take(examples.ids, starts[..., None] + columns, mode="clip")
    inputs *= columns < lengths[..., None]  # `Vocabulary.PAD`, which is 0, past a text's end
    labels = examples.labels[rows]
    there = filled if labels.ndim == filled.ndim else np.broadcast_to(filled[..., None], labels.shape)
    return Batch(inputs, labels * there, there.astype(np.float32))


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


def _apart(buckets: tuple[int, ...]) -> tuple[int, ...]:
    """Returns the last of the buckets, and going down those that are `_APART` times shorter than the one after them."""
    kept: tuple[int, ...] = ()
    for bucket in reversed(buckets):
        if not kept or bucket * _APART <= kept[0]:
            kept = (bucket, *kept)
    return kept


def _bucketed(length: int, buckets: tuple[int, ...]) -> int:
    length = max(length, 1)  # a batch of empty texts still needs a column: XLA has no use for an array without one
    for bucket in buckets:
        if length <= bucket:
            return bucket
    return -(-length // buckets[-1]) * buckets[-1] if buckets else length
