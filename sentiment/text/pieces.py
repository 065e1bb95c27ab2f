"""Long texts in pieces, of which each is tokenised by itself."""

from collections.abc import Iterator

from sentiment.text.offsets import Text

# NLTK's patterns take cubic time on some texts ("a.a.a...": 82 s for 16,000 characters). No tweet is so long.
_LONGEST_PIECE = 500


def pieces(text: Text) -> Iterator[Text]:
    """Cuts a text into pieces of at most `_LONGEST_PIECE` characters, before white space if possible."""
    plain, start = str(text), 0
    while len(plain) - start > _LONGEST_PIECE:
        end = start + _LONGEST_PIECE
        while end > start and not plain[end].isspace():
            end -= 1
        if end == start:
            end = start + _LONGEST_PIECE
        yield text[start:end]
        start = end
    yield text[start:]
