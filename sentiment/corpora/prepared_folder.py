"""A prepared corpus: the layout of its folder, and its texts, labels and splits as a corpus.

FOLDER/
  prepared.json          the corpus's name, labels, notes and provenance, its fingerprint; the settings that made its
                         tokens and ids; where in the source each shard's rows begin
  labels.safetensors     the label and the split of every text
  vocabulary.txt         one token a line, its number is its id
  tokenizer.json         a pretrained transformer's, where there is one
  bad_rows.csv           rows of the source that can't be used, where there are any
  shard-000000.safetensors ...   texts and, of training and validation, ids: "text", "text.starts" (bytes of UTF-8),
                         "train.ids", "train.lengths", "validation.ids", ...
  manifest.json          SHA-256 of all the above; written last: a folder that has it is finished
  plan.json, rows-*      of the preparation itself; .lock is locked as long as it runs
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from sentiment.corpora.corpus import SPLIT_NAMES, Corpus, Provenance
from sentiment.corpora.mapped_texts import MappedTexts, TextPiece
from sentiment.download.addresses import has_file, is_address
from sentiment.errors import InputError
from sentiment.storage.manifest import Manifest, as_json

FORMAT = 1
COPIES = "copies"  # of training texts, without their emoticons
REMEDY = "give the same `sentiment prepare` again, which makes it anew"
_MANIFEST, _PLAN, _FACTS = "manifest.json", "plan.json", "prepared.json"


@dataclass(frozen=True)
class PreparedFolder:
    """Names the files of a prepared corpus and vouches for them."""

    path: Path

    @property
    def manifest(self) -> Path:
        """What vouches for the files."""
        return self.path / _MANIFEST

    @property
    def plan(self) -> Path:
        """What is to be prepared, and how."""
        return self.path / _PLAN

    @property
    def facts(self) -> Path:
        """What the corpus is, and how its ids were made."""
        return self.path / _FACTS

    @property
    def labels(self) -> Path:
        """The labels and splits of all texts."""
        return self.path / "labels.safetensors"

    @property
    def vocabulary(self) -> Path:
        """The vocabulary."""
        return self.path / "vocabulary.txt"

    @property
    def tokenizer(self) -> Path:
        """The tokenizer of a pretrained transformer."""
        return self.path / "tokenizer.json"

    @property
    def bad_rows(self) -> Path:
        """The rows that can't be used."""
        return self.path / "bad_rows.csv"

    @property
    def finished(self) -> bool:
        """Whether preparation came to its end."""
        return self.manifest.is_file()

    @property
    def vouched(self) -> Manifest:
        """The manifest. Raises InputError: preparation didn't come to its end, or the manifest is damaged."""
        if not self.finished:
            raise InputError(f"{self.path}: not prepared to its end: give the same `sentiment prepare` again")
        return Manifest.load(self.manifest, FORMAT, REMEDY)


def shard_path(folder: Path, number: int) -> Path:
    """Returns where a shard is."""
    return folder / f"shard-{number:06d}.safetensors"


def is_prepared(source: str) -> bool:
    """Whether a source is the folder of a prepared corpus, finished or not, or its address. Raises as `has_file`."""
    folder = PreparedFolder(Path(source))
    if is_address(source):  # the plan is put there first
        return has_file(source, folder.plan.name)
    return folder.plan.is_file() or folder.finished


@dataclass(frozen=True, eq=False)
class PreparedCorpus(Corpus):
    """A corpus whose texts lie in shards, with the ids of their tokens.

    Attributes:
        folder: where it lies.
        facts: what its prepared.json holds.
    """

    folder: PreparedFolder = PreparedFolder(Path())
    facts: dict[str, Any] = field(default_factory=dict)

    def fingerprint(self) -> str:
        """Returns what `Corpus.fingerprint` was when it was prepared; the manifest vouches for it."""
        return str(self.facts["fingerprint"])

    def shards(self) -> list[dict[str, np.ndarray]]:
        """Returns the arrays of each shard, mapped. Raises InputError: one can't be read."""
        from sentiment.storage.tensors import map_tensors  # with safetensors, which predicting does without

        return [map_tensors(shard_path(self.folder.path, number))[0] for number in range(len(self.facts["shards"]))]


def load_prepared(source: str) -> PreparedCorpus:
    """Opens a prepared corpus; its texts stay in their files.

    Raises:
        InputError: it isn't finished, or a file of it is missing, cut short or altered.
    """
    from sentiment.storage.tensors import load_tensors, map_tensors  # with safetensors, which predicting does without

    folder = PreparedFolder(Path(source))
    manifest = folder.vouched
    manifest.verify([folder.facts.name, folder.labels.name, folder.vocabulary.name])
    facts = as_json(manifest.read(folder.facts.name), folder.facts)
    tensors, _ = load_tensors(folder.labels)
    splits = {name: np.flatnonzero(tensors["splits"] == place) for place, name in enumerate(SPLIT_NAMES)}
    for given in (tensors["labels"], *splits.values()):
        given.setflags(write=False)  # the corpus takes them as they are then
    shards = (map_tensors(shard_path(folder.path, number))[0] for number in range(len(facts["shards"])))
    return PreparedCorpus(
        facts["name"],
        MappedTexts([TextPiece(each["text"], each["text.starts"]) for each in shards]),
        tensors["labels"],
        tuple(facts["labels"]),
        {name: rows for name, rows in splits.items() if len(rows)},
        Provenance(**facts["provenance"]),
        tuple(facts["notes"]),
        labels_between=facts["labels_between"],
        folder=folder,
        facts=facts,
    )
