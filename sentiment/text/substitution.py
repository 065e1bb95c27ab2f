"""One step of preprocessing: a pattern, and what is written in the place of its matches."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sentiment.text.offsets import Edit, Text, TracedText


@dataclass(frozen=True)
class Substitution:
    """Rewrites what a pattern matches, in a plain text or in a traced one, which keeps its offsets.

    Attributes:
        pattern: what is looked for.
        written: what takes a match's place: a template as `re.sub` takes it, or what a function makes of the match, or
            the match itself after another substitution.
        unless: of the whole text; where it is true nothing is rewritten.
    """

    pattern: re.Pattern[str]
    written: "str | Callable[[re.Match[str]], str] | Substitution"
    unless: Callable[[str], bool] | None = None

    def __call__(self, text: Text) -> Text:
        """Returns the rewritten text."""
        if isinstance(text, TracedText):
            return text.edited(self._edits(str(text)))
        if self.unless and (not self.pattern.search(text) or self.unless(text)):
            return text
        if isinstance(self.written, Substitution):
            inner = self.written
            return self.pattern.sub(lambda match: inner(match[0]), text)
        return self.pattern.sub(self.written, text)

    def _edits(self, text: str) -> Iterator[Edit]:
        if self.unless and self.unless(text):
            return
        for match in self.pattern.finditer(text):
            if isinstance(self.written, Substitution):
                for start, end, written in self.written._edits(match[0]):
                    yield Edit(match.start() + start, match.start() + end, written)
                continue
            written = match.expand(self.written) if isinstance(self.written, str) else self.written(match)
            if written != match[0]:
                yield Edit(*match.span(), written)
