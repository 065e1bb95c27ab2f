"""An ONNX model that answers for token ids, through onnxruntime."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sentiment.vocabulary import Vocabulary

_MOST_IDS = 1 << 14  # at once: 16 MB for vectors of 256 values


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

    def log_probabilities(self, ids: Sequence[np.ndarray]) -> np.ndarray:
        """Returns <float32>[n_texts, n] for texts of any lengths, each <int32>[n_ids].

        Texts of one length are computed together, so that none is padded: even a model whose mean counts padding gives
        the same answer whatever a text's companions are.
        """
        outputs = np.empty((len(ids), self.n_outputs), np.float32)
        lengths = np.fromiter(map(len, ids), np.int64, len(ids))
        order = np.argsort(lengths, kind="stable")
        starts = np.flatnonzero(np.diff(lengths[order], prepend=-1))
        for same in np.split(order, starts[1:]):
            at_once = max(1, _MOST_IDS // max(1, lengths[same[0]])) if len(same) else 1
            for begin in range(0, len(same), at_once):
                rows = same[begin : begin + at_once]
                outputs[rows] = self(_stacked([ids[row] for row in rows]))
        return outputs

    def __call__(self, ids: np.ndarray) -> np.ndarray:
        """Returns log-probabilities <float32>[batch, n] for ids <int32>[batch, length], padded with 0."""
        return self._session.run(None, {"ids": ids})[0]


def _stacked(ids: list[np.ndarray]) -> np.ndarray:
    stacked = np.array(ids, np.int32)
    # No id at all is padding alone: an array without a column is nothing to reduce.
    return stacked if stacked.shape[1] else np.full((len(ids), 1), Vocabulary.PAD, np.int32)
