"""A bounded memory of results that were computed for words: words repeat."""

from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


class BoundedMemo(dict[str, Result]):
    """The results of a function of a string: `memo[string]`. Any number of threads may share one.

    Quicker than `functools.lru_cache`, which records each use: a full memo forgets everything.
    """

    def __init__(self, compute: Callable[[str], Result], most: int = 1 << 17, longest: int = 40):
        """Takes the function, how many results it remembers, and the most characters of a string that it remembers."""
        super().__init__()
        self._compute, self._most, self._longest = compute, most, longest

    def __missing__(self, string: str) -> Result:
        result = self._compute(string)
        if len(string) <= self._longest:
            if len(self) >= self._most:
                self.clear()
            self[string] = result
        return result
