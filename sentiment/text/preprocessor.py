"""Text -> tokens: the course's `process_tweet` (seeds/003) to the letter, and what a user may want different of it."""

import functools
import itertools
import re
import string
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from typing import Literal, get_args

from sentiment.errors import InputError
from sentiment.text.bounded_memo import BoundedMemo
from sentiment.text.emoticons import strip_emoticons
from sentiment.text.idioms import joined
from sentiment.text.porter_stemmer import stem
from sentiment.text.tweet_tokenizer import resolve, spaces_matter, strip_handles, tokenize
from sentiment.text.word_lists import shipped_lines

USER, URL, CAPITALS = "<user>", "<url>", "<caps>"  # the tokenizer takes them for HTML tags and keeps each in one piece

_TICKER = re.compile(r"\$\w*")
_OLD_RETWEET = re.compile(r"^RT[\s]+")
_URL_AND_REST_OF_LINE = re.compile(r"https?://.*[\r\n]*")
_URL = re.compile(r"https?://\S*")
_APART = re.compile(r"(?<!\S)([:;=]-?) ([()]+)(?!\w)")
_HASHTAG = re.compile(r"#(\w+)")
_SEAM = re.compile(r"_+|(?<=[a-z])(?=[A-Z0-9])|(?<=[A-Z])(?=[A-Z][a-z])")
_IN_CAPITALS = re.compile(r"(?<![\w<])[A-Z]{3,}(?![\w>])")

# NLTK's patterns take cubic time on some texts ("a.a.a...": 82 s for 16,000 characters), so that long texts go through
# them in pieces. NLTK's stemmer, whose results ours gives, recurses once for each y of a run ("yYyY..."). No tweet
# reaches either limit.
_LONGEST_PIECE = 500
_LONGEST_STEMMED = 280


@dataclass(frozen=True)
class Preprocessor:
    """Turns a text into its tokens; as it comes, just as the seed notebook's `process_tweet` did.

    Removed are stock tickers ("$GE"), an old-style "RT " at the start and the "#" of hashtags; NLTK's TweetTokenizer
    splits the rest and lowers the case of all but emoticons. Never kept is a token that is a substring of
    `string.punctuation`: single signs, and the pairs that stand there in order, such as "()".

    A text over 500 characters is tokenised in pieces of at most that length, cut at white space where there is any,
    and a token over 280 characters isn't stemmed. The notebook has no such limits; its longest tweet has 152.

    Attributes:
        stop_words: "drop" removes NLTK's 179 English stop words of 2020, "not" among them; "keep" keeps them.
        stem: applies NLTK's Porter stemmer, which also lowers the case of long emoticons.
        elongation: "shorten" cuts runs of a character to three ("soooo" -> "sooo"); "keep" keeps them, except that
            NLTK's tokenizer always shortens runs of signs.
        users: "drop" removes "@name"; "token" puts the token "<user>" in its place.
        urls: "drop" removes from "http://" or "https://" to the end of the *line*, words included, as the notebook
            did; "token" puts "<url>" in the place of the URL alone.
        emoticons: "keep" as they are; "join" writes ": (" as ":(", of which the notebook kept neither sign; "drop"
            removes them strictly (`strip_emoticons`), before all else. Emoji stay.
        exclamations: "drop" removes "!" and "?" as all single signs; "keep" keeps these two.
        capitals: "lower" takes no note of them; "token" puts "<caps>" after a word in capitals, of three letters or
            more, unless most of the text is written so.
        hashtags: "word" takes each for one word; "split" parts it where its writer did ("#BadService", "#so_sad").
        apostrophes: "keep" takes typographic ones as the notebook did, to which "isn’t" is three tokens; "straighten"
            writes them as typewriters do.
        idioms: "words" takes each for its words; "join" makes one token of a phrase that means something else than its
            words do ("can't wait"), with spaces in it (`sentiment/data/idioms.txt`).

    Raises:
        InputError: a setting has a value that isn't among these.
    """

    stop_words: Literal["drop", "keep"] = "drop"
    stem: bool = True
    elongation: Literal["shorten", "keep"] = "shorten"
    users: Literal["drop", "token"] = "drop"
    urls: Literal["drop", "token"] = "drop"
    emoticons: Literal["keep", "join", "drop"] = "keep"
    exclamations: Literal["drop", "keep"] = "drop"
    capitals: Literal["lower", "token"] = "lower"
    hashtags: Literal["word", "split"] = "word"
    apostrophes: Literal["keep", "straighten"] = "keep"
    idioms: Literal["words", "join"] = "words"

    def __post_init__(self):
        for field in fields(self):
            value, allowed = getattr(self, field.name), get_args(field.type) or (True, False)
            if type(value) is not type(allowed[0]) or value not in allowed:
                *others, last = map(repr, allowed)
                raise InputError(f"preprocessor setting {field.name} = {value!r}: use {', '.join(others)} or {last}")

    def __call__(self, text: str) -> list[str]:
        """Returns the tokens of `text`, in order; possibly none. Any string will do.

        Raises:
            TypeError: `text` isn't a string.
        """
        words = self.words(text)
        return list(map(self._stems.__getitem__, words)) if self.stem else words

    def words(self, text: str) -> list[str]:
        """Returns the tokens as they are before stemming, one for each that a call returns. Raises TypeError as it."""
        text = self._cleaned(text)
        if spaces_matter(text):
            words = self._words(text)
        else:
            words = list(itertools.chain.from_iterable(map(self._words_of_part.__getitem__, text.split())))
        return joined(words) if self.idioms == "join" else words

    def _cleaned(self, text: str) -> str:
        if not isinstance(text, str):
            raise TypeError(f"a text must be a str, not {type(text).__name__}: {text!r:.60}")
        if self.emoticons == "drop":
            text = strip_emoticons(text)
        elif self.emoticons == "join" and (" (" in text or " )" in text):
            text = _APART.sub(r"\1\2", text)
        if "$" in text:
            text = _TICKER.sub("", text)
        if text.startswith("RT"):
            text = _OLD_RETWEET.sub("", text)
        if "http" in text:
            text = _URL_AND_REST_OF_LINE.sub("", text) if self.urls == "drop" else _URL.sub(f" {URL} ", text)
        if self.hashtags == "split" and "#" in text:
            text = _HASHTAG.sub(_parted, text)
        text = text.replace("#", "")
        if self.users == "token":
            text = strip_handles(text, f" {USER} ")
        if self.capitals == "token" and _IN_CAPITALS.search(text) and not _mostly_capitals(text):
            text = _IN_CAPITALS.sub(rf"\g<0> {CAPITALS} ", text)
        text = resolve(text)
        return text.replace("’", "'") if self.apostrophes == "straighten" else text

    @functools.cached_property
    def _words_of_part(self) -> BoundedMemo:
        return BoundedMemo(self._words)  # some 30 MB at most

    @functools.cached_property
    def _stems(self) -> BoundedMemo:
        return BoundedMemo(_stemmed)

    def _words(self, cleaned: str) -> list[str]:
        shorten = self.elongation == "shorten"
        return [word for piece in _pieces(cleaned) for word in tokenize(piece, shorten) if self._keeps(word)]

    def to_dict(self) -> dict[str, str | bool]:
        """Returns all settings by name, as JSON can hold them."""
        return asdict(self)

    @classmethod
    def from_dict(cls, settings: dict[str, str | bool]) -> "Preprocessor":
        """Returns the preprocessor that `to_dict` described; a setting left out has its default.

        Raises:
            InputError: an unknown setting or value.
        """
        known = [field.name for field in fields(cls)]
        for name in settings:
            if name not in known:
                raise InputError(f"unknown preprocessor setting {name!r}; the settings are {', '.join(known)}")
        return cls(**settings)

    def _keeps(self, token: str) -> bool:
        if self.exclamations == "keep" and token in ("!", "?"):
            return True
        # `in` looks for a substring, as the notebook's test did: "()" goes, "..." stays.
        return token not in string.punctuation and not (self.stop_words == "drop" and token in _stop_words())


def _stemmed(word: str) -> str:
    return stem(word) if len(word) <= _LONGEST_STEMMED else word


def _parted(hashtag: re.Match) -> str:
    return _SEAM.sub(" ", hashtag[1])


def _mostly_capitals(text: str) -> bool:
    return sum(map(str.isupper, text)) > sum(map(str.islower, text))


def _pieces(text: str) -> Iterator[str]:
    """Cuts a text into pieces of at most `_LONGEST_PIECE` characters, before white space if possible."""
    start = 0
    while len(text) - start > _LONGEST_PIECE:
        end = start + _LONGEST_PIECE
        while end > start and not text[end].isspace():
            end -= 1
        if end == start:
            end = start + _LONGEST_PIECE
        yield text[start:end]
        start = end
    yield text[start:]


@functools.cache
def _stop_words() -> frozenset[str]:
    return frozenset(shipped_lines("stopwords_english.txt"))
