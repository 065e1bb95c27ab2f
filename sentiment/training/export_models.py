"""A trained classifier's ONNX models: written, compared with JAX, measured on the validation split."""

from collections.abc import Callable, Mapping

import jax
import numpy as np

from sentiment.batching.batches import Batches, Examples
from sentiment.encoding.ragged import Ragged
from sentiment.export import TOLERANCE, pooling_to_onnx, relative_difference, to_onnx
from sentiment.prediction.calibration import Calibration
from sentiment.prediction.decisions import Decisions
from sentiment.prediction.onnx_session import OnnxSession
from sentiment.storage.files import write_whole
from sentiment.storage.manifest import to_json
from sentiment.storage.run_directory import RunDirectory
from sentiment.training.abstaining import abstaining
from sentiment.training.calibrate import calibrate
from sentiment.training.compile.full_float32 import full_float32
from sentiment.training.parts import Parts
from sentiment.training.trained_model import pass_over
from sentiment.trax_runtime import fastmath, tl

_BUCKETS = (32,)  # only where JAX answers in ONNX's place


def export(run: RunDirectory, model: tl.Serial, parts: Parts, teachers: np.ndarray | None = None) -> tuple[dict, float]:
    """Writes a model's .onnx files and calibration.json; where ONNX and JAX differ, the calibration of JAX alone.

    Args:
        run: where they go.
        model: in eval mode, with the trained weights.
        parts: of the run.
        teachers: <int>[n_examples] the class that the teachers give each validation text; None: there are none.

    Returns:
        What was measured: "difference" (`export.relative_difference`); and, where the models were written, for
        "float32" and "int8" the file's "bytes" and the "validation_accuracy" of its calibrated answers (of several
        classes a text, that of each decision); "teachers", where there are any, their own "validation_accuracy" and the
        "agreement" of the model with them. Then the validation accuracy of the model that will answer.

    Raises:
        OSError: the files can't be written.
    """
    vectors = parts.own is not None
    data, apply = to_onnx(model, vectors=vectors), _through_jax(model)
    labels = parts.held_out.labels
    measured: dict = {"difference": relative_difference(data, apply, len(parts.encoder))}
    if not measured["difference"] <= TOLERANCE:  # NaN is no better
        calibration, outputs = _calibrated(run, parts, lambda examples: _answers_of_jax(apply, examples))
        return measured | _beside(teachers, calibration, outputs, labels), _accuracy(calibration, outputs, labels)
    session = _session_of(run, model, data, vectors)
    calibration, outputs = _calibrated(run, parts, lambda examples: _log_probabilities(session, examples))
    calibration = _able_to_abstain(run, calibration, session, parts)
    int8 = to_onnx(model, int8=True, vectors=vectors)
    int8_outputs = _log_probabilities(OnnxSession(int8), parts.held_out)
    for name, path, content, answers in (
        ("float32", run.onnx, data, outputs),
        ("int8", run.onnx_int8, int8, int8_outputs),
    ):
        write_whole(path, content)
        measured[name] = {"bytes": len(content), "validation_accuracy": _accuracy(calibration, answers, labels)}
    measured |= _beside(teachers, calibration, outputs, labels)
    return measured, measured["float32"]["validation_accuracy"]


def _session_of(run: RunDirectory, model: tl.Serial, data: bytes, vectors: bool) -> OnnxSession:
    """Returns the session that will answer; the model's second step, where there is one, is written."""
    pooling = pooling_to_onnx(model, vectors)
    if pooling is not None:
        write_whole(run.onnx_pooling, pooling)
    return OnnxSession.of_run(run, data, pooling)


def _calibrated(
    run: RunDirectory, parts: Parts, answers: Callable[[Examples], np.ndarray]
) -> tuple[Calibration | Decisions, np.ndarray]:
    """Returns what is fitted to a model's answers, and those for the validation split."""
    outputs = answers(parts.held_out)
    taught = None if parts.taught is None else (answers(parts.taught), parts.taught.labels)
    return calibrate(run, outputs, parts.held_out.labels, parts.prior_shift, taught), outputs


def _able_to_abstain(
    run: RunDirectory, calibration: Calibration | Decisions, session: OnnxSession, parts: Parts
) -> Calibration | Decisions:
    """Returns the calibration, written anew where the run learns to tell texts with nothing to judge."""
    if parts.own is None or not isinstance(calibration, Calibration):
        return calibration
    calibration = abstaining(calibration, session, parts.held_out, parts.own, parts.encoder)
    write_whole(run.calibration, to_json(calibration.to_dict()))
    return calibration


def _accuracy(calibration: Calibration | Decisions, log_probabilities: np.ndarray, labels: np.ndarray) -> float:
    scores = calibration.shifted(log_probabilities) if isinstance(calibration, Calibration) else log_probabilities
    return float(np.mean(scores.argmax(axis=-1) == labels))


def _beside(
    teachers: np.ndarray | None, calibration: Calibration | Decisions, outputs: np.ndarray, labels: np.ndarray
) -> dict[str, dict[str, float]]:
    if teachers is None:
        return {}
    agreement = _accuracy(calibration, outputs, teachers)
    return {"teachers": {"agreement": agreement, "validation_accuracy": float(np.mean(teachers == labels))}}


def described(measured: dict) -> str:
    """Returns in words what `export` measured."""
    if "float32" not in measured:
        return (
            f"no ONNX model: it differs from JAX's by {measured['difference']:.0e} of the log-probabilities, more "
            f"than {TOLERANCE:.0e}, which is a bug to report; `sentiment evaluate` answers through JAX's weights"
        )
    float32, int8 = measured["float32"], measured["int8"]
    change = int8["validation_accuracy"] - float32["validation_accuracy"]
    return (
        f"{float32['bytes'] / 1e6:.2f} MB of ONNX, {measured['difference']:.0e} from JAX; "
        f"int8 {int8['bytes'] / 1e6:.2f} MB, accuracy {change:+.4f}"
    )


def beside_teachers(measured: Mapping[str, float], accuracy: float, n_texts: int) -> str:
    """Returns in words what a student lost against its teachers.

    Args:
        measured: "teachers" of what `export` measured.
        accuracy: the student's, of the validation texts.
        n_texts: how many these are.
    """
    theirs = measured["validation_accuracy"]
    lost = "" if theirs == 1 else f"; accuracy {accuracy:.4f}, the teachers' {theirs:.4f}: {accuracy - theirs:+.4f}"
    return f"agrees with its teachers on {measured['agreement']:.2%} of {n_texts:,} validation texts{lost}"


def _through_jax(model: tl.Serial) -> Callable[[np.ndarray], np.ndarray]:
    """Returns ids -> log-probabilities in float32 of the host, where ONNX computes, whatever device trained."""
    # As this process's own: several processes may have trained them, of which only one is here.
    weights, state = jax.tree_util.tree_map(np.asarray, (model.weights, model.state))
    rng = fastmath.random.get_prng(0)

    def function(ids, weights, state):
        return model.pure_fn(ids, weights, state, rng)[0]

    apply = jax.jit(full_float32(function))
    host = _host()

    def answers(ids: np.ndarray) -> np.ndarray:
        with jax.default_device(host):
            return np.asarray(apply(ids, weights, state))

    return answers


def _host() -> jax.Device:
    try:
        return jax.local_devices(backend="cpu")[0]
    except RuntimeError:  # JAX_PLATFORMS=cuda: no CPU among its backends
        return jax.local_devices()[0]


def _answers_of_jax(apply: Callable[[np.ndarray], np.ndarray], examples: Examples) -> np.ndarray:
    one_pass = pass_over(len(examples))
    batches = Batches(examples, one_pass, _BUCKETS)
    return np.concatenate([apply(batches.batch(step).inputs) for step in range(one_pass.steps)])[: len(examples)]


def _log_probabilities(session: OnnxSession, examples: Examples) -> np.ndarray:
    return session.log_probabilities(Ragged(examples.ids[:-1], np.diff(examples.starts)))
