"""How far a negation reaches over the tokens after it."""

import functools

from sentiment.trax_runtime import fastmath

np = fastmath.numpy


def in_reach(flags, reach: int):
    """Returns <float32>[batch, length]: 1 at the `reach` tokens after a negation, as far as its clause goes; else 0.

    Args:
        flags: <float32>[batch, length]: 1 at a negation, -1 where a clause ends, else 0.
        reach: in tokens.
    """
    length = flags.shape[1]
    before = np.pad(flags, ((0, 0), (reach, 0)))
    found, going_on = np.zeros_like(flags), _goes_on(flags)
    for earlier in (before[:, n : n + length] for n in reversed(range(reach))):  # one token before, two, ...
        found = np.maximum(found, earlier * going_on)
        going_on = going_on * _goes_on(earlier)
    return found


def ahead(marks, flags, reach: int):
    """Returns <float32>[batch, length]: 1 where one of the next `reach` tokens of the clause has a mark; else 0.

    Args:
        marks: <float32>[batch, length]: 1 or 0.
        flags, reach: as `in_reach` takes them.
    """
    length = flags.shape[1]
    marks, flags = (np.pad(each, ((0, 0), (0, reach))) for each in (marks, flags))
    found, going_on = np.zeros_like(marks[:, :length]), 1.0
    for later in (slice(n, n + length) for n in range(1, reach + 1)):
        going_on = going_on * _goes_on(flags[:, later])
        found = np.maximum(found, marks[:, later] * going_on)
    return found


def in_reach_of_any(flags, reach: int):
    """Returns what `in_reach` does where no clause has an end."""
    length = flags.shape[1]
    before = np.pad(flags, ((0, 0), (reach, 0)))
    return functools.reduce(np.maximum, (before[:, n : n + length] for n in range(reach)))


def _goes_on(flags):
    return 1 + np.minimum(flags, 0)
