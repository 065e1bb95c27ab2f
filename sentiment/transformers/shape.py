"""A transformer's sizes, as its config.json gives them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sentiment.errors import InputError

_FAMILIES = {"bert": 0, "roberta": 1}  # -> padding's id where the config doesn't say
_MOST = 1 << 20
_WANTED = {"hidden_act": "gelu", "position_embedding_type": "absolute", "is_decoder": False}


@dataclass(frozen=True)
class TransformerShape:
    """The sizes of a BERT or RoBERTa encoder (Devlin et al. 2019; Liu et al. 2019).

    Attributes:
        n_ids: entries of the subword vocabulary.
        d_model: size of a vector.
        n_layers: attention layers, each with its feed-forward layer.
        n_heads: attention heads of each layer; they divide d_model.
        d_hidden: size of the feed-forward layers' hidden vectors.
        n_positions: the most subwords that a text may have, the special ones included.
        pad: padding's id in the publisher's files.
        epsilon: of the layer norms, added to the variance.
    """

    n_ids: int
    d_model: int
    n_layers: int
    n_heads: int
    d_hidden: int
    n_positions: int
    pad: int
    epsilon: float

    @classmethod
    def from_config(cls, config: Mapping[str, Any], path: Path | str) -> "TransformerShape":
        """Returns the shape that a config.json describes.

        Raises:
            InputError: if it is of another family than BERT or RoBERTa, has other parts (another activation, relative
                positions), or lacks a size; `path` is what the message calls the file.
        """
        family = config.get("model_type")
        if family not in _FAMILIES:
            raise InputError(f"{path}: model_type {family!r:.40} can't be used; give a folder of BERT or RoBERTa")
        for name, wanted in _WANTED.items():
            if config.get(name, wanted) != wanted:
                raise InputError(f"{path}: {name} {config[name]!r:.40} can't be used; it must be {wanted!r}")
        pad = config.get("pad_token_id")
        pad = _FAMILIES[family] if pad is None else pad
        n_positions = _size(config, "max_position_embeddings", path)
        shape = cls(
            n_ids=_size(config, "vocab_size", path),
            d_model=_size(config, "hidden_size", path),
            n_layers=_size(config, "num_hidden_layers", path),
            n_heads=_size(config, "num_attention_heads", path),
            d_hidden=_size(config, "intermediate_size", path),
            n_positions=n_positions if family == "bert" else n_positions - pad - 1,  # RoBERTa counts from pad + 1
            pad=pad,
            epsilon=config.get("layer_norm_eps", 1e-12),
        )
        if shape.d_model % shape.n_heads or not 0 <= shape.pad < shape.n_ids or shape.n_positions < 1:
            raise InputError(f"{path}: its sizes don't fit together; fetch the publisher's file anew")
        if not isinstance(shape.epsilon, float) or not 0 < shape.epsilon < 1:
            raise InputError(f"{path}: layer_norm_eps {shape.epsilon!r:.40} is no number between 0 and 1")
        return shape


def _size(config: Mapping[str, Any], name: str, path: Path | str) -> int:
    size = config.get(name)
    if type(size) is not int or not 1 <= size <= _MOST:
        raise InputError(f"{path}: {name} is {size!r:.40} instead of a size; fetch the publisher's file anew")
    return size
