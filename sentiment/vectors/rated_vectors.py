"""A vocabulary's vectors and ratings, kept in the cache folder: guessing the ratings that are missing takes seconds."""

import hashlib
import importlib.metadata
from pathlib import Path

import numpy as np

from sentiment.download.cache import cache_folder
from sentiment.encoding.vocabulary import Vocabulary
from sentiment.errors import InputError
from sentiment.storage.processor import processor_kind
from sentiment.storage.tensors import load_tensors, save_tensors
from sentiment.vectors.idiom_vectors import with_idioms
from sentiment.vectors.word_vectors import WordVectors

_MOST_KEPT = 8  # 21 MB each for 100,000 words
_LIBRARIES = ("numpy", "scipy", "scikit-learn")  # another version may round otherwise
_NAME = "vectors_and_ratings"


def vectors_and_ratings(vocabulary: Vocabulary, vectors: WordVectors, lexicon: WordVectors) -> np.ndarray:
    """Returns <float32>[len(vocabulary), vectors.d + lexicon.d]: vectors, then ratings (`with_guesses`).

    They are computed once for each vocabulary, source and kind of processor, and kept under the cache folder's
    `ratings`, where the last few are kept and anything may be deleted. A damaged file is computed anew. The bits are
    those of the first time.

    Raises:
        InputError: a flaw of a file of vectors, with its line.
        OSError: the cache folder can't be written.
    """
    folder = cache_folder() / "ratings"
    path = folder / f"{_key(vocabulary, vectors, lexicon)}.safetensors"
    kept = _kept(path)
    if kept is None:
        kept = _computed(vocabulary, vectors, lexicon)
        save_tensors(path, {_NAME: kept}, {})
        _delete_oldest(folder)
    return kept


def _key(vocabulary: Vocabulary, vectors: WordVectors, lexicon: WordVectors) -> str:
    """Returns a hash of what the numbers depend on: contents, this package's code, libraries, processor."""
    facts = (
        hashlib.sha256(vocabulary.to_bytes()).hexdigest(),
        vectors.store.fingerprint(),
        lexicon.store.fingerprint(),
        *(hashlib.sha256(code.read_bytes()).hexdigest() for code in sorted(Path(__file__).parent.glob("*.py"))),
        *(importlib.metadata.version(library) for library in _LIBRARIES),
        processor_kind(),
    )
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()


def _kept(path: Path) -> np.ndarray | None:
    try:
        tensors, _ = load_tensors(path)
    except InputError:  # none, or damaged
        return None
    path.touch()  # the last used are kept
    return tensors[_NAME]


def _computed(vocabulary: Vocabulary, vectors: WordVectors, lexicon: WordVectors) -> np.ndarray:
    from sentiment.vectors.nearby_ratings import with_guesses  # of scikit-learn, which takes a second to import

    known, ratings = vectors.matrix_for(vocabulary), lexicon.matrix_for(vocabulary)
    guessed = with_guesses(ratings, known, lexicon, vectors)
    return np.hstack([with_idioms(known, ratings, vocabulary), guessed])


def _delete_oldest(folder: Path) -> None:
    def last_used(path: Path) -> float:
        try:
            return path.stat().st_mtime
        except FileNotFoundError:  # another process has just deleted it
            return 0.0

    for path in sorted(folder.glob("*.safetensors"), key=last_used)[:-_MOST_KEPT]:
        path.unlink(missing_ok=True)
