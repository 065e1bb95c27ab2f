"""The rewritings that a preprocessor is made of, each for a text, plain or traced."""

import re
from collections.abc import Callable
from typing import Protocol

from sentiment.text.offsets import Text
from sentiment.text.substitution import Substitution
from sentiment.text.unicode_forms import begins_or_ends_joined, fold_characters


class Step(Protocol):
    """A rewriting of a text, plain or traced."""

    def __call__(self, text: Text) -> Text: ...  # noqa: D102


USER, URL, CAPITALS = "<user>", "<url>", "<caps>"  # the tokenizer takes them for HTML tags and keeps each in one piece

JOIN = Substitution(re.compile(r"(?<!\S)[:;=]-? [()]+(?!\w)"), Substitution(re.compile(" "), ""))
DROP_TICKERS = Substitution(re.compile(r"\$\w*"), "")
DROP_OLD_RETWEET = Substitution(re.compile(r"^RT\s+"), "")
DROP_URLS_AND_REST_OF_LINE = Substitution(re.compile(r"https?://.*[\r\n]*"), "")
URLS_TO_TOKENS = Substitution(re.compile(r"https?://\S*"), f" {URL} ")
_SEAM = re.compile(r"_+|(?<=[a-z])(?=[A-Z0-9])|(?<=[A-Z])(?=[A-Z][a-z])")
SPLIT_HASHTAGS = Substitution(re.compile(r"#\w+"), Substitution(_SEAM, " "))
DROP_HASHES = Substitution(re.compile("#"), "")
STRAIGHTEN = Substitution(re.compile("’"), "'")


def _mostly_capitals(text: str) -> bool:
    return sum(map(str.isupper, text)) > sum(map(str.islower, text))


MARK_CAPITALS = Substitution(
    re.compile(r"(?<![\w<])[A-Z]{3,}(?![\w>])"), rf"\g<0> {CAPITALS} ", unless=_mostly_capitals
)

# What a text's steps make of its parts, what stands between white space, is what they make of each part alone; unless:
CROSSING: dict[Step, Callable[[str], object]] = {
    fold_characters: begins_or_ends_joined,
    JOIN: re.compile(r"[:;=]-?").fullmatch,
    DROP_OLD_RETWEET: re.compile(r"\ART\Z|\s").search,  # white space comes of entities
    DROP_URLS_AND_REST_OF_LINE: DROP_URLS_AND_REST_OF_LINE.pattern.search,
    MARK_CAPITALS: MARK_CAPITALS.pattern.search,
}
