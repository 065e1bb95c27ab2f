"""What Trax draws outside of compiled programs has JAX's bits, and costs no compilation."""

import jax
import jax.monitoring
import numpy as np
import pytest

from sentiment.trax_runtime import fastmath, shapes, tl

KEYS = [jax.random.PRNGKey(seed) for seed in (0, 7, 2**31 - 1)]


def test_seeds_give_jaxs_keys():
    for seed in (0, 7, 2**31 - 1):
        np.testing.assert_array_equal(fastmath.random.get_prng(seed), jax.random.PRNGKey(seed))


@pytest.mark.parametrize("n", [1, 2, 3, 50_000])
def test_keys_are_split_as_jax_splits_them(n):
    for key in KEYS:
        np.testing.assert_array_equal(fastmath.random.split(key, n), jax.random.split(key, n))


@pytest.mark.parametrize("shape", [(), (1,), (7, 3), (9088, 32), (3, 0)])
def test_uniform_numbers_are_jaxs(shape):
    for key, bound in zip(KEYS, (1.0, 0.025, 0.3), strict=True):
        ours = fastmath.random.uniform(key, shape, np.float32, -bound, bound)
        theirs = jax.random.uniform(key, shape, np.float32, -bound, bound)
        assert ours.dtype == theirs.dtype
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=bound * 2**-23)
        assert np.count_nonzero(ours == theirs) >= 0.99 * ours.size


def test_other_types_and_the_old_generator_are_left_to_jax():
    key = KEYS[1]
    half = fastmath.random.uniform(key, (5,), jax.numpy.bfloat16)
    np.testing.assert_array_equal(half, jax.random.uniform(key, (5,), jax.numpy.bfloat16))
    with jax.threefry_partitionable(False):
        np.testing.assert_array_equal(fastmath.random.split(key, 3), jax.random.split(key, 3))
        old = fastmath.random.uniform(key, (5,))
        np.testing.assert_array_equal(old, jax.random.uniform(key, (5,)))
    assert np.any(np.asarray(old) != np.asarray(fastmath.random.uniform(key, (5,))))


def test_within_a_compiled_program_jax_draws():
    drawn = jax.jit(lambda key: fastmath.random.uniform(fastmath.random.split(key)[1], (4,)))(KEYS[1])
    np.testing.assert_array_equal(drawn, fastmath.random.uniform(fastmath.random.split(KEYS[1])[1], (4,)))


def test_initial_tables_are_not_worth_a_program():
    compiled = []
    jax.monitoring.register_event_duration_secs_listener(
        lambda event, seconds, **facts: "backend_compile" in event and compiled.append(facts.get("fun_name"))
    )
    embedding = tl.Embedding(301, 17)
    embedding.init(shapes.ShapeDtype((2, 3), np.int32), rng=fastmath.random.get_prng(5))
    assert not [name for name in compiled if "uniform" in str(name) or "threefry" in str(name)]
    jax.jit(lambda x: x + 301.5)(1.0)
    assert compiled, "the listener hears of programs"
