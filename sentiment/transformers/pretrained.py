"""A pretrained transformer by name or folder: its shape, its tokenizer, its weights."""

import difflib
import functools
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sentiment.download.cache import cache_folder
from sentiment.errors import InputError
from sentiment.storage.manifest import as_json, read_whole
from sentiment.transformers import minilm_wheel
from sentiment.transformers.shape import TransformerShape
from sentiment.transformers.weights import read_weights

_NAMED: dict[str, Callable[[str], bytes]] = {"all-MiniLM-L6-v2": minilm_wheel.read}
_PICKLED = ("pytorch_model.bin", "pytorch_model.pt", "model.bin")
_CONVERT = "from transformers import AutoModel; AutoModel.from_pretrained(F).save_pretrained(F)"


@dataclass(frozen=True)
class PretrainedTransformer:
    """What a transformer's publisher gives.

    Attributes:
        name: the name, or the folder.
        shape: its sizes.
        tokenizer: the bytes of its tokenizer.json.
        read: a file's name -> its bytes.
    """

    name: str
    shape: TransformerShape
    tokenizer: bytes
    read: Callable[[str], bytes]

    @functools.cached_property
    def weights(self) -> dict[str, np.ndarray]:
        """The weights by our names (`weights.read_weights`). Raises InputError where they can't be used."""
        return read_weights(self._safetensors, self.shape, f"{self.name}/model.safetensors")

    @functools.cached_property
    def sha256(self) -> str:
        """The hexadecimal SHA-256 of model.safetensors."""
        return hashlib.sha256(self._safetensors).hexdigest()

    @property
    def _safetensors(self) -> bytes:
        return self.read("model.safetensors")


def load_transformer(name: str) -> PretrainedTransformer:
    """Opens a pretrained transformer; its weights are read when they are first asked for.

    Args:
        name: "all-MiniLM-L6-v2", which is fetched at first use (84 MB, Apache-2.0), or a folder in Hugging Face's
            layout: config.json, tokenizer.json and model.safetensors, of BERT's or RoBERTa's kind.

    Raises:
        InputError: if the name is unknown, a file of the folder is missing or can't be used, or its weights are a
            pickle; the message says how to convert those.
        OSError: if a file can't be read, or the cache can't be written.
    """
    return _loaded(name, cache_folder())


@functools.lru_cache(maxsize=2)
def _loaded(name: str, cache: Path) -> PretrainedTransformer:
    # The encoder and the model want the same one. Where the cache is belongs to the key.
    del cache
    read = _NAMED[name] if name in _NAMED else _reader(name)
    config = Path(name) / "config.json"
    shape = TransformerShape.from_config(as_json(read("config.json"), config), config)
    return PretrainedTransformer(name, shape, read("tokenizer.json"), read)


def _reader(name: str) -> Callable[[str], bytes]:
    folder = Path(name)
    if not folder.is_dir():
        close = difflib.get_close_matches(name, _NAMED, n=1, cutoff=0.4)
        meant = f"did you mean {close[0]}? " if close else ""
        raise InputError(f"no transformer {name!r}: {meant}known are {', '.join(_NAMED)}, or the path of a folder")
    pickled = [each for each in _PICKLED if (folder / each).exists()]
    if pickled and not (folder / "model.safetensors").exists():
        raise InputError(
            f"{folder / pickled[0]}: a pickle, which could run code when it is read; where you trust it, convert it "
            f'with PyTorch and transformers installed: python -c "F = {str(folder)!r}; {_CONVERT}"'
        )
    return lambda file: _found(folder / file)


def _found(file: Path) -> bytes:
    if not file.is_file():
        remedy = "fetch it from the model's publisher"
        if file.name == "tokenizer.json":
            remedy = "transformers writes it: AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER)"
        raise InputError(f"{file}: no such file; a transformer's folder needs it, {remedy}")
    return read_whole(file)
