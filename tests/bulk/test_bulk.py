"""Whole files: every row answered or accounted for, in order, and the same bytes after any interruption."""

import csv
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
from paths import FIXTURES, ROOT

from sentiment import bulk
from sentiment.bulk import predict_file
from sentiment.bulk.meter import describe
from sentiment.bulk.rows import Flaw, Position
from sentiment.bulk.sources import Source
from sentiment.errors import InputError
from sentiment.prediction.predictor import Predictor

TEXTS = ["so happy today 😀", "crying, all night", 'she said "yes"', "a quiet\nevening", "", "qwrk zzyx"]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    from sentiment.training.train import train

    bindings = ["Recipe.steps = 20", f"load_corpus.source = '{FIXTURES / 'moods.csv'}'"]
    bindings += ["load_corpus.label_column = 'mood'", "mean_classifier.d_embedding = 8"]
    return train(ROOT / "configs" / "mean.gin", bindings, tmp_path_factory.mktemp("bulk") / "run").path


def as_csv(texts, delimiter=",") -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows([("id", "text"), *enumerate(texts)])
    return file.getvalue().encode()


def as_parquet(texts) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = io.BytesIO()
    pq.write_table(pa.table({"id": list(range(len(texts))), "text": texts}), file)
    return file.getvalue()


def lines_of(texts) -> bytes:
    return "".join(text.replace("\n", " ") + "\n" for text in texts).encode()


WRITERS = {
    "in.csv": as_csv,
    "in.tsv": lambda texts: as_csv(texts, "\t"),
    "in.jsonl": lambda texts: "".join(json.dumps({"text": text}) + "\n" for text in texts).encode(),
    "in.parquet": as_parquet,
    "in.txt": lines_of,
}


def answers(path) -> list[dict]:
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="," if path.suffix == ".csv" else "\t"))


def left_beside(output) -> list[str]:
    return sorted(path.name for path in output.parent.iterdir() if path.name.startswith(output.name))


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("kind", [".csv", ".tsv", ".jsonl"])
def test_every_kind_of_file_is_answered_row_by_row_in_order(run, tmp_path, name, kind):
    (tmp_path / name).write_bytes(WRITERS[name](TEXTS))
    output = tmp_path / f"out{kind}"
    done = predict_file(run, Source(str(tmp_path / name)), output)
    texts = [text.replace("\n", " ") for text in TEXTS] if name == "in.txt" else TEXTS
    found = answers(output)
    assert (done.rows, done.n_bad, left_beside(output)) == (len(TEXTS), 0, [output.name])
    assert [each["text"] for each in found] == texts
    assert [int(each["row"]) for each in found] == list(range(1, len(TEXTS) + 1))
    for each, prediction in zip(found, Predictor.load(run)(texts), strict=True):
        assert each["label"] == prediction.label
        assert float(each["probability"]) == pytest.approx(prediction.probability, abs=1e-6)
        assert each["abstained"] in (prediction.abstained, "yes" if prediction.abstained else "")


BAD = {
    "in.csv": (
        b'text,id\nfine,1\n"never closed,2\ncaf\xe9,3\n\nthree,cells,here\n' + b"x" * 100_001 + b",4\nlast,5\n",
        {2: "quote", 3: "UTF-8", 4: "3 cells, and the header has 2", 5: "100,001 characters"},
        ["fine", "last"],
    ),
    "in.jsonl": (
        b'{"text": "fine"}\n\n{"text": 3}\n{"other": "x"}\nnot json\n[1]\n{"text": "caf\xe9"}\n{"text": null}\n'
        b'{"text": "last"}',
        {2: "type int", 3: "'text'", 4: "not JSON", 5: "no JSON object", 6: "UTF-8", 7: "type NoneType"},
        ["fine", "last"],
    ),
    "in.txt": (
        b"fine\ncaf\xe9\n" + b"y" * 1_200_000 + b"\nlast",
        {2: "UTF-8", 3: "1,200,001 bytes"},
        ["fine", "last"],
    ),
    "in.parquet": (as_parquet(["fine", None, "z" * 100_001, "last"]), {2: "missing", 3: "100,001"}, ["fine", "last"]),
}


@pytest.mark.parametrize("name", BAD)
def test_a_row_that_cannot_be_predicted_is_reported_with_what_it_held(run, tmp_path, name):
    data, flaws, good = BAD[name]
    (tmp_path / name).write_bytes(data)
    output = tmp_path / "out.jsonl"
    done = predict_file(run, Source(str(tmp_path / name)), output)
    assert [each["text"] for each in answers(output)] == good
    reported = answers(done.bad)
    assert {each["row"]: True for each in reported} == dict.fromkeys(flaws, True)
    for each in reported:
        assert flaws[each["row"]] in each["error"]
        assert each["raw"] or name == "in.parquet"
    rows = sorted([each["row"] for each in reported] + [each["row"] for each in answers(output)])
    assert rows == list(range(1, done.rows + 1))
    assert done.n_bad == len(flaws)


def test_an_unclosed_quote_costs_one_row_of_many(run, tmp_path):
    rows = [f"text number {n},{n}" for n in range(4000)]
    rows[100] = '"open,100'
    (tmp_path / "in.csv").write_text("\n".join(["text,id", *rows]) + "\n")
    done = predict_file(run, Source(str(tmp_path / "in.csv")), tmp_path / "out.csv")
    assert (done.rows, done.n_bad) == (4000, 1)
    (reported,) = answers(done.bad)
    assert (reported["row"], reported["line"], reported["raw"]) == (101, 102, '"open,100\n')


@pytest.fixture
def many(tmp_path, monkeypatch):
    """A function that writes a file of many small blocks, flaws among them, and returns its source."""
    monkeypatch.setattr("sentiment.bulk.sources.BLOCK_BYTES", 500)
    monkeypatch.setattr("sentiment.bulk.journal.EVERY", 0.0)

    def write(name):
        texts = [f"{'happy' if n % 3 else 'sad, and'} number {n} 😀" for n in range(300)]
        data = WRITERS[name](texts)
        if name != "in.parquet":
            data = data.replace(b"number 77 ", b"number\xe9 ").replace(b"number 205 ", b"number\xe9 ")
        (tmp_path / name).write_bytes(data)
        return Source(str(tmp_path / name))

    return write


class KilledError(BaseException):
    """As sudden as kill -9: nothing catches it."""


@pytest.mark.parametrize("name", WRITERS)
def test_a_prediction_stopped_anywhere_goes_on_to_the_same_bytes(run, tmp_path, many, name, monkeypatch):
    monkeypatch.setattr("sentiment.corpora.readers.arrow_file.BATCH_SIZE", 40)
    source, whole = many(name), tmp_path / "whole.csv"
    predict_file(run, source, whole, processes=1)
    output, calls = tmp_path / "out.csv", 0
    for stop in (1, 3, 2, 1000):

        def told(position, size, stop=stop):
            nonlocal calls
            calls += 1
            if calls >= stop:
                raise KilledError

        calls = 0
        if stop < 1000:
            with pytest.raises(KilledError):
                predict_file(run, source, output, processes=1, told=told)
            assert not output.exists()
            with (tmp_path / "out.csv.part").open("ab") as part:
                part.write(b"a block that no journal knows of")
        else:
            predict_file(run, source, output, processes=1, told=told)
    assert output.read_bytes() == whole.read_bytes()
    if name != "in.parquet":
        assert (tmp_path / "out.csv.bad.jsonl").read_bytes() == (tmp_path / "whole.csv.bad.jsonl").read_bytes()
    assert not [each for each in left_beside(output) if "part" in each or "journal" in each]


def test_several_processes_give_the_bytes_of_one(run, tmp_path):
    texts = [f"{'happy' if n % 3 else 'sad'} number {n} {'x' * (n % 90)}" for n in range(9000)]
    (tmp_path / "in.txt").write_bytes(lines_of(texts))
    for processes in (1, 2):
        predict_file(run, Source(str(tmp_path / "in.txt")), tmp_path / f"out{processes}.csv", processes=processes)
    assert (tmp_path / "out1.csv").read_bytes() == (tmp_path / "out2.csv").read_bytes()


def test_another_input_is_not_taken_for_the_unfinished_one(run, tmp_path, many):
    source, output = many("in.txt"), tmp_path / "out.csv"

    def stop(position, size):
        raise KilledError

    with pytest.raises(KilledError):
        predict_file(run, source, output, processes=1, told=stop)
    with pytest.raises(InputError, match=r"out\.csv\.journal: of another input, model or settings"):
        predict_file(run, many("in.csv"), output, processes=1)
    (tmp_path / "out.csv.journal").write_text("{")
    with pytest.raises(InputError, match=r"journal: damaged"):
        predict_file(run, source, output, processes=1)


def test_a_process_killed_with_kill_9_resumes_to_the_same_bytes(run, tmp_path):
    texts = [f"{'happy' if n % 3 else 'sad'} number {n} {n % 977} day" for n in range(60_000)]
    (tmp_path / "in.txt").write_bytes(lines_of(texts))
    predict_file(run, Source(str(tmp_path / "in.txt")), tmp_path / "whole.csv", processes=1)
    command = [sys.executable, str(ROOT / "scripts" / "predict.py"), "--run", str(run), "--input", "in.txt"]
    command += ["--output", "out.csv", "--processes", "1"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not (tmp_path / "out.csv.journal").exists():
        assert process.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "out.csv").exists()
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "60,000 rows, predictions in out.csv\n"
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_memory_does_not_grow_with_the_file(tmp_path):
    import tracemalloc

    (tmp_path / "in.csv").write_bytes(as_csv(["some words of a text, quoted " * 4] * 40_000))
    tracemalloc.start()
    try:
        rows = sum(len(block.contents) for block in Source(str(tmp_path / "in.csv")).blocks(Position()))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert rows == 40_000
    assert peak < 4 * bulk.BLOCK_BYTES


@pytest.mark.parametrize(
    ("source", "output", "message"),
    [
        ("gone.csv", "out.csv", r"gone\.csv: no such file"),
        ("in.xlsx", "out.csv", r"in\.xlsx: unknown kind of file"),
        ("in.csv", "out.txt", r"out\.txt: unknown kind of file: give a \.csv, \.tsv, \.jsonl file"),
        ("in.csv", "out.csv", r"in\.csv: no column 'text'; there are \['words'\]: name one with --text"),
        ("empty.csv", "out.csv", r"empty\.csv: no header"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_line(run, tmp_path, source, output, message):
    (tmp_path / "in.xlsx").write_bytes(b"PK")
    (tmp_path / "in.csv").write_text("words\nsome\n")
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(InputError, match=message):
        predict_file(run, Source(str(tmp_path / source)), tmp_path / output)


def test_a_wanted_precision_is_kept_to_as_with_sentences(run, tmp_path):
    (tmp_path / "in.txt").write_bytes(lines_of(TEXTS))
    source, output = Source(str(tmp_path / "in.txt")), tmp_path / "out.jsonl"
    abstained = {}
    for precision in (None, 0.99):
        predict_file(run, source, output, precision=precision)
        texts = [each["text"] for each in answers(output)]
        abstained[precision] = [each["abstained"] for each in answers(output)]
        assert abstained[precision] == [each.abstained for each in Predictor.load(run, precision=precision)(texts)]
    assert sum(abstained[0.99]) > sum(abstained[None])
    with pytest.raises(InputError, match=r"precision 0\.5: the run has no thresholds for it; it has 0\.8"):
        predict_file(run, source, output, precision=0.5, processes=2)


def test_a_damaged_run_is_told_before_processes_are_started(run, tmp_path):
    shutil.copytree(run, tmp_path / "run")
    (tmp_path / "run" / "model.onnx").write_bytes(b"damaged")
    (tmp_path / "in.txt").write_bytes(b"a text\n" * 50_000)
    with pytest.raises(InputError, match=r"model\.onnx: altered or cut short"):
        predict_file(tmp_path / "run", Source(str(tmp_path / "in.txt")), tmp_path / "out.csv", processes=2)


def test_lines_of_standard_input_are_texts(run, script, elsewhere):
    answer = script(
        "predict", "--run", run, "--input", "-", "--output", "out.csv", "--processes", "1", stdin=b"so happy\n"
    )
    assert (answer.code, answer.out) == (0, "1 rows, predictions in out.csv\n")
    assert answers(elsewhere / "out.csv")[0]["text"] == "so happy"


@pytest.mark.parametrize("flags", [[], ["hello", "--input", "a.csv"], ["--input", "a.csv"], ["--output", "a.csv"]])
def test_sentences_or_a_file_and_not_both(run, script, elsewhere, flags):
    answer = script("predict", "--run", run, *flags)
    assert answer.code == 2
    assert "give sentences, or --input FILE with --output FILE" in answer.err


def test_the_meter_tells_rows_pace_share_and_time_left():
    line = describe(Position(500, 2000), 1000, 0.0, Position(), 4.0)
    assert line == "2,000 rows, 500 a second, 50%, 4 s left"
    assert describe(Position(500, 2000), None, 0.0, Position(), 4.0) == "2,000 rows, 500 a second"


def test_a_flaw_holds_what_the_row_held(tmp_path):
    (tmp_path / "in.txt").write_bytes(b"caf\xe9\n")
    (block,) = Source(str(tmp_path / "in.txt")).blocks(Position())
    assert list(block.rows()) == [(1, 1, Flaw("not UTF-8 at byte 4", "caf\\xe9\n"))]
