"""A trained classifier's calibration: fitted to the validation split, on the model that will answer."""

from sentiment.batching.batches import Examples
from sentiment.prediction.calibration import fit
from sentiment.prediction.onnx_session import OnnxSession
from sentiment.storage.files import write_whole
from sentiment.storage.manifest import read_json, to_json
from sentiment.storage.run_directory import RunDirectory
from sentiment.training.export_models import log_probabilities


def calibrate(run: RunDirectory, validation: Examples) -> None:
    """Writes calibration.json, by what model.onnx says of the validation split. Raises OSError."""
    outputs = log_probabilities(OnnxSession(run.onnx), validation)
    label_names = tuple(read_json(run.model)["label_names"])
    write_whole(run.calibration, to_json(fit(outputs, validation.labels, label_names).to_dict()))
