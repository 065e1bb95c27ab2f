"""EmbeddingBag: Embedding and MaskedMean in one, whichever way it adds up."""

import jax
import numpy as np
import pytest

from sentiment.layers import Embedding, EmbeddingBag, MaskedMean, embedding_bag
from sentiment.training.step.step import Step
from sentiment.trax_runtime import fastmath, optimizers, shapes, tl

KEY = fastmath.random.get_prng(0)
IDS = np.array([[4, 1, 0, 4], [0, 0, 0, 0], [0, 5, 0, 0], [2, 2, 2, 3]], np.int32)  # padding between tokens, and alone
PULL = np.random.default_rng(1).normal(size=(4, 3)).astype(np.float32)


@pytest.fixture(params=[True, False], ids=["one-cpu", "elsewhere"])
def place(request, monkeypatch):
    """Computes as on a single CPU, or as elsewhere."""
    monkeypatch.setattr(embedding_bag, "_on_one_cpu", lambda: request.param)


def _value_and_gradient(*layers: tl.Layer, ids=IDS):
    """Returns a layer's outputs in training, and the gradient of a weighted sum of them with respect to the table."""
    model = tl.Serial(*layers)
    model.init(shapes.signature(ids), rng=KEY)
    table = np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)

    def pulled(table):
        outputs = model.pure_fn(ids, (table, *model.weights[1:]), model.state, KEY)[0]
        return (outputs * PULL[: len(ids)]).sum(), outputs

    return jax.jit(jax.value_and_grad(pulled, has_aux=True))(table)


@pytest.mark.parametrize("length", [13, 7, 4, 1, 0])
def test_values_and_gradients_are_those_of_an_embedding_and_a_masked_mean(place, length):
    ids = np.tile(IDS, 4)[:, :length]
    (_, means), gradient = _value_and_gradient(EmbeddingBag(6, 3), ids=ids)
    (_, expected), expected_gradient = _value_and_gradient(Embedding(6, 3, mask_zero=True), MaskedMean(), ids=ids)
    np.testing.assert_allclose(means, expected, atol=1e-6)
    np.testing.assert_allclose(gradient, expected_gradient, atol=1e-6)
    assert not gradient[0].any(), "padding has no gradient"


def test_without_gradients_the_values_are_the_same(place):
    layer = EmbeddingBag(6, 3)
    layer.init(shapes.signature(IDS), rng=KEY)
    vectors = np.asarray(layer.weights)
    expected = [vectors[row[row != 0]].sum(axis=0) / max((row != 0).sum(), 1) for row in IDS]
    np.testing.assert_allclose(layer(IDS), expected, atol=1e-6)


def test_more_padding_changes_no_bit(place):
    (_, means), gradient = _value_and_gradient(EmbeddingBag(6, 3))
    (_, wider), wider_gradient = _value_and_gradient(EmbeddingBag(6, 3), ids=np.pad(IDS, ((0, 0), (0, 9))))
    np.testing.assert_array_equal(means, wider)
    np.testing.assert_array_equal(gradient, wider_gradient)


def test_a_frozen_table_is_state():
    layer = EmbeddingBag(6, 3, trainable=False)
    layer.init(shapes.signature(IDS), rng=KEY)
    assert layer.weights == ()
    assert layer.state.shape == (6, 3)
    assert layer(IDS).shape == (4, 3)


def test_lazy_updates_see_that_its_ids_look_up_rows(place):
    model = tl.Serial(EmbeddingBag(6, 3), tl.Dense(2), tl.LogSoftmax(), tl.CrossEntropyLoss())
    batch = (IDS, np.zeros(4, np.int32), np.ones(4, np.float32))
    model.init(shapes.signature(batch), rng=KEY)
    optimizer = optimizers.SGD(0.1)
    optimizer.tree_init(model.weights)
    assert Step(model, optimizer, batch, lazy=True, norms=False).n_rows == 6
