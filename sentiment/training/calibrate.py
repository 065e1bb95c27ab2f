"""A trained classifier's calibration: fitted to the validation split, on the model that will answer."""

import numpy as np

from sentiment.prediction.calibration import fit
from sentiment.prediction.decisions import fit_decisions
from sentiment.storage.files import write_whole
from sentiment.storage.manifest import read_json, to_json
from sentiment.storage.run_directory import RunDirectory


def calibrate(run: RunDirectory, outputs: np.ndarray, labels: np.ndarray) -> None:
    """Writes calibration.json. Raises OSError.

    Args:
        run: where it goes.
        outputs: <float32>[n_examples, n_classes] log-probabilities of the validation split; [n_examples, n_classes, 2]
            where a text may have several classes.
        labels: <int32>[n_examples] its classes; [n_examples, n_classes] 0 or 1.
    """
    label_names = tuple(read_json(run.model)["label_names"])
    fitted = fit_decisions(outputs, labels, label_names) if labels.ndim == 2 else fit(outputs, labels, label_names)
    write_whole(run.calibration, to_json(fitted.to_dict()))
