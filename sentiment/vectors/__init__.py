"""Pre-trained word vectors -> an embedding matrix for a vocabulary.

Vectors are optional: nothing is fetched unless `load_vectors` is asked for a name. A new named source is one module
with `load() -> VectorStore` and a `LICENCE`, and one line in `_SOURCES`.
"""

import difflib
import functools
import importlib
import os
from collections.abc import Callable
from pathlib import Path

from sentiment.download.cache import cache_folder
from sentiment.download.fetch import Distribution
from sentiment.errors import InputError
from sentiment.vectors.text_files import SUFFIXES, open_text
from sentiment.vectors.word_vectors import VectorStore, WordList, WordVectors

__all__ = ["KNOWN_VECTORS", "WordList", "WordVectors", "load_vectors"]

_SOURCES = {"glove.6B.50d": "sentiment.vectors.glove_wheel", "word_ratings": "sentiment.vectors.word_ratings"}
KNOWN_VECTORS = tuple(_SOURCES)


def load_vectors(source: str | os.PathLike, d: int | None = None, member: str | None = None) -> WordVectors:
    """Opens word vectors; no more than the first lines of a file are read here, the rest when a matrix is asked for.

    Args:
        source: a name of `KNOWN_VECTORS` (fetched at first use), or the path of a text file: GloVe's (a word and its
            values a line), or word2vec's and fastText's (the same below a line "words width"); as .txt or .vec, plain,
            in a .gz, or in a .zip.
        d: the width that the model's embedding has; None takes any.
        member: which file of a .zip; needed when it holds several .txt or .vec files.

    Raises:
        InputError: an unknown name, vectors that can't be fetched, a missing, broken or empty file, another width.
        OSError: a cache folder that can't be written, a file that can't be read.
    """
    if source in _SOURCES:
        if member is not None:
            raise InputError(f"{source}: no .zip file, so it has no member {member!r}: leave the member out")
        module = importlib.import_module(_SOURCES[source])
        vectors = WordVectors(str(source), module.LICENCE, _loaded(module.load, module.DISTRIBUTION, cache_folder()))
    else:
        path = Path(source)
        if path.suffix.lower() not in SUFFIXES and not path.exists():
            raise InputError(_unknown(str(source)))
        vectors = WordVectors(member or path.name, "the user's own", open_text(path, member))
    if d is not None and d != vectors.d:
        raise InputError(
            f"{source}: its vectors have {vectors.d} values, the model's embedding has {d}: "
            f"give vectors of {d} values, or set the embedding's width to {vectors.d}"
        )
    return vectors


@functools.lru_cache(maxsize=len(_SOURCES))
def _loaded(load: Callable[[], VectorStore], distribution: Distribution, folder: Path) -> VectorStore:
    # The vocabulary and the model want the same vectors. What they depend on is the key; 40 MB stay in memory.
    del distribution, folder
    return load()


def _unknown(source: str) -> str:
    close = difflib.get_close_matches(source, KNOWN_VECTORS, n=1)
    meant = f"; did you mean {close[0]}?" if close else ";"
    return (
        f"unknown word vectors {source!r}{meant} known: {', '.join(KNOWN_VECTORS)}, "
        f"or the path of a {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]} file"
    )
