"""What is evaluated is what is deployed: the ONNX model's answers, and a note where JAX's weights differ."""

import json
import shutil

import numpy as np

from sentiment.export.graph import onnx
from sentiment.prediction.predictor import Predictor
from sentiment.storage.files import sha256_of
from sentiment.training.trained_model import TrainedModel

TEXTS = ["so happy today", "crying all night", ""]


def test_a_deployed_model_answers_as_prediction_does(small_run):
    trained = TrainedModel.load(small_run)
    for int8 in (False, True):
        deployed = trained.deployed(int8).probabilities(TEXTS)
        np.testing.assert_array_equal(deployed, Predictor.load(small_run, int8).outcomes(TEXTS).probabilities)
    np.testing.assert_allclose(trained.deployed().probabilities(TEXTS), trained.probabilities(TEXTS), atol=1e-6)


def test_evaluation_says_where_the_deployed_model_differs_from_the_weights(small_run, script, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(small_run, run)
    model = onnx.ModelProto()
    model.ParseFromString((run / "model.onnx").read_bytes())
    for weight in model.graph.initializer:
        if weight.data_type == onnx.TensorProto.FLOAT:
            weight.raw_data = (-np.frombuffer(weight.raw_data, np.float32)).tobytes()
    (run / "model.onnx").write_bytes(model.SerializeToString())
    manifest = json.loads((run / "manifest.json").read_text())
    manifest["sha256"]["model.onnx"] = sha256_of(run / "model.onnx")
    (run / "manifest.json").write_text(json.dumps(manifest))
    assert "model.onnx answers; JAX's weights give" in script("evaluate", "--run", run).out
    assert "JAX's weights" not in script("evaluate", "--run", small_run).out
    assert "model.int8.onnx answers; JAX's weights give 0 of" in script("evaluate", "--run", small_run, "--int8").out
