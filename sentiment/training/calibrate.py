"""A trained classifier's calibration: fitted to the validation split, on the model that will answer."""

import numpy as np

from sentiment.prediction.calibration import fit
from sentiment.storage.files import write_whole
from sentiment.storage.manifest import read_json, to_json
from sentiment.storage.run_directory import RunDirectory


def calibrate(run: RunDirectory, outputs: np.ndarray, labels: np.ndarray) -> None:
    """Writes calibration.json. Raises OSError.

    Args:
        run: where it goes.
        outputs: <float32>[n_examples, n_classes] log-probabilities of the validation split.
        labels: <int32>[n_examples] its classes.
    """
    label_names = tuple(read_json(run.model)["label_names"])
    write_whole(run.calibration, to_json(fit(outputs, labels, label_names).to_dict()))
