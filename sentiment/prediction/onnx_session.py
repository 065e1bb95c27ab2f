"""An ONNX model that answers for token ids, through onnxruntime."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sentiment.encoding.vocabulary import Vocabulary

_MOST_IDS = 1 << 14  # at once: 16 MB for vectors of 256 values


@dataclass(frozen=True)
class Ragged:
    """Encoded texts of any lengths, end to end.

    Attributes:
        ids: <int32>[sum of the lengths].
        lengths: <int64>[n_texts].
    """

    ids: np.ndarray
    lengths: np.ndarray

    @classmethod
    def of(cls, encoded: Sequence[np.ndarray]) -> "Ragged":
        """Returns texts given one by one, each <int32>[n_ids]."""
        lengths = np.fromiter(map(len, encoded), np.int64, len(encoded))
        return cls(np.concatenate([*encoded, np.empty(0, np.int32)]), lengths)

    @functools.cached_property
    def _starts(self) -> np.ndarray:
        return np.cumsum(self.lengths) - self.lengths

    def stacked(self, rows: np.ndarray) -> np.ndarray:
        """Returns texts of one length, <int32>[len(rows), length]; of no id, as one column of padding."""
        length = int(self.lengths[rows[0]])
        if not length:  # an array without a column is nothing to reduce
            return np.full((len(rows), 1), Vocabulary.PAD, np.int32)
        return self.ids[self._starts[rows, None] + np.arange(length)]


class OnnxSession:
    """A loaded model; any number of threads may call it.

    One thread computes: the models are small, and whoever has many texts runs several processes.
    """

    def __init__(self, model: bytes | Path):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3  # errors only
        source = model if isinstance(model, bytes) else str(model)
        self._session = onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])

    @property
    def n_outputs(self) -> int:
        """The number of classes."""
        return self._session.get_outputs()[0].shape[1]

    def log_probabilities(self, texts: Ragged) -> np.ndarray:
        """Returns <float32>[n_texts, n].

        Texts of one length are computed together, so that none is padded: even a model whose mean counts padding gives
        the same answer whatever a text's companions are.
        """
        outputs = np.empty((len(texts.lengths), self.n_outputs), np.float32)
        order = np.argsort(texts.lengths, kind="stable")
        begins = np.flatnonzero(np.diff(texts.lengths[order], prepend=-1))
        for same in np.split(order, begins[1:]) if len(order) else ():
            at_once = max(1, _MOST_IDS // max(1, int(texts.lengths[same[0]])))
            for begin in range(0, len(same), at_once):
                rows = same[begin : begin + at_once]
                outputs[rows] = self(texts.stacked(rows))
        return outputs

    def __call__(self, ids: np.ndarray) -> np.ndarray:
        """Returns log-probabilities <float32>[batch, n] for ids <int32>[batch, length], padded with 0."""
        return self._session.run(None, {"ids": ids})[0]
