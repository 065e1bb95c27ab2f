"""A model that answers for texts, each a row of token ids."""

import functools
import os
from collections.abc import Iterator

import numpy as np

from sentiment.encoding.ragged import Ragged
from sentiment.encoding.vocabulary import Vocabulary
from sentiment.prediction.by_token import ByToken
from sentiment.prediction.onnx_model import IDS, LOG_PROBABILITIES, VECTORS, OnnxModel
from sentiment.prediction.out_of_domain import N_FACTS, N_MARGINS
from sentiment.storage.run_directory import RunDirectory

_MOST_IDS = 1 << 10  # at once: what is computed for them stays in a core's cache


class OnnxSession:
    """A model that answers for texts; any number of threads may call it.

    Args:
        model: the bytes of an ONNX model.
        path: what errors call it.
        pooling: the bytes and the path of its second step (`ByToken`), if it has one: for many texts that is quicker,
            with the same answers.

    Raises:
        InputError: one holds what no exported model does, or makes no sense.
    """

    def __init__(
        self,
        model: bytes,
        path: str | os.PathLike[str] = "the exported model",
        pooling: tuple[bytes, str | os.PathLike[str]] | None = None,
    ):
        self._model = OnnxModel(model, path)
        self._by_token = ByToken(self._model, OnnxModel(*pooling), _MOST_IDS) if pooling else None

    @classmethod
    def of_run(cls, run: RunDirectory, model: bytes, pooling: bytes | None) -> "OnnxSession":
        """Returns the session of a run's model.onnx, and model.pooling.onnx if it has one; raises as the class."""
        return cls(model, run.onnx, None if pooling is None else (pooling, run.onnx_pooling))

    @property
    def tables(self) -> set[int]:
        """The number of rows of each weight that ids look up."""
        return self._model.tables

    @functools.cached_property
    def shape(self) -> tuple[int, ...]:
        """Of a text's log-probabilities: (n_classes,), or (n_classes, 2) where each class is decided by itself."""
        return self._model.outputs.get(LOG_PROBABILITIES, ())

    @functools.cached_property
    def n_vector(self) -> int:
        """The number of values of a text's vector; 0: the model gives none."""
        return self._model.outputs.get(VECTORS, (0,))[-1]

    def check_fits(self, n_labels: int, n_ids: int, several: bool = False) -> None:
        """Raises InputError unless the model answers for so many labels and looks up so many ids.

        Args:
            n_labels: how many labels.
            n_ids: how many ids.
            several: whether a text may have several of the labels.
        """
        if self.shape != ((n_labels, 2) if several else (n_labels,)):
            outputs = " x ".join(map(str, self.shape))
            raise self._model.refused(f"{outputs} outputs for {n_labels} labels, so of another run")
        if not self.tables <= {n_ids}:
            raise self._model.refused(
                f"looks up {max(self.tables - {n_ids}):,} ids, where vocabulary and features give {n_ids:,}, so of "
                "another run"
            )

    def check_facts(self, n_facts: int, of_words: bool) -> None:
        """Raises InputError unless a run's `OutOfDomain` goes by so many facts: those of words, and the vectors."""
        wanted = (N_FACTS if of_words else N_MARGINS) + self.n_vector
        if n_facts != wanted:
            raise self._model.refused(f"{wanted} facts of a text for {n_facts} weights, so of another run")

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
        for rows, outputs in self._answers(texts, list(asked)):
            for all_texts, own in zip(found, outputs, strict=True):
                all_texts[rows] = own
        return found

    def _answers(self, texts: Ragged, names: list[str]) -> Iterator[tuple[np.ndarray, list[np.ndarray]]]:
        # Yields (numbers of texts, their outputs) until all texts were answered.
        rest = np.ones(len(texts.lengths), bool)
        if self._by_token and (first := self._by_token.begin(texts)):
            rest = ~first.fit
            for rows in _alike(texts, np.flatnonzero(first.fit)):
                yield rows, self._by_token.end(first, rows, names)
        for rows in _alike(texts, np.flatnonzero(rest)):
            yield rows, self._model.run(names, {IDS: texts.stacked(rows, Vocabulary.PAD)})

    def __call__(self, ids: np.ndarray) -> np.ndarray:
        """Returns log-probabilities <float32>[batch, *shape] for ids <int32>[batch, length], padded with 0.

        Raises InputError where the model can't compute them, for its weights don't fit together.
        """
        return self._model.run([LOG_PROBABILITIES], {IDS: ids})[0]


def _alike(texts: Ragged, rows: np.ndarray) -> Iterator[np.ndarray]:
    """Yields the rows by length, as many at a time as make `_MOST_IDS`."""
    rows = rows[np.argsort(texts.lengths[rows], kind="stable")]
    begins = np.flatnonzero(np.diff(texts.lengths[rows], prepend=-1))
    for same in np.split(rows, begins[1:]) if len(rows) else ():
        at_once = max(1, _MOST_IDS // max(1, int(texts.lengths[same[0]])))
        yield from np.split(same, range(at_once, len(same), at_once))
