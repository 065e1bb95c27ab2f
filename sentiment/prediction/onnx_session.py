"""An ONNX model that answers for token ids, through onnxruntime."""

import os

import numpy as np

from sentiment.encoding.ragged import Ragged
from sentiment.encoding.vocabulary import Vocabulary
from sentiment.errors import InputError
from sentiment.prediction.onnx_check import check_onnx

_REMEDY = "restore it or train again"
_MOST_IDS = 1 << 11  # at once: what is computed for them stays in a core's cache


class OnnxSession:
    """A loaded model; any number of threads may call it.

    One thread computes: the models are small, and whoever has many texts runs several processes.

    Args:
        model: the bytes of the model.
        path: what errors call it.

    Attributes:
        tables: the number of rows of each weight that ids look up.

    Raises:
        InputError: it holds what no exported model does, or makes no sense.
    """

    def __init__(self, model: bytes, path: str | os.PathLike[str] = "the exported model"):
        self.tables = check_onnx(model, path).tables
        self._path = path
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # before the import: afterwards it has queued its first events
        import onnxruntime
        from onnxruntime.capi import onnxruntime_pybind11_state as state

        # What onnxruntime raises has no class in common but Exception.
        names = ("Fail", "InvalidArgument", "InvalidGraph", "InvalidProtobuf", "NotImplemented", "RuntimeException")
        own = (getattr(state, name) for name in names)
        self._errors: tuple[type[Exception], ...] = (RuntimeError, ValueError, *own)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3  # errors only
        try:
            self._session = onnxruntime.InferenceSession(model, options, ["CPUExecutionProvider"], enable_fallback=0)
        except self._errors as error:
            raise self._refused(error) from error

    @property
    def shape(self) -> tuple[int, ...]:
        """Of a text's log-probabilities: (n_classes,), or (n_classes, 2) where each class is decided by itself."""
        _, *shape = self._session.get_outputs()[0].shape or (None,)
        return tuple(size if isinstance(size, int) else 0 for size in shape)

    def check_fits(self, n_labels: int, n_ids: int, several: bool = False) -> None:
        """Raises InputError unless the model answers for so many labels and looks up so many ids.

        Args:
            n_labels: how many labels.
            n_ids: how many ids.
            several: whether a text may have several of the labels.
        """
        if self.shape != ((n_labels, 2) if several else (n_labels,)):
            outputs = " x ".join(map(str, self.shape))
            raise InputError(f"{self._path}: {outputs} outputs for {n_labels} labels, so of another run; {_REMEDY}")
        if not self.tables <= {n_ids}:
            raise InputError(
                f"{self._path}: looks up {max(self.tables - {n_ids}):,} ids, where vocabulary and features give "
                f"{n_ids:,}, so of another run; {_REMEDY}"
            )

    def log_probabilities(self, texts: Ragged) -> np.ndarray:
        """Returns <float32>[n_texts, *shape].

        Texts of one length are computed together, so that none is padded: even a model whose mean counts padding gives
        the same answer whatever a text's companions are.
        """
        outputs = np.empty((len(texts.lengths), *self.shape), np.float32)
        order = np.argsort(texts.lengths, kind="stable")
        begins = np.flatnonzero(np.diff(texts.lengths[order], prepend=-1))
        for same in np.split(order, begins[1:]) if len(order) else ():
            at_once = max(1, _MOST_IDS // max(1, int(texts.lengths[same[0]])))
            for begin in range(0, len(same), at_once):
                rows = same[begin : begin + at_once]
                outputs[rows] = self(texts.stacked(rows, Vocabulary.PAD))
        return outputs

    def __call__(self, ids: np.ndarray) -> np.ndarray:
        """Returns log-probabilities <float32>[batch, *shape] for ids <int32>[batch, length], padded with 0.

        Raises InputError where the model can't compute them, for its weights don't fit together.
        """
        try:
            return self._session.run(None, {"ids": ids})[0]
        except self._errors as error:
            raise self._refused(error) from error

    def _refused(self, error: Exception) -> InputError:
        reason = " ".join(str(error).split())[:200]
        return InputError(f"{self._path}: no model that can be run ({reason}); {_REMEDY}")
