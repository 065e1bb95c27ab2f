"""Whole files: every row answered or accounted for, in order, with the columns that it had."""

import csv
import io
import json
import os
import shutil
import tracemalloc

import pytest
from bulk_files import TEXTS, WRITERS, answers, as_csv, as_parquet, bulk, left_beside, lines_of
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment.bulk.meter import describe
from sentiment.bulk.results import OutputForm
from sentiment.corpora.readers import Position, Reader, ReadOptions
from sentiment.errors import InputError
from sentiment.prediction.predictor import Predictor


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("kind", [".csv", ".tsv", ".jsonl"])
def test_every_kind_of_file_is_answered_row_by_row_in_order(run, tmp_path, name, kind):
    (tmp_path / name).write_bytes(WRITERS[name](TEXTS))
    output = tmp_path / f"out{kind}"
    done = bulk(run, tmp_path / name, output)
    texts = [text.replace("\n", " ") for text in TEXTS] if name == "in.txt" else TEXTS
    found = answers(output)
    assert (done.rows, done.n_bad, left_beside(output)) == (len(TEXTS), 0, [output.name])
    assert [each["text"] for each in found] == texts
    assert [int(each["row"]) for each in found] == list(range(1, len(TEXTS) + 1))
    for each, prediction in zip(found, Predictor.load(run)(texts), strict=True):
        assert each["label"] == prediction.label
        assert float(each["probability"]) == pytest.approx(prediction.probability, abs=1e-6)
        assert each["abstained"] in (prediction.abstained, "yes" if prediction.abstained else "")


def test_all_columns_come_back_and_one_called_as_ours_is_renamed(run, tmp_path):
    (tmp_path / "in.csv").write_text('id,text,label,"a,b"\n7,so happy,x,"1,5"\n8,so sad,y,\n')
    bulk(run, tmp_path / "in.csv", tmp_path / "out.csv", probabilities=True)
    first, second = answers(tmp_path / "out.csv")
    assert list(first)[:8] == ["id", "text", "given_label", "a,b", "row", "label", "probability", "abstained"]
    assert (first["id"], first["given_label"], first["a,b"], second["a,b"]) == ("7", "x", "1,5", "")
    names = Predictor.load(run).label_names
    assert sum(float(first[f"probability_{name}"]) for name in names) == pytest.approx(1, abs=1e-5)
    assert float(first[f"probability_{first['label']}"]) == float(first["probability"])
    bulk(run, tmp_path / "in.csv", tmp_path / "out.jsonl")
    assert answers(tmp_path / "out.jsonl")[0]["given_label"] == "x"


def test_columns_of_json_and_of_tables_without_a_header_come_back(run, tmp_path):
    (tmp_path / "in.jsonl").write_text('{"id": 7, "text": "so happy", "more": {"tags": [1, 2], "on": true}}\n')
    bulk(run, tmp_path / "in.jsonl", tmp_path / "out.jsonl")
    (found,) = answers(tmp_path / "out.jsonl")
    assert (found["id"], found["more.tags"], found["more.on"]) == (7, [1, 2], True)
    bulk(run, tmp_path / "in.jsonl", tmp_path / "out.csv")
    (found,) = answers(tmp_path / "out.csv")
    assert (found["id"], found["more.tags"], found["more.on"]) == ("7", "[1, 2]", "true")
    (tmp_path / "bare.csv").write_text("7,so happy today\n8,so sad this time\n")
    bulk(run, tmp_path / "bare.csv", tmp_path / "out.csv", reading=ReadOptions(text=("2",)))
    assert [(each["column_1"], each["text"]) for each in answers(tmp_path / "out.csv")] == [
        ("7", "so happy today"), ("8", "so sad this time")
    ]  # fmt: skip


def test_files_of_different_columns_give_their_texts_back(run, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "1.csv").write_text("text,id\nso happy,1\n")
    (tmp_path / "in" / "2.csv").write_text("who,text\nme,so sad\n")
    assert bulk(run, tmp_path / "in", tmp_path / "out.jsonl").rows == 2
    assert [each["text"] for each in answers(tmp_path / "out.jsonl")] == ["so happy", "so sad"]


def test_formulas_are_made_harmless_when_asked_for(run, tmp_path):
    (tmp_path / "in.csv").write_text("id,text\n=1+1,so happy\n-1,@you\n")
    bulk(run, tmp_path / "in.csv", tmp_path / "out.csv", no_formulas=True)
    assert [(each["id"], each["text"]) for each in answers(tmp_path / "out.csv")] == [
        ("'=1+1", "so happy"), ("'-1", "'@you")
    ]  # fmt: skip


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


@settings(max_examples=60)
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6), st.sampled_from([".csv", ".tsv"]))
def test_what_is_written_is_read_back_equal_by_csv_pandas_and_duckdb(tmp_path_factory, rows, kind):
    duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed")
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    rows = [(f"a{first}", f"b{second}") for first, second in rows]  # empty cells are NULL to both
    path = tmp_path_factory.mktemp("back") / f"out{kind}"
    form, delimiter = OutputForm(kind, ()), "," if kind == ".csv" else "\t"
    firsts, seconds = zip(*rows, strict=True)
    path.write_bytes(form.table([["one", *firsts], ["two", *seconds]]))
    assert list(csv.reader(io.StringIO(path.read_bytes().decode(), newline=""), delimiter=delimiter))[1:] == [
        list(row) for row in rows
    ]
    frame = pandas.read_csv(path, sep=delimiter, dtype=str, keep_default_na=False)
    assert [tuple(row) for row in frame.itertuples(index=False)] == rows
    query = f"select * from read_csv('{path}', delim='{delimiter}', quote='\"', header=true, all_varchar=true)"
    assert duckdb.sql(query).fetchall() == rows


BAD = {
    "in.csv": (
        b'text,id\n"na\xc3\xafve, so",1\n"never closed,2\ncaf\xe9,3\n\nthree,cells,here\n'
        + b"x" * 100_001 + b',4\n ,5\n"last, too",6\n',
        {2: "quote", 3: "no characters", 4: "3 cells, and the header has 2", 5: "100,001 characters", 6: "empty"},
        ["naïve, so", "last, too"],
    ),
    "in.jsonl": (
        b'{"text": "fine"}\n\n{"text": 3}\n{"other": "x"}\nnot json\n[1]\n{"text": "caf\xe9 \\u0000"}\n{"text": null}\n'
        b'{"text": "last"}',
        {2: "type int", 3: "empty", 4: "not JSON", 5: "no JSON object", 6: "NUL", 7: "empty"},
        ["fine", "last"],
    ),
    "in.txt": (
        b"fine\nna\xc3\xafve\ncaf\xe9\n" + b"y" * 1_200_000 + b"\nlast",
        {3: "no characters", 4: "1,200,001 bytes"},
        ["fine", "naïve", "last"],
    ),
    "in.parquet": (as_parquet(["fine", None, "z" * 100_001, "last"]), {2: "empty", 3: "100,001"}, ["fine", "last"]),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_row_that_cannot_be_predicted_is_reported_with_what_it_held(run, tmp_path, name):
    data, flaws, good = BAD[name]
    (tmp_path / name).write_bytes(data)
    output = tmp_path / "out.jsonl"
    done = bulk(run, tmp_path / name, output)
    assert [each["text"] for each in answers(output)] == good
    reported = answers(done.bad)
    assert [each["row"] for each in reported] == list(flaws)
    for each in reported:
        assert flaws[each["row"]] in each["error"]
        assert each["raw"] or each["reason"] == "empty text"
    rows = sorted([each["row"] for each in reported] + [each["row"] for each in answers(output)])
    assert rows == list(range(1, done.rows + 1))
    assert done.n_bad == len(flaws)
    with pytest.raises(InputError, match=r"line \d+: .*--bad-rows report"):
        bulk(run, tmp_path / name, tmp_path / "stops.csv", bad_rows="stop")
    done = bulk(run, tmp_path / name, output, bad_rows="skip")
    assert left_beside(output) == ["out.jsonl"]


def test_an_unclosed_quote_costs_one_row_of_many(run, tmp_path):
    rows = [f"text number {n},{n}" for n in range(4000)]
    rows[100] = '"open,100'
    (tmp_path / "in.csv").write_text("\n".join(["text,id", *rows]) + "\n")
    done = bulk(run, tmp_path / "in.csv", tmp_path / "out.csv", reading=ReadOptions(quoting="double"))
    assert (done.rows, done.n_bad) == (4000, 1)
    (reported,) = answers(done.bad)
    assert (reported["row"], reported["line"], reported["raw"]) == (101, 102, '"open,100\n')


def test_several_processes_give_the_bytes_of_one(run, tmp_path):
    texts = [f"{'happy' if n % 3 else 'sad'} number {n} {'x' * (n % 90)}" for n in range(9000)]
    (tmp_path / "in.txt").write_bytes(lines_of(texts))
    for processes in (1, 2):
        bulk(run, tmp_path / "in.txt", tmp_path / f"out{processes}.csv", processes=processes)
    assert (tmp_path / "out1.csv").read_bytes() == (tmp_path / "out2.csv").read_bytes()


def test_memory_does_not_grow_with_the_file(tmp_path):
    peaks = []
    for n_rows in (20_000, 80_000):
        (tmp_path / "in.csv").write_bytes(as_csv(["some words of a text, quoted " * 4] * n_rows))
        with Reader(tmp_path / "in.csv") as reader:
            tracemalloc.start()
            try:
                assert sum(map(len, reader.batches())) == n_rows
                peaks.append(tracemalloc.get_traced_memory()[1])
            finally:
                tracemalloc.stop()
    assert peaks[1] < 1.1 * peaks[0]


@pytest.mark.parametrize(
    ("source", "output", "message"),
    [
        ("gone.csv", "out.csv", r"gone\.csv: no such file"),
        ("in.xlsx", "out.csv", r"in\.xlsx: no readable Excel file|in\.xlsx: damaged"),
        ("in.csv", "out.txt", r"out\.txt: unknown kind of file: give a \.csv, \.tsv, \.jsonl file"),
        ("in.csv", "out.csv", r"in\.csv: no column 'text' .*its columns are 'words', 'id'.* --text words"),
        ("empty.csv", "out.csv", r"empty\.csv: the file is empty"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_line_and_leaves_nothing(run, tmp_path, source, output, message):
    (tmp_path / "in.xlsx").write_bytes(b"PK")
    (tmp_path / "in.csv").write_text("words,id\nsome words,1\n")
    (tmp_path / "empty.csv").write_text("")
    reading = ReadOptions(text=("words",) if output == "out.txt" else ())
    with pytest.raises(InputError, match=message):
        bulk(run, tmp_path / source, tmp_path / output, reading=reading)
    assert left_beside(tmp_path / output) == []


@pytest.mark.parametrize("link", [None, os.symlink, os.link])
def test_the_input_is_never_written_over(run, tmp_path, link):
    (tmp_path / "in.csv").write_bytes(as_csv(TEXTS))
    output = tmp_path / "in.csv"
    if link:
        output = tmp_path / "out.csv"
        link(tmp_path / "in.csv", output)
    with pytest.raises(InputError, match="is the input itself"):
        bulk(run, tmp_path / "in.csv", output)
    assert (tmp_path / "in.csv").read_bytes() == as_csv(TEXTS)
    assert [name for name in left_beside(output) if "part" in name] == []


def test_a_wanted_precision_is_kept_to_as_with_sentences(run, tmp_path):
    (tmp_path / "in.txt").write_bytes(lines_of(TEXTS))
    output = tmp_path / "out.jsonl"
    abstained = {}
    for precision in (None, 0.99):
        bulk(run, tmp_path / "in.txt", output, precision=precision)
        texts = [each["text"] for each in answers(output)]
        abstained[precision] = [each["abstained"] for each in answers(output)]
        assert abstained[precision] == [each.abstained for each in Predictor.load(run, precision=precision)(texts)]
    assert sum(abstained[0.99]) > sum(abstained[None])
    with pytest.raises(InputError, match=r"precision 0\.5: the run has no thresholds for it; it has 0\.8"):
        bulk(run, tmp_path / "in.txt", output, precision=0.5, processes=2)


def test_a_damaged_run_is_found_before_processes_are_started(run, tmp_path):
    shutil.copytree(run, tmp_path / "run")
    (tmp_path / "run" / "model.onnx").write_bytes(b"damaged")
    (tmp_path / "in.txt").write_bytes(b"a text\n" * 50_000)
    with pytest.raises(InputError, match=r"model\.onnx: altered or cut short"):
        bulk(tmp_path / "run", tmp_path / "in.txt", tmp_path / "out.csv", processes=2)


def test_the_meter_tells_rows_pace_share_and_time_left():
    line = describe(Position(500, 2000), 1000, 0.0, Position(), 4.0)
    assert line == "2,000 rows, 500 a second, 50%, 4 s left"
    assert describe(Position(500, 2000), None, 0.0, Position(), 4.0) == "2,000 rows, 500 a second"


def test_json_lines_hold_any_value(run, tmp_path):
    (tmp_path / "in.jsonl").write_text('{"text": "so happy", "at": null}\n{"text": "so sad"}\n')
    bulk(run, tmp_path / "in.jsonl", tmp_path / "out.jsonl")
    assert [each["at"] for each in answers(tmp_path / "out.jsonl")] == [None, None]
    assert json.loads((tmp_path / "out.jsonl").read_text("utf-8").split("\n")[0])["row"] == 1
