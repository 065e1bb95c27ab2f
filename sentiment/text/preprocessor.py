"""Text -> tokens: the course's `process_tweet` (seeds/003) to the letter, with settings for each thing it does."""

import functools
import itertools
import string
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Literal, get_args

from sentiment.errors import InputError
from sentiment.text.bounded_memo import BoundedMemo
from sentiment.text.edges import ALONE, edges_of
from sentiment.text.neighbours import Neighbours
from sentiment.text.offsets import Text, Token, TracedText
from sentiment.text.part import Part
from sentiment.text.pieces import pieces
from sentiment.text.porter_stemmer import stem
from sentiment.text.steps import (
    CROSSING,
    DROP_URLS_AND_REST_OF_LINE,
    JOIN,
    MARK_CAPITALS,
    MARK_EACH_IN_CAPITALS,
    Step,
    edges_of_emoticons,
    excess_of_capitals,
    steps_of,
)
from sentiment.text.tweet_tokenizer import control_space, spaces_matter, tokenize
from sentiment.text.unspaced_scripts import letters
from sentiment.text.word_lists import shipped_lines

if TYPE_CHECKING:
    from sentiment.text.many_texts import ManyTexts
    from sentiment.text.tokenised import Tokenised

_MARK = ""  # among words, none of which is empty

# NLTK's stemmer, whose results ours gives, recurses once for each y of a run ("yYyY..."). No tweet is so long.
_LONGEST_STEMMED = 280


@dataclass(frozen=True)
class Preprocessor:
    """Turns a text into tokens; with the default settings, exactly as the seed notebook's `process_tweet` does.

    Always removed are stock tickers ("$GE"), an old-style "RT " at the start and the "#" of hashtags. NLTK's
    TweetTokenizer splits the rest and lowers the case of all but emoticons. Tokens that are substrings of
    `string.punctuation` are dropped: single signs, and pairs that stand there in order, such as "()".

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
        emoticons: "keep" keeps them as they are; "join" writes ": (" as ":(", where the notebook dropped both signs;
            "drop" removes them strictly, before every other step (`strip_emoticons`). Emoji stay.
        exclamations: "drop" removes "!" and "?" like all single signs; "keep" keeps these two.
        capitals: "lower" ignores them; "token" puts "<caps>" after a word of three or more capitals, unless most of the
            text is in capitals.
        hashtags: "word" makes each one word; "split" splits it where its writer did ("#BadService", "#so_sad").
        apostrophes: "keep" treats typographic ones as the notebook did, for which "isn’t" is three tokens;
            "straighten" writes "'" for them; "all" does so for everything that is used as one ("isn´t", "isn`t").
        idioms: "words" keeps the words of an idiom apart; "join" makes one token of them, with spaces in it ("can't
            wait"; `sentiment/data/idioms.txt`); "all" does so for `phrases.txt` too ("used to", "could have been").
        entities: "late" resolves HTML's after "#" is dropped, as the notebook did, so that "isn&#39;t" falls apart;
            "first" resolves them before every other step.
        characters: "keep" keeps them as they are; "fold" writes full-width letters and the like as plain ones (NFKC)
            and removes invisible characters (`unicode_forms.fold_characters`).
        emoji: "keep" keeps them as they are; "base" leaves out skin tones and what is joined to them (👍🏽 -> 👍).
        unspaced: "keep" leaves what stands between two spaces or signs in one piece; "letters" makes each letter of the
            scripts that are written without spaces (Chinese, Japanese, Thai and others) a token.
        words: "tweet" splits as NLTK's TweetTokenizer does; "spaces" gives what stands between white space as it is
            written, which is what subwords are made of (`encoding.subwords`): stock tickers, "RT", "#", signs, runs of
            a character, stop words and capitals stay, and the settings of those do nothing.
        clauses: "drop" removes commas, full stops, colons and semicolons like all single signs; "keep" keeps these.
        comparisons: "plain" leaves them; "mark" marks those that change what a negation does (`text.comparisons`).

    Raises:
        InputError: if a setting has any other value.
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
    apostrophes: Literal["keep", "straighten", "all"] = "keep"
    idioms: Literal["words", "join", "all"] = "words"
    entities: Literal["late", "first"] = "late"
    characters: Literal["keep", "fold"] = "keep"
    emoji: Literal["keep", "base"] = "keep"
    unspaced: Literal["keep", "letters"] = "keep"
    words: Literal["tweet", "spaces"] = "tweet"
    clauses: Literal["drop", "keep"] = "drop"
    comparisons: Literal["plain", "mark"] = "plain"

    def __post_init__(self) -> None:
        for field in fields(self):
            value, allowed = getattr(self, field.name), get_args(field.type) or (True, False)
            if type(value) is not type(allowed[0]) or value not in allowed:
                *others, last = map(repr, allowed)
                raise InputError(f"preprocessor setting {field.name} = {value!r}: use {', '.join(others)} or {last}")

    def __reduce__(self) -> tuple[Callable[..., "Preprocessor"], tuple[dict[str, str | bool]]]:
        return type(self).from_dict, (self.to_dict(),)  # without the words and stems that it remembers

    def __call__(self, text: str) -> list[str]:
        """Returns the tokens of `text`, any string, in order; possibly none.

        Raises:
            TypeError: if `text` isn't a string.
        """
        if self.words == "spaces":
            return str(self._cleaned(_checked(text))).split()
        if self.emoticons == "drop" or control_space(_checked(text)):
            return self._finished(self._words_of_whole(text))
        words = list(
            itertools.chain.from_iterable(map(self._words_alone.__getitem__, self._without_urls(text).split()))
        )
        if marks := words.count(_MARK):
            if marks > 1:
                return self._finished(self._words_of_whole(text))
            words.remove(_MARK)
        return self._finished(words) if self._neighbours else words

    def tokenised(self, texts: Iterable[str]) -> "Tokenised":
        """Returns the tokens of each text, as calls return them, in a fraction of the time. Raises as a call does."""
        texts = list(texts)
        if not set(map(type, texts)) <= {str}:
            texts = list(map(_checked, texts))
        if self.words == "spaces" or self.emoticons == "drop":
            from sentiment.text.tokenised import Tokenised  # with NumPy, which one text does without

            return Tokenised.of(map(self, texts))
        found = self._many_texts(texts)
        return found.mapped(self._stems.__getitem__) if self._neighbours and self.stem else found

    def _words_of_whole(self, text: str) -> list[str]:
        return list(itertools.chain.from_iterable(map(self._words_of_part.__getitem__, _parts(self._cleaned(text)))))

    def _without_urls(self, text: str) -> str:
        if self._cues_before_urls and not any(cue in text for cue in self._cues_before_urls):
            return DROP_URLS_AND_REST_OF_LINE(text)
        return text

    def _words_of_one(self, part: str) -> tuple[str, ...]:
        """Returns the words of what stands between white space, and a `_MARK` for each of its open edges.

        A text with one mark is read part by part all the same: it takes two for them to have to do with each other.
        """
        found = self._read(part)
        return (*[_MARK] * found.n_open_edges, *found.words)

    def _read(self, part: str, among_capitals: bool = False) -> Part:
        """Returns what stands between white space as it is read alone.

        The words are `_finished`, unless neighbours matter to that.
        """
        cleaned, edges, capitals, differs = part, 0, 0, False
        for cue, step, crosses in self._steps_of_part:
            if crosses and crosses(cleaned):
                return Part((), ALONE)
            if step is JOIN:
                edges = edges_of_emoticons(cleaned)
            elif step is MARK_CAPITALS:
                capitals, differs = excess_of_capitals(cleaned), bool(MARK_CAPITALS.pattern.search(cleaned))
                cleaned = cleaned if among_capitals else MARK_EACH_IN_CAPITALS(cleaned)
            elif cue in cleaned:
                cleaned = step(cleaned)
        words = list(itertools.chain.from_iterable(map(self._words, cleaned.split())))
        other = self._read(part, among_capitals=True) if differs and not among_capitals else None
        finished = words if self._neighbours else self._finished(words)
        return Part(tuple(finished), edges | edges_of(cleaned), capitals, other)

    def _finished(self, words: list[str]) -> list[str]:
        words = self._neighbours.words(words)
        return list(map(self._stems.__getitem__, words)) if self.stem else words

    def tokens_with_offsets(self, text: str) -> list[Token]:
        """Returns the same tokens as a call, each with the characters of `text` that it stands for.

        No token starts or ends before its predecessor does. Tokens overlap where one piece of the text gives several: a
        word in capitals and its "<caps>", a run of a sign that is cut to three. A word's offsets include what is
        removed from its inside; those of a word with a shortened run, the whole run.

        Raises:
            TypeError: if `text` isn't a string.
        """
        cleaned = self._cleaned(TracedText.of(_checked(text)))
        if self.words == "spaces":
            return [word.token() for word in cleaned.split()]
        parts = _parts(cleaned)
        tokens = [word.token() for part in parts for word in self._words(part)]
        tokens = self._neighbours.tokens(tokens)
        return [token._replace(text=self._stems[token.text]) for token in tokens] if self.stem else tokens

    def _cleaned(self, text: Text) -> Text:
        for cue, step in self._steps:
            if cue in text:
                text = step(text)
        return text

    @functools.cached_property
    def _steps(self) -> tuple[tuple[str, Step], ...]:
        return steps_of(self)

    @functools.cached_property
    def _cues_before_urls(self) -> tuple[str, ...]:
        """What a text mustn't hold for URLs to be dropped before all else; () where they aren't, or it would matter."""
        steps = [step for _, step in self._steps]
        if DROP_URLS_AND_REST_OF_LINE not in steps:
            return ()
        cues = tuple(cue for cue, _ in self._steps[: steps.index(DROP_URLS_AND_REST_OF_LINE)])
        return cues if all(cues) else ()

    @functools.cached_property
    def _steps_of_part(self) -> tuple[tuple[str, Step, Callable[[str], object] | None], ...]:
        return tuple((cue, step, CROSSING.get(step)) for cue, step in self._steps)

    @functools.cached_property
    def _words_of_part(self) -> BoundedMemo[list[str]]:
        return BoundedMemo(self._words)  # some 30 MB at most

    @functools.cached_property
    def _words_alone(self) -> BoundedMemo[tuple[str, ...]]:
        return BoundedMemo(self._words_of_one, most=1 << 16)

    @functools.cached_property
    def _many_texts(self) -> "ManyTexts":
        from sentiment.text.many_texts import ManyTexts  # with NumPy, which one text does without

        whole = self._words_of_whole if self._neighbours else lambda text: self._finished(self._words_of_whole(text))
        return ManyTexts(self._read, whole, self._without_urls, self._neighbours)

    @functools.cached_property
    def _neighbours(self) -> Neighbours:
        return Neighbours(self.idioms != "words", self.idioms == "all", self.comparisons == "mark")

    @functools.cached_property
    def _stems(self) -> BoundedMemo[str]:
        return BoundedMemo(_stemmed)

    def _words(self, cleaned: Text) -> list[Text]:
        shorten = self.elongation == "shorten"
        words = [word for piece in pieces(cleaned) for word in tokenize(piece, shorten) if self._keeps(str(word))]
        return list(itertools.chain.from_iterable(map(letters, words))) if self.unspaced == "letters" else words

    def to_dict(self) -> dict[str, str | bool]:
        """Returns name -> value of all settings, as JSON can hold them."""
        return asdict(self)

    @classmethod
    def from_dict(cls, settings: Mapping[str, Any]) -> "Preprocessor":
        """Returns the preprocessor with the settings of `to_dict`; a missing setting has its default.

        Raises:
            InputError: if a setting or its value is unknown.
        """
        known = [field.name for field in fields(cls)]
        for name in settings:
            if name not in known:
                raise InputError(f"unknown preprocessor setting {name!r}; the settings are {', '.join(known)}")
        return cls(**settings)

    def _keeps(self, token: str) -> bool:
        if (token in ("!", "?") and self.exclamations == "keep") or (token in tuple(",;:.") and self.clauses == "keep"):
            return True
        # `in` looks for a substring, as the notebook's test did: "()" goes, "..." stays.
        return token not in string.punctuation and not (self.stop_words == "drop" and token in _stop_words())


def _stemmed(word: str) -> str:
    return stem(word) if len(word) <= _LONGEST_STEMMED else word


def _checked(text: str) -> str:
    if not isinstance(text, str):
        raise TypeError(f"a text must be a str, not {type(text).__name__}: {text!r:.60}")
    return text


def _parts(cleaned: Text) -> list[Text]:
    return [cleaned] if spaces_matter(str(cleaned)) else cleaned.split()


@functools.cache
def _stop_words() -> frozenset[str]:
    return frozenset(shipped_lines("stopwords_english.txt"))
