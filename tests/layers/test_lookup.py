"""Lookups on an accelerator: the same rows and gradients as on a CPU, added up in an order that the ids alone set."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from fetches import fetch_or_skip
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from jaxpr_flow import unordered_sums
from paths import ROOT

from sentiment.encoding.vocabulary import Vocabulary
from sentiment.layers import Embedding, EmbeddingBag, KnownAndLearned, embedding_bag, lookup
from sentiment.recipe.recipe import read_recipe
from sentiment.trax_runtime import fastmath, shapes, tl

N, D = 12, 3
CONFIGS = sorted(path for path in (ROOT / "configs").glob("*.gin") if path.stem != "base")


@pytest.fixture
def as_on_an_accelerator(monkeypatch):
    """Takes an accelerator's ways on this CPU: of the two that bags have, "counts" or "pairs"."""

    def begin(way: str) -> None:
        for module in (lookup, embedding_bag):
            monkeypatch.setattr(module, "on_cpu", lambda: False)
        if way == "pairs":
            monkeypatch.setattr(embedding_bag, "_MOST_COMPARISONS", 0)

    return begin


def _batch(seed: int = 0) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return (generator.integers(0, N, (7, 9)) * (generator.random((7, 9)) < 0.7)).astype(np.int32)


def _gradient(layer, ids) -> tuple[np.ndarray, np.ndarray]:
    layer.init(shapes.signature(ids), rng=fastmath.random.get_prng(1))

    def loss(weights):
        outputs, _ = layer.pure_fn(ids, weights, layer.state, fastmath.random.get_prng(0))
        vectors = outputs[0] if isinstance(outputs, tuple) else outputs
        return jnp.sum(jnp.sin(vectors * jnp.arange(1.0, vectors.size + 1).reshape(vectors.shape)))

    value, gradient = jax.value_and_grad(loss)(layer.weights)
    return np.asarray(value), np.asarray(gradient)


def _layers():
    return [
        Embedding(N, D),
        Embedding(N, D, mask_zero=True),
        EmbeddingBag(N, D),
        KnownAndLearned(np.ones((N, 2)), 8, D),
    ]


@pytest.mark.parametrize("way", ["counts", "pairs"])
@pytest.mark.parametrize("number", range(4))
def test_rows_and_gradients_are_those_of_a_cpu(number, way, as_on_an_accelerator):
    expected = _gradient(_layers()[number], _batch())
    as_on_an_accelerator(way)
    found = _gradient(_layers()[number], _batch())
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-5)
    np.testing.assert_allclose(found[1], expected[1], rtol=1e-4, atol=1e-4)
    assert np.any(expected[1] != 0)


def test_an_id_out_of_range_gives_the_nearest_row(as_on_an_accelerator):
    as_on_an_accelerator("pairs")
    table, ids = jnp.arange(12.0).reshape(4, 3), jnp.array([[-1, 9], [0, 2]])
    np.testing.assert_array_equal(lookup.look_up(table, ids), jnp.take(table, ids, axis=0, mode="clip"))
    gradient = jax.grad(lambda table: lookup.look_up(table, ids).sum())(table)
    np.testing.assert_array_equal(gradient[:, 0], [2, 0, 1, 1])


@given(hnp.arrays(np.int32, st.sampled_from([0, 1, 2, 29]), elements=st.integers(0, 6)), st.integers(0, 2**31))
def test_sums_are_those_of_numpy(ids, seed):
    values = np.random.default_rng(seed).integers(-50, 50, (len(ids), 2)).astype(np.float32)  # whole: sums are exact
    expected = np.zeros((6, 2), np.float32)
    np.add.at(expected, ids[ids < 6], values[ids < 6])
    np.testing.assert_array_equal(lookup.sum_by_id(jnp.asarray(ids), jnp.asarray(values), 6), expected)


@pytest.mark.parametrize("length", [9, 256, 301])
def test_products_with_counts_are_those_of_float32(length):
    """Compiled, where a part could be lost as a rounding without effect; an id stands `length` times in a text."""
    generator = np.random.default_rng(length)
    ids = generator.integers(0, 4, (5, length)).astype(np.int32)
    ids[0] = 2
    gradient = (generator.normal(size=(5, D)) * 10.0 ** generator.integers(-6, 3, (5, 1))).astype(np.float32)
    expected = np.zeros((4, D))
    np.add.at(expected, ids, gradient[:, None].astype(np.float64))
    size = np.zeros((4, D))  # of what is added up: its rounding is relative to that
    np.add.at(size, ids, np.abs(gradient[:, None]).astype(np.float64))
    found = jax.jit(embedding_bag._by_counts, static_argnums=2)(ids, gradient, 4)
    assert np.all(np.abs(found - expected) <= 1e-6 * size)


def _unordered(model, ids) -> list[str]:
    """What the gradient of a model, or of what it looks up, adds up in any order."""
    model.init(shapes.signature(ids), rng=fastmath.random.get_prng(1))

    def loss(weights):
        outputs, _ = model.pure_fn(ids, weights, model.state, fastmath.random.get_prng(0))
        outputs = outputs[0] if isinstance(outputs, tuple) else outputs
        return tl.CrossEntropyLoss()((outputs, jnp.zeros(outputs.shape[:-1], jnp.int32), jnp.ones(outputs.shape[:-1])))

    return unordered_sums(jax.make_jaxpr(jax.grad(loss))(model.weights).jaxpr)


@pytest.mark.parametrize("way", ["counts", "pairs"])
def test_nothing_is_scattered_and_added_on_an_accelerator(way, as_on_an_accelerator):
    """A GPU would do that in any order; a scatter that only sets has one place for each row."""
    assert _unordered(Embedding(N, D), _batch()), "a CPU may: it has one order"
    as_on_an_accelerator(way)
    for layer in _layers():
        assert not _unordered(layer, _batch()), layer


@pytest.mark.parametrize("config", CONFIGS, ids=lambda path: path.stem)
def test_the_model_of_every_config_adds_in_one_order_on_an_accelerator(config, as_on_an_accelerator):
    recipe = read_recipe(config)
    with fetch_or_skip(f"what {config.stem} is made of"):
        encoder = recipe.encoder(Vocabulary.build([[f"w{n}" for n in range(N)]]))
    as_on_an_accelerator("pairs")
    assert not _unordered(recipe.model().layers(encoder, 2, mode="train"), _batch())
