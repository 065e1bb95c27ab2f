"""Nests of tuples and dicts, as Trax keeps weights and optimizer slots -> arrays by name, and back."""

from collections.abc import Mapping
from typing import Any

import jax
import numpy as np


def named_leaves(tree) -> list[tuple[str, Any]]:
    """Returns (name, leaf) of every array in the nest; a name is a path such as "weights/0/1"."""
    paths, _ = jax.tree_util.tree_flatten_with_path(tree)
    return [(jax.tree_util.keystr(path, simple=True, separator="/"), leaf) for path, leaf in paths]


def with_leaves(tree, tensors: Mapping[str, np.ndarray]):
    """Returns the nest with its arrays replaced by the tensors of their names; None where names or shapes differ."""
    leaves = named_leaves(tree)
    if {name: np.shape(leaf) for name, leaf in leaves} != {name: tensor.shape for name, tensor in tensors.items()}:
        return None
    replaced = [jax.numpy.asarray(tensors[name]) for name, _ in leaves]
    return jax.tree_util.tree_unflatten(jax.tree_util.tree_structure(tree), replaced)
