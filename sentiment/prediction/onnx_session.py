"""An ONNX model that answers for token ids, through onnxruntime."""

import functools
import os

import numpy as np

from sentiment.encoding.ragged import Ragged
from sentiment.encoding.vocabulary import Vocabulary
from sentiment.errors import InputError
from sentiment.prediction.onnx_check import check_onnx
from sentiment.prediction.out_of_domain import N_FACTS, N_MARGINS

_REMEDY = "restore it or train again"
LOG_PROBABILITIES, VECTORS = "log_probabilities", "vectors"  # outputs; not every model has the second
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

    @functools.cached_property
    def shape(self) -> tuple[int, ...]:
        """Of a text's log-probabilities: (n_classes,), or (n_classes, 2) where each class is decided by itself."""
        _, *shape = self._session.get_outputs()[0].shape or (None,)
        return tuple(size if isinstance(size, int) else 0 for size in shape)

    @functools.cached_property
    def n_vector(self) -> int:
        """The number of values of a text's vector; 0: the model gives none."""
        sizes = [each.shape for each in self._session.get_outputs() if each.name == VECTORS]
        return sizes[0][-1] if sizes and isinstance(sizes[0][-1], int) else 0

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

    def check_facts(self, n_facts: int, of_words: bool) -> None:
        """Raises InputError unless a run's `OutOfDomain` goes by so many facts: those of words, and the vectors."""
        wanted = (N_FACTS if of_words else N_MARGINS) + self.n_vector
        if n_facts != wanted:
            raise InputError(
                f"{self._path}: {wanted} facts of a text for {n_facts} weights, so of another run; {_REMEDY}"
            )

    def log_probabilities(self, texts: Ragged) -> np.ndarray:
        """Returns <float32>[n_texts, *shape].

        Texts of one length are computed together, so that none is padded: even a model whose mean counts padding gives
        the same answer whatever a text's companions are.
        """
        return self._of_many(texts, {LOG_PROBABILITIES: self.shape})[0]

    def with_vectors(self, texts: Ragged) -> tuple[np.ndarray, np.ndarray]:
        """Returns what `log_probabilities` does, and <float32>[n_texts, n_vector]."""
        if not self.n_vector:
            return self.log_probabilities(texts), np.empty((len(texts.lengths), 0), np.float32)
        log_probabilities, vectors = self._of_many(texts, {LOG_PROBABILITIES: self.shape, VECTORS: (self.n_vector,)})
        return log_probabilities, vectors

    def _of_many(self, texts: Ragged, asked: dict[str, tuple[int, ...]]) -> list[np.ndarray]:
        found = [np.empty((len(texts.lengths), *shape), np.float32) for shape in asked.values()]
        order = np.argsort(texts.lengths, kind="stable")
        begins = np.flatnonzero(np.diff(texts.lengths[order], prepend=-1))
        for same in np.split(order, begins[1:]) if len(order) else ():
            at_once = max(1, _MOST_IDS // max(1, int(texts.lengths[same[0]])))
            for begin in range(0, len(same), at_once):
                rows = same[begin : begin + at_once]
                outputs = self._run(texts.stacked(rows, Vocabulary.PAD), list(asked))
                for all_texts, own in zip(found, outputs, strict=True):
                    all_texts[rows] = own
        return found

    def __call__(self, ids: np.ndarray) -> np.ndarray:
        """Returns log-probabilities <float32>[batch, *shape] for ids <int32>[batch, length], padded with 0.

        Raises InputError where the model can't compute them, for its weights don't fit together.
        """
        return self._run(ids, [LOG_PROBABILITIES])[0]

    def _run(self, ids: np.ndarray, names: list[str]) -> list[np.ndarray]:
        try:
            return self._session.run(names, {"ids": ids})
        except self._errors as error:
            raise self._refused(error) from error

    def _refused(self, error: Exception) -> InputError:
        reason = " ".join(str(error).split())[:200]
        return InputError(f"{self._path}: no model that can be run ({reason}); {_REMEDY}")
