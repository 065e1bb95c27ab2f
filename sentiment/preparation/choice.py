"""What all blocks together decide: which texts are used, their labels and splits; in the folder before any shard is."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from sentiment.corpora.bad_rows import as_csv
from sentiment.corpora.corpus import SPLIT_NAMES, Corpus
from sentiment.corpora.mapped_texts import MappedTexts
from sentiment.corpora.prepared_folder import PreparedFolder
from sentiment.errors import InputError
from sentiment.preparation.blocks import FIRST
from sentiment.preparation.encode_block import NO_SPLIT, ChosenRows
from sentiment.preparation.read_block import ReadBlock
from sentiment.storage.files import sha256_of, write_whole
from sentiment.storage.manifest import read_json, to_json
from sentiment.storage.tensors import load_tensors, save_tensors


@dataclass(frozen=True)
class Choice:
    """The texts of a corpus among the rows of all blocks.

    Attributes:
        used: <bool>[n_rows] which rows of all blocks are texts of it.
        splits: <int8>[n_texts] the place in `SPLIT_NAMES` of each one's split, or `NO_SPLIT`.
        sizes: of each block the number of its rows.
    """

    used: np.ndarray
    splits: np.ndarray
    sizes: tuple[int, ...]

    @classmethod
    def of(cls, corpus: Corpus, sizes: Sequence[int]) -> "Choice":
        """Returns the choice that a corpus of mapped texts is."""
        assert isinstance(corpus.texts, MappedTexts), "its texts don't lie in blocks"
        used = np.zeros(sum(sizes), bool)
        used[corpus.texts.rows] = True
        splits = np.full(len(corpus.texts), NO_SPLIT, np.int8)
        for name, rows in corpus.splits.items():
            splits[rows] = SPLIT_NAMES.index(name)
        return cls(used, splits, tuple(sizes))

    def chosen(self, numbers: Sequence[int]) -> Iterator[ChosenRows]:
        """Yields the used rows of some blocks."""
        ends = np.cumsum([0, *self.sizes])
        used = [self.used[begin:end] for begin, end in itertools.pairwise(ends)]
        texts = np.cumsum([0, *map(np.count_nonzero, used)])
        for number in numbers:
            rows = np.flatnonzero(used[number])
            yield ChosenRows(number, rows, self.splits[texts[number] : texts[number + 1]])

    def save(self, folder: PreparedFolder, corpus: Corpus, facts: dict[str, Any]) -> None:
        """Writes the corpus's labels and splits, facts and bad rows, beside the vocabulary. Raises OSError."""
        described = {
            "name": corpus.name,
            "labels": list(corpus.label_names),
            "labels_between": corpus.labels_between,
            "notes": list(corpus.notes),
            "provenance": asdict(corpus.provenance),
            "fingerprint": corpus.fingerprint(),
            "counts": {
                name: dict(zip(corpus.label_names, corpus.counts(rows).tolist(), strict=True))
                for name, rows in corpus.splits.items()
            },
        }
        files = [folder.facts, folder.vocabulary]
        if corpus.bad_rows:
            write_whole(folder.bad_rows, as_csv(corpus.bad_rows))
            files.append(folder.bad_rows)
        write_whole(folder.facts, to_json(described | facts))
        labels = corpus.labels if corpus.several else corpus.labels.astype(np.int32)
        tensors = {"labels": labels, "splits": self.splits, "used": self.used}
        beside = {path.name: sha256_of(path) for path in files}
        save_tensors(folder.labels, tensors, {"sizes": list(self.sizes), "sha256": beside})  # last: all are whole then

    @classmethod
    def load(cls, folder: PreparedFolder) -> "Choice | None":
        """Reads what `save` wrote; None: it isn't there, or is damaged."""
        try:
            tensors, facts = load_tensors(folder.labels)
            if any(sha256_of(folder.path / name) != digest for name, digest in facts["sha256"].items()):
                return None
        except (InputError, OSError, KeyError):
            return None
        return cls(tensors["used"], tensors["splits"], tuple(facts["sizes"]))


def starts_of(blocks: Sequence[ReadBlock]) -> list[list[object]]:
    """Returns where each block begins, in JSON's types."""
    return [FIRST.to_json(), *(block.following.to_json() for block in blocks if block.following is not None)]


def facts_of(folder: PreparedFolder) -> dict[str, Any]:
    """Returns what `Choice.save` wrote of the corpus. Raises InputError where it is damaged."""
    return read_json(folder.facts)
