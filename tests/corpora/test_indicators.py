"""Labels in columns of 0 and 1, as Jigsaw and GoEmotions have them: found, said in a line, named by a flag."""

import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment.corpora import CorpusOptions, load_corpus
from sentiment.corpora.readers import ReadOptions, read_table
from sentiment.corpora.tables import load_examples
from sentiment.errors import InputError

NAMES = ("toxic", "severe toxic", "insult", "threat")
SETS = [("toxic",), (), ("insult",), ("toxic", "insult"), ("severe toxic", "toxic"), ("threat",), (), ("insult",)] * 5
TEXTS = [f"text number {number} of {'many' * (number % 3)}" for number in range(len(SETS))]
ROWS = [
    {"id": f"a{number}", "comment_text": text} | {name: int(name in labels) for name in NAMES}
    for number, (text, labels) in enumerate(zip(TEXTS, SETS, strict=True))
]


def written(path: Path, rows=ROWS) -> str:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


def sets_of(corpus) -> list[set[str]]:
    return [set(np.array(corpus.label_names)[row].tolist()) for row in corpus.labels]


def one_line(error: pytest.ExceptionInfo) -> str:
    assert "\n" not in str(error.value)
    return str(error.value)


def test_columns_of_0_and_1_are_labels_of_which_a_text_has_any_number(tmp_path):
    corpus = load_corpus(written(tmp_path / "train.csv"), "comment_text")
    assert corpus.label_names == NAMES
    assert sets_of(corpus) == list(map(set, SETS))
    (note,) = [note for note in corpus.notes if note.startswith("the labels are")]
    assert note.startswith("the labels are 4 columns of 0 and 1: 10 of 40 texts have several labels and 10 none; each")
    assert "--label NAME takes one column alone" in note
    assert "label: toxic + severe toxic + insult + threat" in corpus.notes[0]


@pytest.mark.parametrize("form", ["true false", "TRUE FALSE", "1.0 0.0", " 1"], ids=repr)
def test_0_and_1_in_any_form_mean_the_same(form, tmp_path):
    on, off = form.split(" ") if form.strip() == form else (form, "0 ")
    rows = [{name: (on if cell else off) if name in NAMES else cell for name, cell in row.items()} for row in ROWS]
    assert sets_of(load_corpus(written(tmp_path / "own.csv", rows), "comment_text")) == list(map(set, SETS))


def test_a_file_of_json_an_excel_sheet_and_tables_in_memory_mean_what_the_csv_means(tmp_path):
    frame = pd.DataFrame(ROWS)
    expected = load_corpus(written(tmp_path / "own.csv"), "comment_text").fingerprint()
    frame.to_json(tmp_path / "own.jsonl", orient="records", lines=True)
    frame.to_parquet(tmp_path / "own.parquet")
    frame.to_excel(tmp_path / "own.xlsx", index=False)
    for name in ("own.jsonl", "own.parquet", "own.xlsx"):
        assert load_corpus(tmp_path / name, "comment_text").fingerprint() == expected, name
    for table in (frame, pl.DataFrame(ROWS), frame.astype(dict.fromkeys(NAMES, bool))):
        assert load_corpus(table, "comment_text").fingerprint() == expected
        assert load_corpus(table, "comment_text", list(NAMES)).fingerprint() == expected


def test_a_flag_names_the_columns_and_one_alone_is_a_label_of_its_own(tmp_path):
    path = written(tmp_path / "own.csv")
    named = load_corpus(path, "comment_text", "insult, toxic")
    assert named.label_names == ("insult", "toxic")
    assert sets_of(named) == [set(labels) & {"insult", "toxic"} for labels in SETS]
    numbered = load_corpus(path, "2", "3,5")
    assert sets_of(numbered) == sets_of(named)
    assert load_corpus(path, "comment_text", "toxic").label_names == ("0", "1")


def test_two_columns_are_not_taken_unasked_and_the_line_names_them(tmp_path):
    pair = [{name: row[name] for name in ("comment_text", "toxic", "insult")} for row in ROWS]
    path = written(tmp_path / "own.csv", pair)
    with pytest.raises(InputError) as error:
        load_corpus(path)
    assert one_line(error).endswith(f"as in: sentiment corpus {path} --text comment_text --label toxic,insult")
    with pytest.raises(InputError) as error:
        load_corpus(path, "comment_text")
    assert one_line(error).endswith("--text comment_text --label toxic,insult")
    assert load_corpus(path, "comment_text", "toxic,insult").several


def test_the_line_that_asks_for_the_texts_leaves_found_labels_out(tmp_path):
    path = written(tmp_path / "own.csv")
    with pytest.raises(InputError) as error:
        load_corpus(path)
    assert one_line(error).endswith(f"as in: sentiment corpus {path} --text comment_text")


@pytest.mark.parametrize("name", ["label", "category", "overall_rating"])
def test_a_column_called_as_labels_are_comes_before_them(name, tmp_path):
    rows = [{**row, name: f"kind {number % 3}"} for number, row in enumerate(ROWS)]
    path = written(tmp_path / "own.csv", rows)
    if name == "label":
        assert load_corpus(path, "comment_text").label_names == ("kind 0", "kind 1", "kind 2")
        return
    with pytest.raises(InputError) as error:
        load_corpus(path, "comment_text")
    assert one_line(error).endswith(f"--text comment_text --label {name}")


def test_one_1_in_every_row_is_one_label_a_text(tmp_path):
    rows = [
        {"text": text} | {name: int(n % 3 == place) for place, name in enumerate(NAMES[:3])}
        for n, text in enumerate(TEXTS)
    ]
    corpus = load_corpus(written(tmp_path / "own.csv", rows))
    assert not corpus.several
    assert [corpus.label_of(row) for row in range(4)] == ["toxic", "severe toxic", "insult", "toxic"]
    assert "the labels are 3 columns of 0 and 1: one 1 a row, so one label a text" in corpus.notes


def test_a_row_of_zeros_makes_any_number_of_labels_of_single_ones(tmp_path):
    rows = [{**row, "insult": 0, "severe toxic": 0} for row in ROWS]
    corpus = load_corpus(written(tmp_path / "own.csv", rows), "comment_text")
    assert corpus.several
    assert corpus.label_names == ("toxic", "threat")
    assert any("no row has a 1 of severe toxic, insult:" in note for note in corpus.notes)
    with pytest.raises(InputError, match="20 missing label"):
        load_corpus(str(tmp_path / "own.csv"), "comment_text", options=CorpusOptions(labels_between="none"))


def test_a_row_with_a_cell_that_says_neither_has_no_label(tmp_path):
    rows = [*ROWS, {**ROWS[0], "comment_text": "unknown", "toxic": "", "id": "b"}]
    path = written(tmp_path / "own.csv", rows)
    corpus = load_corpus(path, "comment_text", options=CorpusOptions(bad_rows="skip"))
    assert len(corpus.texts) == 40
    assert [(each.reason, each.line) for each in corpus.bad_rows] == [("missing label", 42)]
    rows[-1]["toxic"] = "-1"  # Jigsaw's test texts that nobody labelled
    named = load_corpus(
        written(tmp_path / "own.csv", rows), "comment_text", "toxic,insult", 0, CorpusOptions(bad_rows="skip")
    )
    assert len(named.texts) == 40


def test_other_values_in_columns_that_a_flag_joins_are_refused(tmp_path):
    path = written(tmp_path / "own.csv")
    with pytest.raises(InputError) as error:
        load_corpus(path, "comment_text", "toxic,id")
    assert "column 'id' holds 'a0': several columns of labels hold 0 and 1" in one_line(error)
    with pytest.raises(InputError, match="can't be both text and label"):
        load_corpus(path, "toxic", "toxic,insult")
    with pytest.raises(InputError, match="no column 'obscene' for the labels"):
        load_corpus(path, "comment_text", "toxic,obscene")


def test_a_column_whose_name_has_a_comma_is_one_column(tmp_path):
    rows = [{"text": text, "yes, or no": ["yes", "no"][n % 2]} for n, text in enumerate(TEXTS)]
    assert load_corpus(written(tmp_path / "own.csv", rows), label="yes, or no").label_names == ("no", "yes")


def test_all_files_of_a_source_have_the_columns_of_its_first(tmp_path):
    for name, rows in (("train", ROWS[:24]), ("dev", ROWS[24:32]), ("test", ROWS[32:])):
        other = [{**row, "rater": n % (4 if name == "train" else 2)} for n, row in enumerate(rows)]  # 0 and 1 in two
        order = ["rater", *ROWS[0]] if name == "dev" else [*ROWS[0], "rater"]
        written(tmp_path / f"{name}.csv", [{key: row[key] for key in order} for row in other])
    corpus = load_corpus(str(tmp_path), "comment_text")
    assert corpus.label_names == NAMES
    assert sets_of(corpus) == list(map(set, SETS))


def test_a_test_file_without_the_columns_is_one_without_labels(tmp_path):
    written(tmp_path / "train.csv")
    bare = [{"id": f"c{n}", "comment_text": f"another {n}"} for n in range(5)]
    written(tmp_path / "test.csv", bare)
    corpus = load_corpus(str(tmp_path), "comment_text")
    assert len(corpus.texts) == 40
    assert any(note.startswith("5 rows of test have no label") for note in corpus.notes)


def test_evaluation_and_the_map_take_single_labels(tmp_path):
    path = written(tmp_path / "own.csv")
    options = CorpusOptions(label_map={"severe toxic": "toxic", "threat": ""})
    corpus = load_examples(path, "comment_text", None, options)
    assert corpus.label_names == ("toxic", "insult")
    assert len(corpus.texts) == 35  # those with no other label than threat are left out


def test_the_command_counts_single_labels(script, tmp_path):
    path = written(tmp_path / "own.csv")
    facts = json.loads(script("corpus", path, "--text", "comment_text", "--json").out)
    assert facts["rows"] == 40
    assert facts["labels"] == {"toxic": 15, "severe toxic": 5, "insult": 15, "threat": 5}
    assert facts["dialect"]["columns"]["label"] == list(NAMES)
    named = json.loads(script("corpus", path, "--text", "comment_text", "--label", "toxic,threat", "--json").out)
    assert named["labels"] == {"toxic": 15, "threat": 5}


@settings(max_examples=60)
@given(st.lists(st.lists(st.sampled_from([True, False]), min_size=4, max_size=4), min_size=2, max_size=30), st.data())
def test_any_table_of_0_and_1_comes_back(tmp_path_factory, cells, data):
    delimiter = data.draw(st.sampled_from([",", "\t", ";"]))
    names = data.draw(st.permutations(["joy", "fear; or not", "anger", "no, none"]))
    path = tmp_path_factory.mktemp("any") / "own.csv"
    with path.open("w", newline="") as file:
        rows = ([f"so {n}", *map(int, row)] for n, row in enumerate(cells))
        csv.writer(file, delimiter=delimiter).writerows([("text", *names), *rows])
    wanted = [{name for name, on in zip(names, row, strict=True) if on} for row in cells]
    if not any(wanted):
        return
    table = read_table(path, ReadOptions(delimiter=delimiter))
    assert table.indicators == tuple(names)
    assert [set(label) for label in table.labels] == wanted
