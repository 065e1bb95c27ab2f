"""The Encoder protocol (tokens -> ids), and encoders as a run directory describes them."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from sentiment.encoding.fixed_length import FixedLength
from sentiment.encoding.hashed_ngrams import HashedNgrams
from sentiment.encoding.ragged import Ragged
from sentiment.encoding.vocabulary import Vocabulary
from sentiment.errors import InputError
from sentiment.text.tokenised import Tokenised


class Encoder(Protocol):
    """Gives tokens their ids: a `Vocabulary`, or `HashedNgrams` over one (encoding/encoder.py names them all)."""

    def encode(self, tokens: Sequence[str]) -> np.ndarray:
        """Returns <int32>[n] ids."""

    def encode_texts(self, texts: Tokenised) -> Ragged:
        """Returns the ids of many texts, as `encode` gives them."""

    def __len__(self) -> int:
        """The number of ids."""

    def knows(self, tokens: Sequence[str]) -> np.ndarray:
        """Returns <bool>[len(tokens)]: which tokens mean anything to a model, rather than being unknown to it."""

    def origins(self, tokens: Sequence[str]) -> list[tuple[int, ...]]:
        """Returns, for each id of `encode`, the places of the tokens that it comes from; possibly none."""

    def to_dict(self) -> Mapping[str, int | float]:
        """Returns the settings, for JSON; with a vocabulary they make the encoder anew."""


_ENCODERS: dict[str, Callable[..., Encoder]] = {
    "Vocabulary": lambda vocabulary: vocabulary,
    "FixedLength": FixedLength,
    "FilledTo": FixedLength,  # its name in run directories of before 2026-11-26
    "HashedNgrams": HashedNgrams,
}


def describe_encoder(encoder: Encoder) -> dict[str, str | int | float]:
    """Returns an encoder's kind and settings, for JSON."""
    return {"kind": type(encoder).__name__, **encoder.to_dict()}


def encoder_from(
    described: Mapping[str, Any], vocabulary: Vocabulary, tokenizer: Callable[[], tuple[bytes, Path]] | None = None
) -> Encoder:
    """Returns the encoder that `describe_encoder` described.

    Args:
        described: its kind and settings.
        vocabulary: the words that it goes by.
        tokenizer: () -> tokenizer.json's bytes and path, where subwords need it.

    Raises:
        InputError: if the kind or a setting is unknown, or the tokenizer can't be used.
    """
    settings = dict(described)
    kind = str(settings.pop("kind", None))
    if kind == "Subwords" and tokenizer is not None:
        from sentiment.encoding.subwords import Subwords  # of no use to a run without them

        data, path = tokenizer()
        return Subwords.from_run(data, settings, path)
    try:
        return _ENCODERS[kind](vocabulary, **settings)
    except (KeyError, TypeError) as error:
        raise InputError(f"features {described!r}: this program knows {', '.join(_ENCODERS)}; train again") from error
