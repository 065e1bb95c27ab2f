"""A block's texts and tokens -> a shard of encoded texts; and before, how often each token is there."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sentiment.batching.batches import Examples
from sentiment.corpora.corpus import SPLIT_NAMES
from sentiment.corpora.prepared_folder import COPIES, shard_path
from sentiment.encoding.encoder import Encoder
from sentiment.preparation.read_block import ReadBlock
from sentiment.storage.tensors import save_tensors
from sentiment.text.tokenised import Tokenised

NO_SPLIT = -1
_ENCODED = ("train", "validation")  # the others' texts are encoded when they are predicted


class ChosenRows(NamedTuple):
    """The rows of a block that are used.

    Attributes:
        number: the block's.
        rows: <int64>[n] their places among the block's texts, ascending.
        splits: <int8>[n] the place in `SPLIT_NAMES` of each one's split, or `NO_SPLIT`.
    """

    number: int
    rows: np.ndarray
    splits: np.ndarray

    def of(self, split: str) -> np.ndarray:
        """Returns the places of the rows of a split."""
        return self.rows[self.splits == SPLIT_NAMES.index(split)]


class BlockCounts(NamedTuple):
    """How often each token is in the training texts, and in their copies without emoticons; as they come first."""

    tokens: Counter[str]
    copies: Counter[str]


@dataclass(frozen=True)
class TokenCounter:
    """Counts the tokens of a block's training texts; it goes to worker processes by pickle."""

    folder: Path
    stripped_copies: bool

    def __call__(self, chosen: ChosenRows) -> BlockCounts:
        """Returns the counts."""
        block, rows = ReadBlock.open(self.folder, chosen.number), chosen.of("train")
        copies = _copies(block, rows)[0].counts() if self.stripped_copies else Counter[str]()
        return BlockCounts(block.tokens().of_rows(rows).counts(), copies)


@dataclass(frozen=True)
class BlockEncoder:
    """Makes shards of blocks; it goes to worker processes by pickle."""

    folder: Path
    encoder: Encoder
    stripped_copies: bool

    def __call__(self, chosen: ChosenRows) -> int:
        """Writes a block's shard; returns how many texts it has. Raises OSError."""
        block = ReadBlock.open(self.folder, chosen.number)
        texts = block.texts.some(chosen.rows)
        tensors = {"text": texts.data, "text.starts": texts.starts}
        tokens = block.tokens()
        for split in _ENCODED:
            tensors |= self._encoded(split, tokens.of_rows(chosen.of(split)))
        if self.stripped_copies:
            copies, rows = _copies(block, chosen.of("train"))
            tensors |= self._encoded(COPIES, copies) | {f"{COPIES}.rows": rows}
        save_tensors(shard_path(self.folder, chosen.number), tensors, {})
        return len(chosen.rows)

    def _encoded(self, name: str, tokens: Tokenised) -> dict[str, np.ndarray]:
        examples = Examples.encode(tokens, np.zeros(len(tokens)), self.encoder)
        return {f"{name}.ids": examples.ids[:-1], f"{name}.lengths": np.diff(examples.starts).astype(np.int32)}


def merged(counted: Iterator[BlockCounts]) -> Counter[str]:
    """Returns the counts of all blocks: tokens in the order in which all texts, and then all copies, have them."""
    tokens, copies = Counter[str](), Counter[str]()
    for each in counted:
        tokens.update(each.tokens)
        copies.update(each.copies)
    tokens.update(copies)
    return tokens


def _copies(block: ReadBlock, rows: np.ndarray) -> tuple[Tokenised, np.ndarray]:
    """Returns the tokens of those rows that change without emoticons, and which of `rows` they are."""
    own, stripped = block.tokens(), block.tokens("stripped")
    changed = [place for place, row in enumerate(rows.tolist()) if own[row] != stripped[row]]
    return stripped.of_rows(rows[changed]), np.array(changed, np.int64)
