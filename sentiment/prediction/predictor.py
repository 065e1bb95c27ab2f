"""Texts -> labels with probabilities, through onnxruntime, without JAX and Trax."""

import functools
import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sentiment.encoding.encoder import Encoder, encoder_from
from sentiment.encoding.ragged import Ragged
from sentiment.encoding.vocabulary import Vocabulary
from sentiment.errors import InputError
from sentiment.prediction.answers import MultilabelPrediction, Outcomes, Prediction
from sentiment.prediction.attribution import Attribution, Scored, explain
from sentiment.prediction.calibration import Calibration
from sentiment.prediction.decisions import Decisions, calibration_of
from sentiment.prediction.onnx_session import OnnxSession
from sentiment.prediction.out_of_domain import LIMIT
from sentiment.prediction.text_facts import TextFacts
from sentiment.prediction.texts import as_texts
from sentiment.storage.run_directory import RunDirectory
from sentiment.text.preprocessor import Preprocessor
from sentiment.text.reading import preprocessor_of
from sentiment.text.slices import sums
from sentiment.text.tokenised import Tokenised


@dataclass(frozen=True, eq=False)
class Predictor:
    """A trained classifier that answers for texts; any number of threads may call it.

    Attributes:
        path: of the run directory.
        label_names: the classes, in the order of the model's outputs.
        preprocessor: text -> tokens.
        vocabulary: the tokens that it knows.
        encoder: tokens -> ids.
        calibration: temperature and thresholds.
        additive: whether the logits are a mean over tokens, so that attributions are exact.
        session: ids -> log-probabilities.
        least: <float64>[n_classes], the probability below which each class isn't answered.
        int8: whether the model's weights are of 8 bits.
        precision: the wanted share of right answers, or None.
        labels_between: what the training file had between a text's labels; None where a text has one.
    """

    path: Path
    label_names: tuple[str, ...]
    preprocessor: Preprocessor
    vocabulary: Vocabulary
    encoder: Encoder
    calibration: Calibration | Decisions
    additive: bool
    session: OnnxSession
    least: np.ndarray
    int8: bool
    precision: float | None
    labels_between: str | None = None

    @property
    def several(self) -> bool:
        """Whether a text may have several labels: answers are then `MultilabelPrediction`s."""
        return isinstance(self.calibration, Decisions)

    @classmethod
    def load(cls, path: str | Path, int8: bool = False, precision: float | None = None) -> "Predictor":
        """Loads a run directory.

        Args:
            path: of the directory.
            int8: uses the model with weights of 8 bits.
            precision: abstains where the label's answers on the validation split were right less often than this: one
                of `calibration.PRECISIONS`.

        Raises:
            InputError: if the run is missing, unfinished or of another format or task, if one of its files was altered
                or cut short, or if it has no ONNX model or no thresholds for the precision.
        """
        run = RunDirectory(Path(path))
        facts = run.facts()
        vocabulary = Vocabulary.from_bytes(run.read(run.vocabulary), run.vocabulary)
        label_names = tuple(facts["label_names"])
        calibration = calibration_of(run)
        encoder = encoder_from(facts["features"], vocabulary, lambda: (run.read(run.tokenizer), run.tokenizer))
        session = _session_of(run, int8)
        session.check_fits(len(label_names), len(encoder), isinstance(calibration, Decisions))
        if isinstance(calibration, Calibration) and calibration.out_of_domain:
            session.check_facts(len(calibration.out_of_domain.weights), encoder is vocabulary)
        return cls(
            path=run.path,
            label_names=label_names,
            preprocessor=preprocessor_of(facts, run.path),
            vocabulary=vocabulary,
            encoder=encoder,
            calibration=calibration,
            additive=facts["additive"],
            session=session,
            least=calibration.least(precision, label_names),
            int8=int8,
            precision=precision,
            labels_between=facts.get("labels_between"),
        )

    def with_precision(self, precision: float | None) -> "Predictor":
        """Returns a predictor of the same model for another precision; argument and errors are those of `load`."""
        return replace(self, precision=precision, least=self.calibration.least(precision, self.label_names))

    def __repr__(self) -> str:
        return f"Predictor({str(self.path)!r}, labels {', '.join(self.label_names)})"

    def __reduce__(self) -> tuple[Callable[..., "Predictor"], tuple[Path, bool, float | None]]:
        # Pickled by path: whoever unpickles it loads the run, which must be there.
        return type(self).load, (self.path.resolve(), self.int8, self.precision)

    def __call__(self, texts: Iterable[str], explain: bool = False) -> list[Prediction]:
        """Returns a prediction for each text, in order. A text's prediction never depends on its companions.

        Args:
            texts: any iterable of strings: a list, tuple, generator, array, series, an open text file (one a line).
            explain: adds attributions, which takes about as many runs of the model as a text has tokens.

        Raises:
            TypeError: if `texts` isn't an iterable of strings: one string alone, a table, a list with None in it.
        """
        texts = as_texts(texts)
        token_lists = [self.preprocessor(text) for text in texts]
        outcomes = self._outcomes(Tokenised.of(token_lists))
        columns = (outcomes.best.tolist(), outcomes.probabilities.tolist(), outcomes.abstained.tolist())
        predictions = list(map(self._prediction, texts, token_lists, *columns))
        if outcomes.out_of_domain is not None:
            scores = outcomes.out_of_domain.tolist()
            predictions = [replace(each, out_of_domain=score) for each, score in zip(predictions, scores, strict=True)]
        if outcomes.given is not None:
            predictions = list(map(self._with_labels, predictions, outcomes.given))
        return list(map(self._explained, predictions)) if explain else predictions

    def outcomes(self, texts: Iterable[str]) -> Outcomes:
        """Returns the answers as arrays, for many texts at a time. Takes and raises the same as a call."""
        return self._outcomes(self.preprocessor.tokenised(as_texts(texts)))

    def _outcomes(self, texts: Tokenised) -> Outcomes:
        n_tokens = np.diff(texts.starts)
        encoded = self.encoder.encode_texts(texts)
        probabilities, out_of_domain = self._scored(encoded)
        best = probabilities.argmax(axis=1)
        unknown = sums(self._unknown(texts, encoded), n_tokens)
        guessed = (2 * unknown > n_tokens) | (n_tokens == 0)
        if self.several:
            given = probabilities >= self.least
            wanted = probabilities >= self.calibration.least(None, self.label_names)
            abstained = guessed | (wanted.any(axis=1) & ~given.any(axis=1))
            return Outcomes(probabilities, best, unknown, n_tokens, abstained, given)
        abstained = guessed | (probabilities.max(axis=1) < self.least[best])
        if out_of_domain is not None:
            abstained |= out_of_domain > LIMIT
        return Outcomes(probabilities, best, unknown, n_tokens, abstained, out_of_domain=out_of_domain)

    def _unknown(self, texts: Tokenised, encoded: Ragged) -> np.ndarray:
        # Of each token of the texts.
        if self.encoder is self.vocabulary:
            return encoded.ids == Vocabulary.UNKNOWN
        return ~self.encoder.knows(texts.tokens)[texts.places]

    def _scored(self, texts: Ragged) -> tuple[np.ndarray, np.ndarray | None]:
        """Returns probabilities, and the texts' `OutOfDomain` scores; None where the run has none."""
        known = self.calibration.out_of_domain if isinstance(self.calibration, Calibration) else None
        if known is None:
            return self.calibration.probabilities(self.session.log_probabilities(texts)), None
        probabilities, facts, vectors = self._facts(texts)
        return probabilities, known.scores(facts, vectors)

    @functools.cached_property
    def _facts(self) -> TextFacts:
        return TextFacts(self.session, self.calibration.probabilities, self.encoder)

    def _prediction(
        self, text: str, tokens: list[str], best: int, probabilities: list[float], abstained: bool
    ) -> Prediction:
        return Prediction(
            text=text,
            label=self.label_names[best],
            probability=probabilities[best],
            probabilities=dict(zip(self.label_names, probabilities, strict=True)),
            unknown=tuple(itertools.compress(tokens, ~self.encoder.knows(tokens))),
            n_tokens=len(tokens),
            abstained=abstained,
        )

    def attributions(self, texts: Iterable[str], labels: Iterable[str]) -> list[tuple[Attribution, ...]]:
        """Returns what each token of a text did for a label, be it the answer or not: one label a text, in order."""
        return [self._attributions(text, (label,))[0] for text, label in zip(as_texts(texts), labels, strict=True)]

    def _with_labels(self, prediction: Prediction, given: np.ndarray) -> MultilabelPrediction:
        names = [self.label_names[place] for place in np.flatnonzero(given)]
        labels = tuple(sorted(names, key=lambda name: -prediction.probabilities[name]))
        return MultilabelPrediction(**vars(prediction), labels=labels)

    def _explained(self, prediction: Prediction) -> Prediction:
        if not isinstance(prediction, MultilabelPrediction):
            return replace(prediction, attributions=self._attributions(prediction.text, (prediction.label,))[0])
        names = prediction.labels or (prediction.label,)
        found = self._attributions(prediction.text, names)
        return replace(prediction, attributions=found[0], by_label=dict(zip(names, found, strict=True)))

    def _attributions(self, text: str, names: tuple[str, ...]) -> list[tuple[Attribution, ...]]:
        located = self.preprocessor.tokens_with_offsets(text)
        tokens = [token.text for token in located]
        scores = explain(Scored(self.encoder, self.session.log_probabilities, self.additive), tokens)
        known = self.encoder.knows(tokens).tolist()

        def of_label(label: int) -> tuple[Attribution, ...]:
            own = scores[:, label] / self.calibration.temperature_of(label)
            return tuple(
                Attribution(token.text, score, is_known, (token.start, token.end))
                for token, score, is_known in zip(located, own.tolist(), known, strict=True)
            )

        return [of_label(self.label_names.index(name)) for name in names]


def _session_of(run: RunDirectory, int8: bool) -> OnnxSession:
    if run.onnx.name not in run.sha256:
        raise InputError(
            f"{run.path}: has no ONNX model, for its export differed from JAX's; `sentiment evaluate --run {run.path}` "
            "still works; to predict, train again with another --seed"
        )
    if int8:
        return OnnxSession(run.read(run.onnx_int8), run.onnx_int8)
    pooling = run.read(run.onnx_pooling) if run.onnx_pooling.name in run.sha256 else None
    return OnnxSession.of_run(run, run.read(run.onnx), pooling)
