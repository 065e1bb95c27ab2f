"""NarrowDense: Trax's Dense, but for how a CPU adds up the gradient of its weights."""

import jax
import numpy as np
import pytest

from sentiment.layers import NarrowDense, narrow_dense
from sentiment.trax_runtime import fastmath, shapes, tl

KEY = fastmath.random.get_prng(0)


@pytest.fixture(params=[True, False], ids=["cpu", "elsewhere"])
def place(request, monkeypatch):
    """Computes as on a CPU, or as elsewhere."""
    monkeypatch.setattr(narrow_dense, "on_cpu", lambda: request.param)


def _value_and_gradients(layer: tl.Layer, x: np.ndarray, pull: np.ndarray):
    layer.init(shapes.signature(x), rng=KEY)

    def pulled(x, weights):
        outputs = layer.pure_fn(x, weights, layer.state, KEY)[0]
        return (outputs * pull).sum(), outputs

    return jax.jit(jax.value_and_grad(pulled, argnums=(0, 1), has_aux=True))(x, layer.weights)


@pytest.mark.parametrize("n_units", [1, 2, 8, 9, 20])
@pytest.mark.parametrize("batch", [(5,), (0,), (2, 3)], ids=str)
def test_outputs_and_gradients_are_those_of_trax(place, n_units, batch):
    generator = np.random.default_rng(0)
    x, pull = (generator.normal(size=(*batch, n)).astype(np.float32) for n in (7, n_units))
    (_, outputs), gradients = _value_and_gradients(NarrowDense(n_units), x, pull)
    (_, expected), expected_gradients = _value_and_gradients(tl.Dense(n_units), x, pull)
    np.testing.assert_array_equal(outputs, expected)
    for one, other in zip(*map(jax.tree_util.tree_leaves, (gradients, expected_gradients)), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_members_of_an_ensemble_have_gradients_of_their_own(place):
    x, weights = np.ones((3, 4, 5), np.float32), np.ones((3, 5, 2), np.float32)

    def total(weights):
        return jax.vmap(narrow_dense._product)(x * np.arange(3, dtype=np.float32)[:, None, None], weights).sum()

    np.testing.assert_array_equal(jax.grad(total)(weights), np.ones((3, 5, 2)) * [[[0]], [[4]], [[8]]])


def test_where_it_gains_nothing_its_product_is_traxs_and_so_can_be_in_bfloat16(place):
    on_cpu = narrow_dense.on_cpu()
    for n_units, own in ((2, on_cpu), (9, False)):
        layer, x = NarrowDense(n_units), np.ones((3, 4), np.float32)
        layer.init(shapes.signature(x), rng=KEY)
        traced = jax.make_jaxpr(lambda x, layer=layer: layer.pure_fn(x, layer.weights, layer.state, KEY)[0])(x)
        assert ("custom_vjp" in str(traced)) == own
