"""Labels that can't be found, or can hardly be labels: one line with a command that works when it is pasted."""

import json
import shlex
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.shapes import SHAPES
from sentiment.corpora import CorpusOptions, load_corpus
from sentiment.corpora.readers import ReadOptions, read_table
from sentiment.corpora.tables import load_examples
from sentiment.errors import InputError

WITHOUT = ("Banking77", "Twitter US Airline", "Apple Twitter sentiment", "Financial PhraseBank", "Amazon Fine Food")


def _pasted(message: str) -> list[str]:
    command = shlex.split(message.partition("as in: ")[2])
    assert command[:2] == ["sentiment", "corpus"], message
    return command[2:]


@pytest.mark.parametrize("shape", [each for each in SHAPES if each.name in WITHOUT], ids=lambda shape: shape.name)
def test_a_data_set_whose_labels_have_another_name_comes_with_the_command_that_reads_them(
    shape, script, tmp_path, monkeypatch
):
    written = shape.write(tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="no labels; its columns are") as refused:
        load_corpus(shape.source)
    answer = script("corpus", *_pasted(str(refused.value)), "--json")
    assert answer.code == 0, answer.err
    labels = json.loads(answer.out)["labels"]
    assert labels == Counter(label for _, label in written)


def test_a_file_without_anything_like_labels_is_sent_to_predict(tmp_path):
    path = tmp_path / "my texts.csv"
    path.write_text("id,text\n" + "".join(f"{n},a text of words {n}\n" for n in range(30)))
    with pytest.raises(InputError) as refused:
        load_corpus(str(path))
    assert str(refused.value).endswith(f"as in: sentiment predict --input '{path}' --output labelled.csv")
    assert "--label" in str(refused.value)


ROWS = [(f"user{n}", 100_000 + n, f"it was a {'good' if n % 2 else 'bad'} film {n}", n % 2) for n in range(40)]


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("name,id,text,good\n" + "".join(f"{','.join(map(str, row))}\n" for row in ROWS))
    return path


@pytest.mark.parametrize(("column", "kind"), [("id", "ids"), ("name", "names, measures or texts")])
def test_labels_that_nearly_all_differ_are_refused_with_the_command_that_names_others(table, column, kind, script):
    with pytest.raises(InputError, match=f"40 of 40 labels in column '{column}' differ, as {kind} do") as refused:
        load_corpus(str(table), label=column)
    assert "\n" not in str(refused.value)
    answer = script("corpus", *_pasted(str(refused.value)), "--json")
    assert json.loads(answer.out)["labels"] == {"0": 20, "1": 20}


def test_ids_that_come_back_a_few_times_are_no_labels_either(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("text,label\n" + "".join(f"a film {n},{70_000 + n // 3}\n" for n in range(60)))
    with pytest.raises(InputError, match="20 of 60 labels in column 'label' differ, as ids do"):
        load_corpus(str(path))
    assert len(load_corpus(str(path), options=CorpusOptions(min_per_class=3)).label_names) == 20


def test_many_classes_are_classes_and_a_small_test_file_may_have_one_row_of_each(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("text,label\n" + "".join(f"a film {n},intent {n // 3}\n" for n in range(900)))
    assert len(load_corpus(str(path)).label_names) == 300
    path.write_text("text,label\n" + "".join(f"a film {n},intent {n}\n" for n in range(77)))
    assert len(load_examples(str(path), None, None, CorpusOptions()).label_names) == 77


@pytest.mark.parametrize("name", ["split", "fold", "Subset", "partition", "set"])
def test_a_column_of_splits_is_known_by_its_name_and_its_cells_and_said(tmp_path, name):
    path = tmp_path / "own.csv"
    rows = [(f"a film {n}", "ab"[n % 2], ("train", "train", "dev", "test")[n // 2 % 4]) for n in range(40)]
    path.write_text(f"text,label,{name}\n" + "".join(f"{','.join(row)}\n" for row in rows))
    found = read_table(path)
    assert found.splits == [{"dev": "validation"}.get(split, split) for *_, split in rows]
    assert found.said().endswith(f"split: {name}")
    path.write_text(f"text,label,{name}\n" + "".join(f"a film {n},{'ab'[n % 2]},{n % 5}\n" for n in range(40)))
    assert not read_table(path).has_splits, "numbered folds are no splits"


@given(
    st.builds(
        ReadOptions,
        text=st.lists(st.sampled_from(["a", "b c", "3"]), max_size=2, unique=True).map(tuple),
        label=st.sampled_from([None, "mood"]),
        encoding=st.sampled_from(["", "latin-1"]),
        delimiter=st.sampled_from(["", "\t", ";"]),
        quoting=st.sampled_from(["auto", "none"]),
        header=st.sampled_from(["auto", "first"]),
    )
)
def test_the_flags_of_a_reading_say_the_same_again(reading):
    words = reading.flags()
    said = dict(zip((word[2:] for word in words[::2]), words[1::2], strict=True))
    again = ReadOptions(**said | {"text": tuple(filter(None, said.pop("text", "").split(",")))})
    assert again == reading


def test_a_folders_remedy_for_an_encoding_names_the_folder(tmp_path):
    folder = tmp_path / "my data"
    folder.mkdir()
    (folder / "train.csv").write_text("text,label\n" + "".join(f"good {n},{'ab'[n % 2]}\n" for n in range(20)))
    texts = ("这部电影非常好看，我很喜欢。", "房间很小，服务也不好，再也不来了。")
    rows = "".join(f"{texts[n % 2]},{'ab'[n % 2]}\n" for n in range(20))
    (folder / "test.csv").write_bytes(f"text,label\n{rows}".encode("gb18030"))
    with pytest.raises(InputError, match=r"test\.csv: neither UTF-8") as refused:
        read_table(folder)
    assert _pasted(str(refused.value)) == [str(folder), "--encoding", "gb18030"]
    found = read_table(folder, ReadOptions(encoding="gb18030"))
    assert found.texts[20:22] == list(texts)
