"""A block of rows is the same wherever reading begins."""

import itertools
import json

import pytest
from made_tweets import tweets, write

from sentiment.corpora.readers import Reader
from sentiment.preparation import blocks as module
from sentiment.preparation.blocks import FIRST, Block, blocks


def _rows(block: Block) -> list:
    return [
        row for batch in block.batches for row in zip(batch.lines, batch.files, map(list, batch.cells), strict=True)
    ]


def _csv(folder) -> str:
    return write(folder / "a.csv", [["text", "label"], *tweets(100)])


def _jsonl(folder) -> str:
    path = folder / "a.jsonl"
    path.write_text("".join(json.dumps({"text": text, "label": label}) + "\n" for text, label in tweets(100)))
    return str(path)


@pytest.mark.parametrize("kind", [_csv, _jsonl])
@pytest.mark.parametrize("n_rows", [1, 7, 100, 1000])
def test_each_block_can_be_read_again_by_itself(tmp_path, kind, n_rows):
    source = kind(tmp_path)
    with Reader(source) as first, Reader(source) as second:
        found = list(blocks([first, second], FIRST, 0, n_rows))
        assert [block.number for block in found] == list(range(len(found)))
        rows = [_rows(block) for block in found]
        assert sum(map(len, rows)) == 200
        assert max(map(len, rows)) <= n_rows
        assert found[-1].following is None
        for block, following in itertools.pairwise(found):
            (again, *_) = blocks([first, second], block.following, following.number, n_rows)
            assert (again.number, again.source, again.following) == (
                following.number,
                following.source,
                following.following,
            )
            assert _rows(again) == _rows(following)


def test_long_texts_make_short_blocks(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_MOST_CHARACTERS", 1000)
    source = write(tmp_path / "a.csv", [["text", "label"], *(["w" * 300, "a"] for _ in range(20))])
    with Reader(source) as reader:
        sizes = [len(_rows(block)) for block in blocks([reader], FIRST, 0, 100)]
    assert sizes == [4, 4, 4, 4, 4, 0]
