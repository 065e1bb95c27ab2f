"""The random keys of steps."""

import jax
import jax.numpy as jnp


def drawn_keys(rng, count, room: int) -> tuple[jax.Array, jax.Array]:
    """Returns (rng, keys <uint32>[room, 2]), the first `count` as that many calls of Trax's `Loop.new_rng`."""

    def body(number, drawn):
        rng, keys = drawn
        rng, key = jax.random.split(rng)
        return rng, keys.at[number].set(key)

    return jax.lax.fori_loop(0, count, body, (rng, jnp.zeros((room, 2), jnp.uint32)))
