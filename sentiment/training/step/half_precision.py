"""Matrix products and convolutions in bfloat16, and everything else as it was."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax.extend import core

_PRODUCTS = {"dot_general", "conv_general_dilated"}


def products_in_bfloat16(function: Callable) -> Callable:
    """Returns the function with its products of <float32> arrays computed in <bfloat16>, and so those of its gradient.

    Each product takes and gives bfloat16, between a conversion from float32 and one back, as in mixed-precision
    training after Micikevicius et al. 2018 and in `torch.autocast`; processors made for it add up in float32
    meanwhile. Lookups, sums, normalisations, softmax and losses stay in float32, as do the weights and what is kept of
    their gradients. Layers don't know of it: the traced program is rewritten. What stands in a function with a
    derivative of its own (`jax.custom_jvp`, `jax.custom_vjp`) is left as it is.

    JAX's own settings don't serve: on a CPU `jax.default_matmul_precision("BF16_BF16_F32")` gave the bits of float32
    (0.10.2, 0.11.2 and 0.12.0.1), "BF16_BF16_BF16" is refused there, and convolutions take no notice of either.
    """

    def run(*args):
        traced, shapes = jax.make_jaxpr(function, return_shape=True)(*args)
        results = _evaluate(traced, *jax.tree_util.tree_leaves(args))
        return jax.tree_util.tree_unflatten(jax.tree_util.tree_structure(shapes), results)

    return run


def _evaluate(traced: core.ClosedJaxpr, *args) -> list:
    values = dict(zip([*traced.jaxpr.constvars, *traced.jaxpr.invars], [*traced.consts, *args], strict=True))

    def read(var):
        return var.val if isinstance(var, core.Literal) else values[var]

    for equation in traced.jaxpr.eqns:
        results = _apply(equation, [read(var) for var in equation.invars])
        values.update(zip(equation.outvars, results, strict=True))
    return [read(var) for var in traced.jaxpr.outvars]


def _apply(equation: core.JaxprEqn, inputs: list) -> list:
    primitive, params = equation.primitive, equation.params
    if primitive.name in _PRODUCTS and all(jnp.result_type(each) == jnp.float32 for each in inputs):
        halves = (jax.lax.convert_element_type(each, jnp.bfloat16) for each in inputs)
        product = primitive.bind(*halves, **params | {"preferred_element_type": jnp.bfloat16})
        return [jax.lax.convert_element_type(product, jnp.float32)]
    if not primitive.name.startswith("custom_"):
        params = {name: _rewritten(value) for name, value in params.items()}
    results = primitive.bind(*inputs, **primitive.get_bind_params(params))
    return results if primitive.multiple_results else [results]


def _rewritten(parameter):
    # The body of a call, loop or branch.
    if type(parameter) is tuple:
        return tuple(map(_rewritten, parameter))
    if isinstance(parameter, core.ClosedJaxpr):  # asked first: since jax 0.11.2 a Jaxpr is one too
        return jax.make_jaxpr(lambda *args: _evaluate(parameter, *args))(*parameter.in_avals)
    if isinstance(parameter, core.Jaxpr):
        return _rewritten(core.ClosedJaxpr(parameter, ())).jaxpr
    return parameter
