"""The encoders, which give a text's tokens the ids that a model takes, as a run directory keeps them."""

from sentiment.batching.batches import Encoder
from sentiment.encoding.fixed_length import FilledTo
from sentiment.encoding.hashed_ngrams import HashedNgrams
from sentiment.encoding.vocabulary import Vocabulary
from sentiment.errors import InputError

_KINDS = {"Vocabulary": lambda vocabulary: vocabulary, "FilledTo": FilledTo, "HashedNgrams": HashedNgrams}


def describe_encoder(encoder: Encoder) -> dict:
    """Returns an encoder's kind and settings, as JSON can hold them."""
    return {"kind": type(encoder).__name__, **encoder.to_dict()}


def encoder_from(described: dict, vocabulary: Vocabulary) -> Encoder:
    """Returns the encoder that `describe_encoder` described.

    Raises:
        InputError: a kind or a setting that this program doesn't know.
    """
    settings = dict(described)
    kind = settings.pop("kind", None)
    try:
        return _KINDS[kind](vocabulary, **settings)
    except (KeyError, TypeError) as error:
        raise InputError(f"features {described!r}: this program knows {', '.join(_KINDS)}; train again") from error
