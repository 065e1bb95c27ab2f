"""What a program does, read off its jaxpr: which inputs are tables, whether ids only look up rows, what is unordered.

Layers declare it (sentiment/layers/id_uses.py); tests prove the declarations with this.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import jax
from jax.extend import core

_SAME_IDS = {"broadcast_in_dim", "reshape", "squeeze", "expand_dims", "transpose", "rev", "slice", "copy"}
_TOLD_FROM_PADDING = {"ne", "eq", "gt"}  # a place in the smaller table is 0 where the id is 0, and above 0 elsewhere
ZERO = -1  # in the place of an input's number: a constant 0
_LOOPS = {"scan", "while", "cond"}
_UNORDERED = {"scatter-add", "scatter_add", "scatter-mul", "scatter_mul", "select_and_scatter_add"}


@dataclass(frozen=True)
class Flow:
    """What becomes of the inputs of a traced function.

    Attributes:
        tables: numbers of the inputs of which ids look up rows.
        elsewhere: numbers of the inputs, other than the ids, that are used in any other way.
        other_use: the first operation, if any, that takes ids for more than a lookup or a comparison with padding.
    """

    tables: frozenset[int]
    elsewhere: frozenset[int]
    other_use: str | None


def flow(jaxpr: core.Jaxpr, ids: int) -> Flow:
    """Follows the inputs of a jaxpr, of which number `ids` holds the token ids."""
    walk = _Walk(ids)
    returned = walk.through(jaxpr, range(len(jaxpr.invars)))
    if ids in returned:
        walk.other_uses.append("return")
    return Flow(frozenset(walk.tables), frozenset(walk.elsewhere), next(iter(walk.other_uses), None))


def unordered_sums(jaxpr: core.Jaxpr) -> list[str]:
    """Returns those operations of a jaxpr, and of what it calls, that add up in any order on a GPU."""
    found = []
    for equation in jaxpr.eqns:
        name = equation.primitive.name
        one_each = equation.params.get("unique_indices", False)
        if name in _UNORDERED and not one_each:
            found.append(f"{name} into {equation.outvars[0].aval}")
        for called in jax.tree_util.tree_leaves(list(equation.params.values()), is_leaf=_is_jaxpr):
            if _is_jaxpr(called):
                found += unordered_sums(called.jaxpr if isinstance(called, core.ClosedJaxpr) else called)
    return found


def _is_jaxpr(value: object) -> bool:
    return isinstance(value, core.Jaxpr | core.ClosedJaxpr)


@dataclass
class _Walk:
    ids: int
    tables: set[int] = field(default_factory=set)
    elsewhere: set[int] = field(default_factory=set)
    other_uses: list[str] = field(default_factory=list)

    def through(self, jaxpr: core.Jaxpr, sources: Sequence[int | None]) -> list[int | None]:
        """Follows what comes in; returns of which input each output is a copy (one of the ids may be reshaped)."""
        source_of = dict(zip(jaxpr.invars, sources, strict=True))
        for equation in jaxpr.eqns:
            inputs = [_zero(var) if isinstance(var, core.Literal) else source_of.get(var) for var in equation.invars]
            if any(source is not None for source in inputs):
                source_of.update(zip(equation.outvars, self._outputs(equation, inputs), strict=True))
        return [_zero(var) if isinstance(var, core.Literal) else source_of.get(var) for var in jaxpr.outvars]

    def _outputs(self, equation: core.JaxprEqn, inputs: list[int | None]) -> list[int | None]:
        name = equation.primitive.name
        called = _called(equation)
        if called is not None:
            return self.through(called, inputs)
        if name == "convert_element_type" and inputs == [ZERO]:
            return [ZERO]
        if name == "gather" and inputs[1] == self.ids and inputs[0] is not None and _takes_rows(equation):
            self.tables.add(inputs[0])
        elif self.ids in inputs and (name in _SAME_IDS or (name == "pad" and inputs[1] == ZERO)):
            return [self.ids]
        elif not (name in _TOLD_FROM_PADDING and self.ids in inputs and ZERO in inputs):
            self.elsewhere.update(source for source in inputs if source not in (None, ZERO, self.ids))
            self.other_uses += [name] if self.ids in inputs else []
        return [None] * len(equation.outvars)


def _called(equation: core.JaxprEqn) -> core.Jaxpr | None:
    # What jit and the like call, whose inputs are the equation's, one by one. Those of a loop or a branch are not:
    # what goes into them counts as used in another way.
    if equation.primitive.name in _LOOPS:
        return None
    called = equation.params.get("jaxpr", equation.params.get("call_jaxpr"))
    called = called.jaxpr if isinstance(called, core.ClosedJaxpr) else called
    return called if isinstance(called, core.Jaxpr) and len(called.invars) == len(equation.invars) else None


def _takes_rows(equation: core.JaxprEqn) -> bool:
    numbers, table = equation.params["dimension_numbers"], equation.invars[0].aval
    whole_rows = equation.params["slice_sizes"] == (1, *table.shape[1:])
    by_row = numbers.collapsed_slice_dims == (0,) and numbers.start_index_map == (0,)
    # Other modes treat an id out of range in a way of its own, and the smaller table has another range.
    return whole_rows and by_row and equation.params["mode"] == jax.lax.GatherScatterMode.CLIP


def _zero(literal: core.Literal) -> int | None:
    return ZERO if not literal.aval.shape and literal.val == 0 else None
