"""What depends on words that stand beside each other: idioms become one token, comparisons get marks."""

from dataclasses import dataclass

from sentiment.text.comparisons import marked, marked_tokens
from sentiment.text.idioms import joined, joined_tokens
from sentiment.text.offsets import Token


@dataclass(frozen=True)
class Neighbours:
    """Which of these a preprocessor does.

    Attributes:
        idioms: join idioms.
        phrases: those of `phrases.txt`, too.
        comparisons: mark comparisons.
    """

    idioms: bool
    phrases: bool
    comparisons: bool

    def __bool__(self) -> bool:
        return self.idioms or self.comparisons

    def words(self, words: list[str]) -> list[str]:
        """Returns a text's words after that."""
        if self.idioms:
            words = joined(words, self.phrases)
        return marked(words) if self.comparisons else words

    def tokens(self, tokens: list[Token]) -> list[Token]:
        """Returns a text's tokens after that."""
        if self.idioms:
            tokens = joined_tokens(tokens, self.phrases)
        return marked_tokens(tokens) if self.comparisons else tokens
