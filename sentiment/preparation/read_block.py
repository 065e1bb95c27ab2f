"""A block of rows -> its texts, labels, splits and tokens, in a file of its own."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sentiment.corpora.mapped_texts import TextPiece
from sentiment.corpora.ranks import ranks_of
from sentiment.corpora.readers import LeftOut
from sentiment.corpora.readers.coded import Coded
from sentiment.corpora.readers.values import shown
from sentiment.corpora.readers.whole_table import RowLists, UsedRows
from sentiment.preparation.blocks import Block, Start
from sentiment.storage.tensors import map_tensors, save_tensors
from sentiment.text.preprocessor import Preprocessor
from sentiment.text.slices import index_type
from sentiment.text.tokenised import Tokenised
from sentiment.training.tokenise import tokenise


@dataclass(frozen=True)
class BlockReader:
    """Reads blocks; it goes to worker processes by pickle.

    Attributes:
        folder: where the files go.
        preprocessor: text -> tokens.
        stripped_copies: whether texts with emoticons are tokenised a second time, without them.
        seed: of the splits.
    """

    folder: Path
    preprocessor: Preprocessor
    stripped_copies: bool
    seed: int

    def __call__(self, block: Block) -> int:
        """Writes a block's file; returns how many rows the block has. Raises OSError."""
        lists = RowLists()
        left_out: list[LeftOut] = []
        for batch in block.batches:
            left_out += lists.add(batch)
        texts = TextPiece.of(lists.texts)
        columns: dict[str, Sequence] = {"labels": lists.labels, "splits": lists.splits, "files": lists.files}
        coded = {name: _coded(column) for name, column in columns.items()}
        tensors = {
            "text": texts.data,
            "text.starts": texts.starts,
            "lines": np.array(lists.lines, np.int64),
            "ranks": np.frombuffer(ranks_of(self.seed, lists.texts), np.uint8).reshape(-1, 32),
            **{name: column.codes for name, column in coded.items()},
            **self._tokens("tokens", self.preprocessor, lists.texts),
        }
        if self.stripped_copies:
            stripped = replace(self.preprocessor, emoticons="drop")
            tensors |= self._tokens("stripped", stripped, lists.texts)
        facts = {
            "source": block.source,
            "following": block.following and block.following.to_json(),
            "values": {name: column.values for name, column in coded.items()},
            "left_out": left_out,
            "unlabelled": [(place, number, shown(cells)) for place, number, cells in lists.unlabelled],
        }
        save_tensors(block_path(self.folder, block.number), tensors, facts)
        return sum(map(len, block.batches))

    def _tokens(self, name: str, preprocessor: Preprocessor, texts: Sequence[str]) -> dict[str, np.ndarray]:
        found = tokenise(preprocessor, texts, processes=1)
        words = TextPiece.of(found.tokens)
        arrays = {"places": found.places, "starts": found.starts, "words": words.data, "words.starts": words.starts}
        return {f"{name}.{part}": array for part, array in arrays.items()}


@dataclass(frozen=True)
class ReadBlock:
    """What the file of a block holds, mapped into memory.

    Attributes:
        source: which of the sources its rows are of.
        following: where the next block begins; None: nowhere.
        texts: of its rows that can be used.
        rows: their labels, splits, lines and files; its texts are left out.
        left_out: the rows that can't be used.
        ranks: <uint8>[n, 32] of `ranks.ranks_of`.
        tensors: all arrays.
    """

    source: int
    following: Start | None
    texts: TextPiece
    labels: Coded
    splits: Coded
    files: Coded
    lines: np.ndarray
    unlabelled: list[tuple[int, int, object]]
    left_out: list[LeftOut]
    ranks: np.ndarray
    tensors: dict[str, np.ndarray]

    @classmethod
    def open(cls, folder: Path, number: int) -> "ReadBlock":
        """Opens a block's file. Raises InputError: it is missing, or damaged."""
        tensors, facts = map_tensors(block_path(folder, number))
        values = facts["values"]
        return cls(
            facts["source"],
            facts["following"] and Start.from_json(facts["following"]),
            TextPiece(tensors["text"], tensors["text.starts"]),
            Coded(values["labels"], tensors["labels"]),
            Coded(values["splits"], tensors["splits"]),
            Coded(values["files"], tensors["files"]),
            tensors["lines"],
            [(place, number, cells) for place, number, cells in facts["unlabelled"]],
            [LeftOut(*each) for each in facts["left_out"]],
            tensors["ranks"],
            tensors,
        )

    def tokens(self, name: str = "tokens") -> Tokenised:
        """Returns the tokens of its texts; by "stripped", those without emoticons."""
        words = TextPiece(self.tensors[f"{name}.words"], self.tensors[f"{name}.words.starts"]).texts()
        return Tokenised(words, self.tensors[f"{name}.places"], self.tensors[f"{name}.starts"])


def block_path(folder: Path, number: int) -> Path:
    """Returns where the file of a block is."""
    return folder / f"rows-{number:06d}.safetensors"


def used_rows(texts: Sequence[str], blocks: Sequence[ReadBlock]) -> UsedRows:
    """Returns the rows of a source's blocks, one after the other; `texts` are theirs."""
    begins = np.cumsum([0, *(len(block.lines) for block in blocks)]).tolist()
    return UsedRows(
        texts,
        Coded.joined([block.labels for block in blocks]),
        Coded.joined([block.splits for block in blocks]),
        _joined_lines(blocks),  # type: ignore[arg-type]  # an array serves as a column
        Coded.joined([block.files for block in blocks]),
        [
            (begin + place, number, cells)
            for begin, block in zip(begins, blocks, strict=False)
            for place, number, cells in block.unlabelled
        ],
    )


def _joined_lines(blocks: Sequence[ReadBlock]) -> np.ndarray:
    small = index_type(1 + max(int(block.lines.max(initial=0)) for block in blocks))
    return np.concatenate([block.lines.astype(small) for block in blocks])


def _coded(column: Sequence) -> Coded:
    places: dict = {}
    codes = np.empty(len(column), np.int32)
    values: list = []
    for row, value in enumerate(column):
        key = tuple(value) if isinstance(value, list) else value
        place = places.setdefault(key, len(values))
        if place == len(values):
            values.append(value)
        codes[row] = place
    return Coded(values, codes)
