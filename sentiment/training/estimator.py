"""Training and prediction behind scikit-learn's interface of a classifier."""

import shutil
import tempfile
import weakref
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_consistent_length, check_is_fitted, column_or_1d

from sentiment.corpora import Corpus
from sentiment.corpora.in_memory import corpus_in_memory
from sentiment.errors import InputError, Interrupted
from sentiment.prediction.predictor import Predictor
from sentiment.prediction.texts import as_texts
from sentiment.storage.files import write_whole
from sentiment.storage.run_directory import RunDirectory
from sentiment.training.label_sets import label_sets

_FROM_FIT = ("load_corpus.", "CorpusOptions.")  # settings in whose place X and y come


class TextClassifier(ClassifierMixin, BaseEstimator):
    """A scikit-learn classifier of texts: `fit` is `train`, prediction goes through the exported model.

    It can be cloned, searched (`param_grid={"bindings": [[...], [...]]}`), cross-validated and put into a pipeline. A
    pickle holds the files that prediction needs, as bytes, and loads anywhere, also without JAX and Trax. A fit that
    fails leaves the estimator as it was; one that Ctrl-C stops leaves it with what it has learned so far.

    Args:
        config: path of a gin file, or the name of one that comes along, such as "mean".
        bindings: gin lines that override it, such as "Recipe.steps = 200".
        directory: the run directory that `fit` makes. A fit that Ctrl-C stops then leaves the estimator as it was, and
            the same fit goes on from there. Each fit needs one of its own: leave it None for clones. None: a
            temporary folder, kept as long as `run_` is.
        seed: of the weights, the order of batches, dropout and the validation share; None: the config's, and 0 for the
            share.

    Attributes:
        classes_: [n_classes] the labels in ascending order, of the type of those in `y`.
        run_: the RunDirectory; of an unpickled estimator, one of the files that prediction needs.
    """

    classes_: np.ndarray
    run_: RunDirectory
    _predictor: Predictor

    def __init__(
        self,
        config: str | Path = "default",
        *,
        bindings: Sequence[str] = (),
        directory: str | Path | None = None,
        seed: int | None = None,
    ):
        self.config = config
        self.bindings = bindings
        self.directory = directory
        self.seed = seed

    def fit(self, X: Iterable[str], y: Iterable[Any]) -> "TextClassifier":  # noqa: N803 - scikit-learn's name
        """Trains on 90% of the texts and validates on 10%: stratified, seeded, near-duplicates on one side.

        Args:
            X: N texts: a list, array, series or other iterable of strings.
            y: [N] one label a text: strings, integers or booleans. Or any number of labels a text: N lists, tuples or
                sets of them, or an indicator array [N, n_classes] of 0 and 1 (a DataFrame's columns name the classes).

        Raises:
            InputError (a ValueError): texts, labels or settings can't be used; `train` has the rest.
            ValueError: as scikit-learn's classifiers: labels that are continuous, missing or of several columns, or are
                more or fewer than the texts.
            Interrupted (a KeyboardInterrupt): Ctrl-C came; the message says what is left.
        """
        texts = _texts(X)
        classes, places = label_sets(y := y if hasattr(y, "ndim") else list(y)) or _classes(y)
        check_consistent_length(texts, places)
        names = list(map(str, classes.tolist()))
        corpus = corpus_in_memory(texts, places, names, self.seed or 0)
        if self.directory is not None:
            self._take(self._train(corpus, self.directory), classes)
            return self
        run = _until_unused(RunDirectory(_temporary_folder()))
        try:
            self._train(corpus, run.path, partial=True)
        except Interrupted as stopped:
            raise Interrupted(self._say_what_is_left(stopped, run, classes), stopped.signal) from stopped
        self._take(run, classes)
        return self

    def predict(self, X: Iterable[str]) -> np.ndarray:  # noqa: N803
        """Returns the most probable label of each text, [N] of the type of `classes_`.

        Where texts have any number of labels: <int64>[N, n_classes], 1 for each of `classes_` that a text gets.

        Raises:
            NotFittedError: if it isn't fitted.
            InputError: if X isn't an iterable of strings.
        """
        check_is_fitted(self, "classes_")
        outcomes = self._predictor.outcomes(_texts(X))
        return self.classes_[outcomes.best] if outcomes.given is None else outcomes.given.astype(np.int64)

    def predict_proba(self, X: Iterable[str]) -> np.ndarray:  # noqa: N803
        """Returns calibrated probabilities, <float64>[N, n_classes] in the order of `classes_`; raises as `predict`."""
        check_is_fitted(self, "classes_")
        return self._predictor.outcomes(_texts(X)).probabilities

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.classifier_tags.multi_label = True
        return tags

    def __getstate__(self) -> dict[str, Any]:
        state = dict(super().__getstate__())
        if state.pop("_predictor", None) is not None:
            run = state.pop("run_")
            state["_files"] = {file.name: run.read(file) for file in run.read_by_prediction()}
            state["_files"][run.manifest.name] = run.manifest.read_bytes()
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        files = state.pop("_files", None)
        super().__setstate__(state)
        if files is None:
            return
        self.run_ = _until_unused(RunDirectory(_temporary_folder()))
        for name, data in files.items():
            write_whole(self.run_.path / name, data)
        self._predictor = Predictor.load(self.run_.path)

    def _train(self, corpus: Corpus, folder: str | Path, partial: bool = False) -> RunDirectory:
        from sentiment.training.train import train  # JAX and Trax, which predicting does without

        return train(self.config, self._lines(), folder, corpus=corpus, partial=partial)

    def _take(self, run: RunDirectory, classes: np.ndarray) -> None:
        self._predictor = Predictor.load(run.path)
        self.run_, self.classes_ = run, classes

    def _say_what_is_left(self, stopped: Interrupted, run: RunDirectory, classes: np.ndarray) -> str:
        if not run.finished:
            return "stopped before the first step: the estimator is as it was"
        self._take(run, classes)
        return f"{stopped}: the estimator predicts with what it has learned so far"

    def _lines(self) -> list[str]:
        if isinstance(self.bindings, str):
            raise InputError(f"bindings={self.bindings!r}: give a list of lines, [{self.bindings!r}]")
        if ours := [line for line in self.bindings if line.strip().startswith(_FROM_FIT)]:
            raise InputError(f"bindings: {ours[0]!r} names a corpus, and fit's X and y are one; leave it out")
        return [*self.bindings, *([f"Recipe.seed = {self.seed}"] if self.seed is not None else [])]


def _texts(given: Iterable[str]) -> list[str]:
    try:
        return as_texts(given)
    except TypeError as error:  # scikit-learn's callers expect a ValueError
        raise InputError(str(error)) from error


def _classes(labels: Iterable[Any]) -> tuple[np.ndarray, np.ndarray]:
    """Returns the classes in ascending order, and of each label the <int64> place of its class."""
    one_column = getattr(labels, "ndim", 1) == 1 and not isinstance(labels, np.ndarray)
    given = list(labels) if one_column else labels
    column = column_or_1d(given, warn=True)
    values = given if isinstance(given, list) else column.tolist()  # an array of a list has made one type of several
    kinds = {type(value.item() if isinstance(value, np.generic) else value).__name__ for value in values}
    if len(kinds) > 1:
        raise InputError(f"y: labels of several types, {' and '.join(sorted(kinds))}: give labels of one")
    if column.dtype == object and kinds != {"str"}:
        column = np.array(values)
    check_classification_targets(column)
    classes, places = np.unique(column, return_inverse=True)
    if "" in classes.tolist():
        raise InputError("y: a label is empty: leave its texts out, or name it")
    return classes, places


def _temporary_folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="sentiment-"))


def _until_unused(run: RunDirectory) -> RunDirectory:
    """Returns the run, whose folder is removed when nothing refers to it, or when the program ends."""
    weakref.finalize(run, shutil.rmtree, run.path, ignore_errors=True)
    return run
