"""A trained classifier's calibration: fitted to the validation split, on the model that will answer."""

import numpy as np

from sentiment.prediction.calibration import Calibration, fit
from sentiment.prediction.decisions import Decisions, fit_decisions
from sentiment.storage.files import write_whole
from sentiment.storage.manifest import read_json, to_json
from sentiment.storage.run_directory import RunDirectory


def calibrate(
    run: RunDirectory,
    outputs: np.ndarray,
    labels: np.ndarray,
    prior_shift: np.ndarray | None = None,
    taught: tuple[np.ndarray, np.ndarray] | None = None,
) -> Calibration | Decisions:
    """Writes calibration.json and returns what it holds. Raises OSError.

    Args:
        run: where it goes.
        outputs: <float32>[n_examples, n_classes] log-probabilities of the validation split; [n_examples, n_classes, 2]
            where a text may have several classes.
        labels: <int32>[n_examples] its classes; [n_examples, n_classes] 0 or 1.
        prior_shift: <float64>[n_classes] what corrects them for the sampling (`Parts.prior_shift`); None: nothing.
        taught: log-probabilities of the texts that teachers answer and nothing learns, and the answers; None: none.
    """
    label_names = tuple(read_json(run.model)["label_names"])
    fitted: Calibration | Decisions
    if labels.ndim == 2:
        fitted = fit_decisions(outputs, labels, label_names)
    else:
        fitted = fit(outputs, labels, label_names, prior_shift, taught)
    write_whole(run.calibration, to_json(fitted.to_dict()))
    return fitted
