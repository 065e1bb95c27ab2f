"""One file, one meaning: rows, left-outs and order are equal in corpus, train, evaluate, predict and the service."""

import csv
import io
import json
import re
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from live_service import ask, in_thread
from paths import ROOT

from sentiment.bulk import BulkOptions, predict_file
from sentiment.corpora.options import CorpusOptions
from sentiment.corpora.readers import REASONS, Reader, ReadOptions, read_table
from sentiment.corpora.readers.table import MISSING_LABEL
from sentiment.corpora.tables import load, load_examples
from sentiment.errors import InputError
from sentiment.serving.app import load_app
from sentiment.serving.files.job import Job, Refusal
from sentiment.serving.files.process import answer

FILES = ROOT.parent / "shared" / "data" / "files"
NAMES = sorted(path.name for path in FILES.glob("*") if path.name not in ("README.md", "facts.json")) or ["absent"]
READING = {
    "sentiment140_shape.csv": ReadOptions(text=("6",), label="1"),
    "entity_no_header.csv": ReadOptions(text=("4",), label="3"),
    "lines.json": ReadOptions(text=("headline",), label="is_good"),
    "array.json": ReadOptions(text=("body.text",)),
    "side_by_side": ReadOptions(text=("sentence",)),
    "two_texts.csv": ReadOptions(text=("title", "description"), label="class"),
}
NOT_TRAINED_ON = {"one_class_test.csv", "unlabelled_test.csv"}
NO_CORPUS = {"unlabelled_test.csv"}


class Meaning(NamedTuple):
    """The texts of a source in order; of the rows left out, line and reason."""

    texts: list[str]
    left_out: list[tuple[int, str]]


def of_corpus(path: Path, reading: ReadOptions) -> Meaning:
    """As the command `corpus` reads it."""
    table = read_table(path, reading)
    return Meaning(table.texts, [(each.line, each.reason) for each in table.left_out])


def of_training(path: Path, reading: ReadOptions, evaluated: bool = False) -> Meaning:
    """As `train` reads it, or `evaluate`."""
    options = CorpusOptions(bad_rows="skip")
    columns = ",".join(reading.text) or None, reading.label
    corpus = load_examples(str(path), *columns, options) if evaluated else load(str(path), *columns, 0, options)
    bad = [(each.line, each.reason) for each in corpus.bad_rows if each.reason in REASONS]
    return Meaning(list(corpus.texts), bad)


def of_predictions(run: Path, path: Path, reading: ReadOptions, folder: Path) -> Meaning:
    """As `predict --input` reads it."""
    with Reader(path, reading) as reader:
        done = predict_file(run, reader, folder / "predicted.csv", BulkOptions(processes=1))
        names = reader.first.roles.text
    bad = [json.loads(line) for line in done.bad.read_text("utf-8").splitlines()] if done.n_bad else []
    results = (folder / "predicted.csv").read_bytes().decode()
    return Meaning(texts_of(results, names), [(each["line"], each["reason"]) for each in bad])


def of_answer(found: dict, path: Path, reading: ReadOptions) -> Meaning:
    """As the service has read it, and so the page."""
    with Reader(path, reading) as reader:
        names = reader.first.roles.text
    assert found["rows"] - found["predicted"] == sum(found["left_out"].values()) == len(found["left_out_rows"])
    return Meaning(
        texts_of(found["results"], names), [(each["line"], each["reason"]) for each in found["left_out_rows"]]
    )


def texts_of(results: str, places) -> list[str]:
    header, *rows = csv.reader(io.StringIO(results, newline=""))
    places = places if len(header) > 5 or places == (0,) else (0,)  # where files differ, the texts alone come back
    return [" ".join(row[place] for place in places if row[place].strip()) for row in rows]


@pytest.fixture(scope="module")
def port(small_run):
    """A service of the small run."""
    with in_thread(load_app(small_run)) as port:
        yield port


def _packed(folder: Path) -> bytes:
    """A folder as a zip file, its files in the order in which the folder's are read."""

    def natural(path: Path) -> list:
        return [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in re.split(r"(\d+)", str(path))]

    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for path in sorted((path for path in folder.rglob("*") if path.is_file()), key=natural):
            archive.write(path, path.relative_to(folder))
    return file.getvalue()


def _ask(port: int, name: str, data: bytes, reading: ReadOptions) -> dict:
    query = "".join(
        f"&{flag}={value}" for flag, value in (("text", ",".join(reading.text)), ("label", reading.label)) if value
    )
    headers = {"content-type": "application/octet-stream"}
    reply = ask(port, "POST", f"/v1/predict-file?name={name}{query}", data, headers)
    assert reply.status == 200, reply.body
    return reply.body


@pytest.mark.skipif(not FILES.is_dir(), reason=f"{FILES} is not there")
@pytest.mark.parametrize("name", NAMES)
def test_a_file_as_it_is_distributed_means_the_same_everywhere(name, small_run, port, tmp_path):
    path, reading = FILES / name, READING.get(name, ReadOptions())
    meaning = of_corpus(path, reading)
    assert meaning.texts
    if name not in NOT_TRAINED_ON:
        assert of_training(path, reading) == meaning
    if name not in NO_CORPUS:
        assert of_training(path, reading, evaluated=True) == meaning
    assert of_predictions(small_run, path, reading, tmp_path) == meaning
    dropped, data = (f"{name}.zip", _packed(path)) if path.is_dir() else (name, path.read_bytes())
    assert of_answer(_ask(port, dropped, data, reading), path, reading) == meaning


CELLS = st.lists(
    st.sampled_from(["good", "it's", "café", '"', "'", ",", ";", "\t", "|", "\n", "\r", "\\", " ", "\0", "—", "喜"]),
    max_size=6,
).map("".join)


@st.composite
def tables(draw):
    """A file of texts and labels: its name, its bytes."""
    rows = draw(st.lists(st.tuples(CELLS, st.sampled_from("ab")), min_size=1, max_size=12))
    suffix = draw(st.sampled_from([".csv", ".tsv", ".txt", ".jsonl", ".json", ""]))
    if "json" in suffix:
        records = [{"text": text, "label": label} for text, label in rows]
        return suffix, (json.dumps(records) if suffix == ".json" else "\n".join(map(json.dumps, records))).encode()
    file = io.StringIO(newline="")
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONE]))
    dialect = {"delimiter": draw(st.sampled_from(",;\t|")), "quoting": quoting, "escapechar": "\\"}
    header = [("text", "label")] * draw(st.booleans())
    csv.writer(file, **dialect, lineterminator=draw(st.sampled_from(["\n", "\r\n"]))).writerows([*header, *rows])
    return suffix, file.getvalue().encode(draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"])))


def _or_refusal(read) -> Meaning | str:
    try:
        return read()
    except InputError as error:
        return str(error)


@given(tables())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_table_means_the_same_everywhere_or_is_refused_in_the_same_words(small_run, tmp_path_factory, table):
    suffix, data = table
    folder = tmp_path_factory.mktemp("any")
    job = Job(
        folder=str(folder), name=f"table{suffix}", run=str(small_run), precision=None, reading=asdict(ReadOptions()),
        probabilities=False, no_formulas=False, max_rows=1000,
    )  # fmt: skip
    job.source.parent.mkdir()
    path, reading = job.source, ReadOptions()
    path.write_bytes(data)
    meaning = _or_refusal(lambda: of_corpus(path, reading))
    # A row without a label can't train, and is predicted all the same.
    assume(isinstance(meaning, str) or MISSING_LABEL not in dict(map(reversed, meaning.left_out)))
    assert _or_refusal(lambda: of_predictions(small_run, path, reading, folder)) == meaning
    try:
        answer(job)
    except Refusal as refusal:
        served = refusal.detail
    else:
        served = of_answer(json.loads(job.answer.read_bytes()), path, reading)
    if isinstance(meaning, str):
        assert served == meaning.replace(f"{path.parent}/", "")
        return
    if not meaning.texts:
        assert "rows can be predicted" in served
        return
    assert served == meaning
    for evaluated in (False, True):
        trained = _or_refusal(lambda: of_training(path, reading, evaluated))  # noqa: B023 - it is called at once
        assert isinstance(trained, str) or trained == meaning
        if isinstance(trained, str):
            assert re.search("no labels|label .* has|labelled|several labels|no row is left", trained), trained
