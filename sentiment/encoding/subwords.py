"""Texts -> a pretrained transformer's subwords, through the `tokenizers` library."""

import functools
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment.encoding.ragged import Ragged
from sentiment.encoding.tokenizer_file import check_tokenizer
from sentiment.encoding.vocabulary import Vocabulary
from sentiment.errors import InputError
from sentiment.text.bounded_memo import BoundedMemo
from sentiment.text.steps import URL, USER
from sentiment.text.tokenised import Tokenised
from sentiment.transformers.shape import TransformerShape

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from sentiment.transformers.pretrained import PretrainedTransformer

_WRITTEN = {USER: "@user", URL: "http"}  # as in the tweets that TweetEval's models were trained on
_LONGEST = 10_000  # characters of a text that the tokenizer sees, with which any has as many subwords as count


class Subwords:
    """Encodes a text as the subwords of its words, between the tokenizer's special entries.

    Words are given apart (`Preprocessor.words = 'spaces'`) and joined by spaces, so that the tokenizer sees the text
    as it was written. A text of more than `length` ids loses its end. Padding is id 0, as everywhere: where the
    publisher has another, the two change places (`transformers.weights.read_weights`). A special entry's name that
    stands in a text is text. Where the tokenizer doesn't know an emoji, the words of its Unicode name stand for it.

    Attributes:
        tokenizer: the bytes of tokenizer.json.
        shape: of the transformer whose ids these are.
        source: what the transformer begins with; None: the encoder is a finished run's, whose weights are its own.
    """

    def __init__(
        self,
        tokenizer: bytes,
        shape: TransformerShape,
        length: int,
        source: "PretrainedTransformer | None" = None,
        path: Path | str = "tokenizer.json",
    ):
        """Takes the tokenizer; `path` is what errors call it.

        Raises:
            InputError: if the tokenizer can't be used, its ids aren't the transformer's, or the length is more than
                the transformer's positions or less than 3.
        """
        if not 3 <= length <= shape.n_positions:
            raise InputError(f"Subwords.length = {length}: must be 3 to {shape.n_positions}, the transformer's most")
        self.tokenizer, self.shape, self.source = tokenizer, shape, source
        self._length = length
        self._made = _made(tokenizer, Path(path), shape, length)
        unknown = getattr(self._made.model, "unk_token", None)
        self._unknown = -1 if unknown is None else self._made.token_to_id(unknown)
        self._written = BoundedMemo(self._written_as, most=1 << 16)
        self._is_known = BoundedMemo(lambda token: not self._lacks(self._written[token]), most=1 << 16)

    @classmethod
    def of_transformer(
        cls, vocabulary: Vocabulary, transformer: str = "all-MiniLM-L6-v2", length: int = 64
    ) -> "Subwords":
        """Returns the encoder of a pretrained transformer.

        Args:
            vocabulary: of the training texts' words; it is not used.
            transformer: a name or folder for `load_transformer`.
            length: the most ids that a text has, the special entries included.

        Raises:
            InputError: as `load_transformer` does, and if the tokenizer or the length can't be used.
        """
        from sentiment.transformers.pretrained import load_transformer  # which prediction does without

        del vocabulary
        source = load_transformer(transformer)
        return cls(source.tokenizer, source.shape, length, source, Path(transformer) / "tokenizer.json")

    @classmethod
    def from_run(cls, tokenizer: bytes, settings: Mapping[str, Any], path: Path | str) -> "Subwords":
        """Returns the encoder that `to_dict` described. Raises InputError where the tokenizer can't be used."""
        shape = {name: value for name, value in settings.items() if name != "length"}
        return cls(tokenizer, TransformerShape(**shape), settings["length"], path=path)

    def __len__(self) -> int:
        """The number of ids."""
        return self.shape.n_ids

    def encode(self, tokens: Sequence[str]) -> np.ndarray:
        """Returns <int32>[n] ids, special entries included, of words."""
        text = " ".join(map(self._written.__getitem__, tokens))[:_LONGEST]
        return self._as_ours(np.array(self._made.encode(text).ids, np.int32))

    def encode_texts(self, texts: Tokenised) -> Ragged:
        """Returns the ids of many texts, as `encode` gives them."""
        return Ragged.of([self.encode(tokens) for tokens in texts])

    def origins(self, tokens: Sequence[str]) -> list[tuple[int, ...]]:
        """Returns, for each id of `encode`, the place of the word that it comes from; none for a special entry."""
        written = list(map(self._written.__getitem__, tokens))
        starts = np.cumsum([0, *(len(each) + 1 for each in written)])[:-1]
        encoded = self._made.encode(" ".join(written)[:_LONGEST])
        places = np.searchsorted(starts, [start for start, _ in encoded.offsets], side="right") - 1
        return [
            () if special else (int(place),) for place, special in zip(places, encoded.special_tokens_mask, strict=True)
        ]

    def knows(self, tokens: Sequence[str]) -> np.ndarray:
        """Returns <bool>[len(tokens)]: which words consist of subwords of the tokenizer's vocabulary."""
        return np.fromiter(map(self._is_known.__getitem__, tokens), bool, len(tokens))

    def to_dict(self) -> dict[str, int | float]:
        """Returns the settings, for JSON; with tokenizer.json they make the encoder anew."""
        return {"length": self._length, **asdict(self.shape)}

    def _written_as(self, token: str) -> str:
        # The library takes UTF-8, which has no half of a surrogate pair.
        written = _WRITTEN.get(token, token).encode("utf-8", "replace").decode("utf-8")
        return _emoji_by_name(written) if not written.isascii() and self._lacks(written) else written

    def _lacks(self, written: str) -> bool:
        return self._unknown in self._made.encode(written, add_special_tokens=False).ids

    def _as_ours(self, ids: np.ndarray) -> np.ndarray:
        pad = self.shape.pad
        if not pad:
            return ids
        return np.where(ids == pad, np.int32(0), np.where(ids == 0, np.int32(pad), ids))


def _emoji_by_name(word: str) -> str:
    """Returns a word with "grinning face" for 😀, in which skin tones, joiners and the like are left out."""
    parts = []
    for character in word:
        category = unicodedata.category(character)
        if category == "So":
            parts.append(f" {unicodedata.name(character, '').lower()} ")
        elif category not in ("Sk", "Cf") and character != "\ufe0f":
            parts.append(character)
    return " ".join("".join(parts).split())


def _made(tokenizer: bytes, path: Path, shape: TransformerShape, length: int) -> "Tokenizer":
    n_ids = check_tokenizer(tokenizer, path)
    if n_ids > shape.n_ids:
        raise InputError(f"{path}: has {n_ids:,} ids, its transformer {shape.n_ids:,}; give both of one model")
    library = _library()
    try:
        made = library.from_buffer(tokenizer)
        made.no_padding()
        made.enable_truncation(length)
        made.encode_special_tokens = True
    except Exception as error:  # the library has no class of its own
        raise InputError(
            f"{path}: no tokenizer that can be used ({str(error)[:100]}); fetch or train it anew"
        ) from error
    return made


@functools.cache
def _library() -> "type[Tokenizer]":
    try:
        from tokenizers import Tokenizer
    except ModuleNotFoundError as error:
        raise InputError("a run with subwords needs the package tokenizers: pip install tokenizers") from error
    return Tokenizer
