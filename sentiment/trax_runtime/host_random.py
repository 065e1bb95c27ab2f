"""JAX's random keys and uniform numbers computed by NumPy, for what Trax asks for outside of compiled programs.

There JAX compiles a program for each operation and shape, of half a second for a table's initial values, before it
computes them in milliseconds. These give the same keys, and the same numbers but for a last bit where a processor
lacks fused multiply-add. (Threefry-2x32-20: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011; as
in jax/_src/random/threefry2x32.py.)
"""

import math
from collections.abc import Callable, Iterator

import jax
import numpy as np

_ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
_AT_ONCE = 1 << 14  # counters: what a round works on stays in the processor's cache


def replace_random(backend: dict[str, Callable]) -> None:
    """Lets Trax's JAX backend compute on the host what it can; compiled code and other cases are left to JAX."""
    for name, ours in (("get_prng", _get_prng), ("split", _split), ("uniform", _uniform)):
        backend[f"random_{name}"] = ours(backend[f"random_{name}"])


def _get_prng(jaxs: Callable) -> Callable:
    def get_prng(seed):
        plain = isinstance(seed, int) and 0 <= seed < 2**31
        return np.array([0, seed], np.uint32) if plain else jaxs(seed)

    return get_prng


def _split(jaxs: Callable) -> Callable:
    def split(key, num=2):
        if not _is_known(key) or not isinstance(num, int) or not num:
            return jaxs(key, num)
        return np.concatenate([np.stack(hashes, axis=-1) for hashes in _threefry(np.asarray(key), num)])

    return split


def _uniform(jaxs: Callable) -> Callable:
    def uniform(key, shape=(), dtype=np.float32, minval=0.0, maxval=1.0):
        bounds_known = not any(isinstance(bound, jax.core.Tracer) for bound in (minval, maxval))
        if not _is_known(key) or np.dtype(dtype) != np.float32 or not bounds_known or not math.prod(shape):
            return jaxs(key, shape, dtype, minval, maxval)
        low, high, done = np.float32(minval), np.float32(maxval), 0
        numbers = np.empty(math.prod(shape), np.float32)
        for first, second in _threefry(np.asarray(key), len(numbers)):
            shares = ((first ^ second) >> np.uint32(9) | np.float32(1).view(np.uint32)).view(np.float32) - np.float32(1)
            # In double precision, product and sum are exact: rounded once, as by a fused multiply-add.
            spread = (shares.astype(np.float64) * (high - low) + np.float64(low)).astype(np.float32)
            np.maximum(low, spread, out=numbers[done : done + len(spread)])
            done += len(spread)
        return jax.device_put(numbers.reshape(shape))  # `jnp.asarray` would make two copies

    return uniform


def _is_known(key) -> bool:
    concrete = isinstance(key, np.ndarray | jax.Array) and not isinstance(key, jax.core.Tracer)
    partitionable = jax.config.jax_threefry_partitionable  # type: ignore[attr-defined]  # JAX adds options as it runs
    return concrete and key.shape == (2,) and key.dtype == np.uint32 and partitionable


def _threefry(key: np.ndarray, n: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yields, in pieces, two <uint32>[n]: the hashes of the counters 0 to n - 1 (below 2**32)."""
    for start in range(0, n, _AT_ONCE):
        yield _hashed(key, np.arange(start, min(start + _AT_ONCE, n), dtype=np.uint32))


def _hashed(key: np.ndarray, counters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    keys = (key[0], key[1], key[0] ^ key[1] ^ np.uint32(0x1BD11BDA))
    one, two = np.full_like(counters, keys[0]), counters + keys[1]
    with np.errstate(over="ignore"):
        for number in range(5):
            for rotation in _ROTATIONS[number % 2]:
                one += two
                two = (two << np.uint32(rotation)) | (two >> np.uint32(32 - rotation))
                two ^= one
            one += keys[(number + 1) % 3]
            two += keys[(number + 2) % 3] + np.uint32(number + 1)
    return one, two
