"""In bfloat16 are matrix products and convolutions, of any layer, forward and backward; all else is in float32."""

import re

import jax
import numpy as np
import pytest
from small_trainers import BATCHES, RNG, V, leaves_of, new_trainer, run_fused

from sentiment.models.classifiers import AttentionClassifier, CnnClassifier, RecurrentClassifier
from sentiment.training.step.half_precision import products_in_bfloat16
from sentiment.trax_runtime import fastmath, optimizers, tl

MODELS = {
    "cnn": lambda: CnnClassifier(d_embedding=8, filters=4).layers(range(V), 2),
    "lstm": lambda: RecurrentClassifier(d_embedding=8, units=(8,)).layers(range(V), 2),
    "attention": lambda: AttentionClassifier(d_embedding=8, d_attention=3).layers(range(V), 2),
}


def _products(function, *args) -> set[str]:
    """The types of all matrix products and convolutions of a function."""
    traced = str(jax.make_jaxpr(function)(*args))
    return set(re.findall(r"(\w+)\[[\d,]*\] = (?:dot_general|conv_general_dilated)\b", traced))


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_every_product_of_a_loss_and_its_gradient_is_in_bfloat16_and_the_results_are_near(model):
    trainer = new_trainer(model)
    loss = trainer._step._loss
    weights, state = trainer.model_with_loss.weights, trainer.model_with_loss.state
    args = (tuple(BATCHES[0]), fastmath.tree_flatten(weights), jax.tree_util.tree_leaves(state), RNG)
    full, half = (
        jax.jit(jax.value_and_grad(each, argnums=1, has_aux=True)) for each in (loss, products_in_bfloat16(loss))
    )
    assert _products(full, *args) == {"f32"}
    assert _products(half, *args) == {"bf16"}
    ((expected, _), expected_gradients), ((value, _), gradients) = full(*args), half(*args)
    assert value.dtype == np.float32
    assert value != expected
    assert value == pytest.approx(float(expected), rel=0.01)
    for ours, theirs in zip(gradients, expected_gradients, strict=True):
        assert ours.dtype == np.float32
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=0.03 * np.abs(theirs).max() + 1e-5)


def test_training_in_bfloat16_keeps_weights_and_slots_in_float32_and_learns_alike():
    half, full = (new_trainer(compute=compute) for compute in ("bfloat16", "float32"))
    losses, expected = (run_fused(trainer, BATCHES * 3) for trainer in (half, full))
    assert {leaf.dtype for leaf in leaves_of(half)} == {np.dtype(np.float32)}
    assert not np.array_equal(losses, expected)
    np.testing.assert_allclose(losses, expected, rtol=0.1, atol=0.05)


def test_lazy_updates_work_in_bfloat16_too():
    lazy, exact = (new_trainer(optimizer=optimizers.SGD, lazy=lazy, compute="bfloat16") for lazy in (True, False))
    np.testing.assert_allclose(run_fused(lazy, BATCHES[:8]), run_fused(exact, BATCHES[:8]), rtol=0, atol=1e-4)


def test_products_of_other_types_and_functions_with_own_derivatives_are_left_alone():
    @jax.custom_jvp
    def own(x):
        return x @ x

    own.defjvp(lambda primals, tangents: (own(*primals), 2 * primals[0] @ tangents[0]))
    integers = np.arange(4, dtype=np.int32).reshape(2, 2)
    np.testing.assert_array_equal(products_in_bfloat16(lambda x: x @ x)(integers), integers @ integers)
    x = np.array([[1.001, 2], [3, 4]], np.float32)
    np.testing.assert_array_equal(products_in_bfloat16(own)(x), own(x))
    assert not np.array_equal(products_in_bfloat16(lambda x: x @ x)(x), own(x))


def test_loops_and_branches_are_entered():
    def function(x):
        looped = jax.lax.fori_loop(0, 3, lambda _, y: y @ x, x)
        return jax.lax.cond(looped[0, 0] > 0, lambda y: y @ x, lambda y: y, looped)

    x = np.full((2, 2), 0.3, np.float32)
    assert _products(function, x) == {"f32"}
    assert _products(products_in_bfloat16(function), x) == {"bf16"}
    np.testing.assert_allclose(products_in_bfloat16(function)(x), function(x), rtol=0.03)


def test_normalisation_and_softmax_stay_in_float32():
    layer = tl.Serial(tl.Dense(4), tl.LayerNorm(), tl.Relu(), tl.Dense(4), tl.Softmax())
    x = np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4)
    layer.init(x, rng=RNG)
    half = products_in_bfloat16(lambda x: layer.pure_fn(x, layer.weights, layer.state, RNG)[0])
    np.testing.assert_allclose(half(x), layer(x), atol=0.02)
    np.testing.assert_allclose(np.sum(half(x), axis=-1), 1, rtol=1e-6)
