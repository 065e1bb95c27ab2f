"""Arrays of one dimension that lie in several files, taken for one."""

from collections.abc import Sequence

import numpy as np


class JoinedArray:
    """Arrays end to end, without a copy of them: `np.take` and slices read what they return, and no more.

    Attributes:
        parts: the arrays, <dtype>[n_i], of one type.
        dtype: their type.
        shape: (the sum of all n_i,)
    """

    def __init__(self, parts: Sequence[np.ndarray]):
        self.parts = [part for part in parts if len(part)] or [parts[0]]
        self.dtype = self.parts[0].dtype
        self._ends = np.cumsum([len(part) for part in self.parts])
        self.shape = (int(self._ends[-1]),)

    def __len__(self) -> int:
        return self.shape[0]

    def __array__(self, dtype: np.dtype | None = None, copy: bool | None = None) -> np.ndarray:
        """Returns all of it, in memory."""
        return np.concatenate(self.parts).astype(dtype or self.dtype, copy=False)

    def __getitem__(self, some: slice) -> np.ndarray:
        """Returns a stretch of it, in memory."""
        first, end, step = some.indices(len(self))
        found = [np.empty(0, self.dtype)]
        for part, its_end in zip(self.parts, self._ends.tolist(), strict=True):
            begin = its_end - len(part)
            found.append(part[max(0, first - begin) : max(0, end - begin)])
        return np.concatenate(found)[::step]

    def take(self, places: np.ndarray, axis: None = None, out: None = None, mode: str = "raise") -> np.ndarray:
        """Returns what stands at some places, in the form of `places`; `np.take` calls it.

        With `mode` "clip", places before the first or after the last are taken for those; else they raise IndexError.
        """
        if len(self.parts) == 1:
            return np.take(self.parts[0], places, axis, out, mode)  # type: ignore[call-overload]  # a mode by its name
        flat = np.clip(places, 0, len(self) - 1).ravel() if mode == "clip" else np.ravel(places)
        if len(flat) and not 0 <= flat.min() <= flat.max() < len(self):
            raise IndexError(f"a place outside 0..{len(self) - 1}")
        which = np.searchsorted(self._ends, flat, side="right").astype(np.uint16)
        order = np.argsort(which, kind="stable")
        cuts = np.searchsorted(which[order], np.arange(len(self.parts) + 1))
        found = np.empty(len(flat), self.dtype)
        for number in np.flatnonzero(np.diff(cuts)).tolist():
            own = order[cuts[number] : cuts[number + 1]]
            part = self.parts[number]
            found[own] = part[flat[own] - (self._ends[number] - len(part))]
        return found.reshape(np.shape(places))
