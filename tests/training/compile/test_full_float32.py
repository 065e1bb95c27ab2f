"""What promises rest on is computed in full float32, on a device that by itself multiplies as coarsely as a GPU."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.extend.core.primitives import conv_general_dilated_p, dot_general_p
from paths import FIXTURES

from sentiment import Predictor, train
from sentiment.training.compile.full_float32 import full_float32
from sentiment.training.trained_model import TrainedModel

_TENSOR_FLOAT = {"exponent_bits": 8, "mantissa_bits": 10}
SMALL = {
    "mean": ["mean_classifier.d_embedding = 16"],
    "cnn": ["cnn_classifier.filters = 8", "Recipe.eval_every = 20"],
    "lstm": ["recurrent_classifier.units = (8,)", "Recipe.eval_every = 20"],
}


@pytest.fixture
def coarse_products(monkeypatch):
    """A CPU that rounds the factors of a product to TensorFloat-32 where nothing says how precise it must be, as an
    H100 does. Returns an iterator whose next value is how many such products have been traced."""
    traced = itertools.count()
    calls = []

    def rounding(bind):
        def coarse(*factors, **params):
            if params["precision"] is None:
                calls.append(next(traced))
                factors = [jax.lax.reduce_precision(factor, **_TENSOR_FLOAT) for factor in factors]
            return bind(*factors, **params)

        return coarse

    for primitive in (dot_general_p, conv_general_dilated_p):
        monkeypatch.setattr(primitive, "bind", rounding(primitive.bind))
    jax.clear_caches()
    yield calls
    monkeypatch.undo()
    jax.clear_caches()


def test_products_are_full_only_inside(coarse_products):
    a, b = (np.random.default_rng(seed).normal(size=(8, 8)).astype(np.float32) for seed in (0, 1))
    expected = a.astype(np.float64) @ b.astype(np.float64)
    assert np.abs(jax.jit(jnp.dot)(a, b) - expected).max() > 1e-4
    assert np.abs(jax.jit(full_float32(jnp.dot))(a, b) - expected).max() < 1e-5
    assert len(coarse_products) == 1


@pytest.mark.parametrize("variant", ["mean", "cnn", pytest.param("lstm", marks=pytest.mark.slow)])
def test_a_coarse_device_ends_its_training_and_answers_as_onnx_does(variant, coarse_products, tmp_path, monkeypatch):
    monkeypatch.setenv("SENTIMENT_CACHE", str(tmp_path))  # no program compiled for a finer device
    source = [f"load_corpus.source = '{FIXTURES / 'moods.csv'}'", "load_corpus.label_column = 'mood'"]
    run = train(f"configs/{variant}.gin", [*source, *SMALL[variant], "Recipe.steps = 20"], tmp_path / "run")
    assert coarse_products, "training itself computes as the device does"
    coarse_products.clear()
    texts = ["what a lovely morning", "so sad", "rain, rain again", ""]
    model, predictor = TrainedModel.load(run.path), Predictor.load(run.path)
    through_onnx = [list(prediction.probabilities.values()) for prediction in predictor(texts)]
    np.testing.assert_allclose(model.probabilities(texts), through_onnx, atol=1e-5)
    assert not coarse_products
