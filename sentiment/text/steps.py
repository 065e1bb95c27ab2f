"""The rewritings that a preprocessor is made of, each for a text, plain or traced."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from sentiment.text.edges import EYES, MOUTH
from sentiment.text.emoticons import strip_emoticons
from sentiment.text.offsets import Text
from sentiment.text.substitution import Substitution
from sentiment.text.tweet_tokenizer import handles, resolve
from sentiment.text.unicode_forms import (
    base_emoji,
    begins_or_ends_joined,
    fold_characters,
    straighten_all,
    unescape_entities,
)

if TYPE_CHECKING:
    from sentiment.text.preprocessor import Preprocessor


class Step(Protocol):
    """A rewriting of a text, plain or traced."""

    def __call__(self, text: Text) -> Text: ...  # noqa: D102


USER, URL, CAPITALS = "<user>", "<url>", "<caps>"  # the tokenizer takes them for HTML tags and keeps each in one piece

_EYES = re.compile("[:;=]-?")
JOIN = Substitution(re.compile(rf"(?<!\S){_EYES.pattern} [()]+(?!\w)"), Substitution(re.compile(" "), ""))
DROP_TICKERS = Substitution(re.compile(r"\$\w*"), "")
DROP_OLD_RETWEET = Substitution(re.compile(r"^RT\s+"), "")
DROP_URLS_AND_REST_OF_LINE = Substitution(re.compile(r"https?://.*[\r\n]*"), "")
URLS_TO_TOKENS = Substitution(re.compile(r"https?://\S*"), f" {URL} ")
_SEAM = re.compile(r"_+|(?<=[a-z])(?=[A-Z0-9])|(?<=[A-Z])(?=[A-Z][a-z])")
SPLIT_HASHTAGS = Substitution(re.compile(r"#\w+"), Substitution(_SEAM, " "))
DROP_HASHES = Substitution(re.compile("#"), "")
STRAIGHTEN = Substitution(re.compile("’"), "'")


def excess_of_capitals(text: str) -> int:
    """Returns how many more letters of a text are in upper than in lower case."""
    return sum(map(str.isupper, text)) - sum(map(str.islower, text))


def _mostly_capitals(text: str) -> bool:
    return excess_of_capitals(text) > 0


MARK_EACH_IN_CAPITALS = Substitution(re.compile(r"(?<![\w<])[A-Z]{3,}(?![\w>])"), rf"\g<0> {CAPITALS} ")
MARK_CAPITALS = replace(MARK_EACH_IN_CAPITALS, unless=_mostly_capitals)


def edges_of_emoticons(part: str) -> int:
    """Returns the bits (`text.edges`) of a part of a text that `JOIN` reads."""
    if _EYES.fullmatch(part):
        return EYES
    return MOUTH if part.startswith(("(", ")")) else 0


# What a text's steps make of its parts, what stands between white space, is what they make of each part alone, but for
# what `JOIN` finds; unless:
CROSSING: dict[Step, Callable[[str], object]] = {
    fold_characters: begins_or_ends_joined,
    DROP_OLD_RETWEET: re.compile(r"\ART\Z|\s").search,  # white space comes of entities
    DROP_URLS_AND_REST_OF_LINE: DROP_URLS_AND_REST_OF_LINE.pattern.search,
}


def steps_of(settings: "Preprocessor") -> tuple[tuple[str, Step], ...]:
    """Returns a preprocessor's steps in the order in which they apply.

    Each comes with what a text must hold to be changed by it, which is quickly seen.
    """
    tweet = settings.words == "tweet"
    steps: tuple[tuple[bool, str, Step], ...] = (
        (settings.entities == "first", "&", unescape_entities),
        (settings.apostrophes == "all", "", straighten_all),
        (settings.emoji == "base", "", base_emoji),
        (settings.characters == "fold", "", fold_characters),
        (settings.emoticons == "drop", "", strip_emoticons),
        (settings.emoticons == "join", " (", JOIN),
        (settings.emoticons == "join", " )", JOIN),  # a second time it finds nothing more
        (tweet, "$", DROP_TICKERS),
        (tweet, "RT", DROP_OLD_RETWEET),
        (settings.urls == "drop", "http", DROP_URLS_AND_REST_OF_LINE),
        (settings.urls == "token", "http", URLS_TO_TOKENS),
        (settings.hashtags == "split", "#", SPLIT_HASHTAGS),
        (tweet, "#", DROP_HASHES),
        (settings.users == "token", "@", handles(f" {USER} ")),
        (tweet and settings.capitals == "token", "", MARK_CAPITALS),
        (tweet, "", resolve),
        (settings.apostrophes != "keep", "’", STRAIGHTEN),  # of late entities too
    )
    return tuple((cue, step) for wanted, cue, step in steps if wanted)
