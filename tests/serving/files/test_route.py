"""POST /v1/predict-file: what it answers, what it refuses, and that nothing is left of a file."""

import gzip
import io
import json
import socket
import subprocess
import sys
import tempfile
import threading
import zipfile
from urllib.parse import urlencode

import pytest
from bulk_files import answers, bulk
from live_service import ask, ask_predict, counter, in_thread, until

from sentiment.serving.app import load_app
from sentiment.serving.files import child, places, route
from sentiment.serving.files.process import remedy_in

FILE = {"content-type": "application/octet-stream"}
ROWS = 'id,text,label\n7,so happy,x\n8,,y\n9,"=1+1, so sad",x\n'


@pytest.fixture(scope="module")
def port(small_run):
    """A service of the small run, shared by the tests of this file."""
    with in_thread(load_app(small_run)) as port:
        yield port


@pytest.fixture(autouse=True)
def _nothing_is_left(tmp_path, monkeypatch):
    """Temporary files are made in a folder of the test's own, which is empty in the end."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield
    until(lambda: not list(folder.iterdir()))


def send(port: int, name: str, content: bytes | str, **asked: object):
    query = urlencode({"name": name, **{key: str(value).lower() for key, value in asked.items()}})
    data = content.encode() if isinstance(content, str) else content
    return ask(port, "POST", f"/v1/predict-file?{query}", data, FILE)


def test_the_answer_is_what_predict_writes_and_what_became_of_the_rows(port, small_run, tmp_path):
    reply = send(port, "mine.csv", ROWS, probabilities=True, no_formulas=True)
    assert reply.status == 200
    (tmp_path / "mine.csv").write_text(ROWS)
    done = bulk(small_run, tmp_path / "mine.csv", tmp_path / "out.csv", probabilities=True, no_formulas=True)
    assert reply.body["results"].encode() == (tmp_path / "out.csv").read_bytes()
    assert (reply.body["rows"], reply.body["predicted"]) == (done.rows, done.rows - done.n_bad) == (3, 2)
    assert reply.body["left_out"] == {"empty text": 1}
    (left_out,) = reply.body["left_out_rows"]
    assert left_out == {"row": 2, "file": "mine.csv", "line": 3, "reason": "empty text", "error": "the text is empty"}
    found = answers(tmp_path / "out.csv")
    assert sum(reply.body["labels"].values()) == 2
    assert reply.body["columns"] == ["row", "label", "probability", "abstained", "text", "id", "given_label"]
    assert [row[:3] for row in reply.body["first_rows"]] == [[r["row"], r["label"], r["probability"]] for r in found]
    assert reply.body["first_rows"][1][4] == "'=1+1, so sad"
    assert reply.body["read_as"].startswith("mine.csv: CSV, utf-8, cells between ','")
    assert reply.body["dialect"]["columns"] == {"text": ["text"], "label": "label"}


def test_the_texts_of_files_are_counted(port):
    def counted() -> float:
        return counter(ask(port, "GET", "/metrics").body, "sentiment_predictions_total")

    before = counted()
    send(port, "mine.csv", ROWS)
    assert counted() == before + 2


def test_what_a_request_says_of_the_file_is_obeyed(port):
    reply = send(port, "mine", "1|so happy\n2|so sad\n", delimiter="|", header="none", text="2")
    assert [row[4:] for row in reply.body["first_rows"]] == [["so happy", "1"], ["so sad", "2"]]


def test_files_packed_in_one_are_told_apart(port):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("data/one.csv", "text\nso happy\n")
        archive.writestr("data/two.csv", "text\n  \nso sad\n")
    reply = send(port, "mine.zip", packed.getvalue())
    assert [row[4] for row in reply.body["first_rows"]] == ["so happy", "so sad"]
    assert [(row["file"], row["line"]) for row in reply.body["left_out_rows"]] == [("mine.zip/data/two.csv", 2)]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("mine.csv", "", "mine.csv: the file is empty"),
        ("mine.csv", "text\n\n", "no row below the header"),
        ("mine.txt", "\n\n", "mine.txt: none of its 2 rows can be predicted: 2 empty text (lines 1, 2)"),
        ("mine.parquet", "PAR1", "mine.parquet: no readable Parquet file"),
        ("mine.zip", "PK\3\4", "mine.zip: damaged"),
        ("mine.xls", "text", "mine.xls: no readable Excel file"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_line_that_names_it(port, name, content, words):
    reply = send(port, name, content)
    assert reply.is_problem(422, "unreadable-file")
    assert words in reply.body["detail"]
    assert "\n" not in reply.body["detail"]
    assert tempfile.gettempdir() not in reply.body["detail"]


def test_a_remedy_comes_as_parameters_that_work(port):
    rows = "".join(f"{n},so happy to see you all {n}\n" for n in range(20))
    refused = send(port, "my own.csv", f"id,tweet\n{rows}")
    assert refused.is_problem(422, "unreadable-file")
    assert refused.body["reading"] == {"text": "tweet", "label": "id"}
    assert send(port, "my own.csv", f"id,tweet\n{rows}", **refused.body["reading"]).body["predicted"] == 20
    assert remedy_in("a: say which, as in: sentiment corpus 'a b.csv' --delimiter ';'") == {"delimiter": ";"}
    assert remedy_in("as in: sentiment corpus it's") == remedy_in("no command") == {}


@pytest.mark.parametrize("name", ["", "../a.csv", "a/b.csv", "a\\b.csv", ".hidden", "a\nb", "a\0b", "a" * 256])
def test_a_name_is_that_of_a_file_alone(port, name):
    assert send(port, name, ROWS).is_problem(422, "invalid-request")


def test_parameters_that_cannot_be_used_are_refused(port):
    assert send(port, "a.csv", ROWS, quoting="maybe").is_problem(422, "invalid-request")
    assert send(port, "a.csv", ROWS, txt="2").is_problem(422, "invalid-request")
    reply = send(port, "a.csv", ROWS, encoding="no-such")
    assert reply.is_problem(422, "invalid-request")
    assert "give one such as utf-8" in reply.body["detail"]
    assert ask(port, "POST", "/v1/predict-file?name=a.csv", ROWS.encode()).is_problem(415, "no-file")


def test_a_file_of_too_many_bytes_or_rows_is_refused(port, monkeypatch):
    monkeypatch.setattr(route, "MAX_FILE_BYTES", 100)
    assert send(port, "a.txt", "a" * 101).is_problem(413, "too-large")
    parts = (b"so happy\n" for _ in range(12))
    assert ask(port, "POST", "/v1/predict-file?name=a.txt", parts, FILE).is_problem(413, "too-large")
    monkeypatch.setattr(route, "MAX_FILE_ROWS", 10)
    assert send(port, "a.txt", "happy\n" * 10).status == 200
    reply = send(port, "a.txt", "happy\n" * 11)
    assert reply.is_problem(413, "too-large")
    assert "over 10 rows" in reply.body["detail"]
    assert "sentiment predict --input" in reply.body["detail"]


def test_what_unpacks_to_far_more_is_refused(port, monkeypatch):
    zeros = gzip.compress(b"\0" * (300 << 20), compresslevel=1)
    reply = send(port, "a.csv.gz", zeros)
    assert reply.is_problem(413, "too-large")
    assert "256 MiB" in reply.body["detail"]
    monkeypatch.setattr(child, "MAX_WRITTEN_FILES", 50)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(3000):
            archive.writestr(f"{'ab'[number % 2]}/{number}", "so happy " * 50)
    assert send(port, "many.zip", packed.getvalue()).is_problem(413, "too-large")


def test_a_file_that_takes_too_long_is_given_up(port, monkeypatch):
    monkeypatch.setattr(child, "MAX_SECONDS", 0)
    assert send(port, "a.csv", ROWS).is_problem(503, "timed-out")


def test_a_process_that_dies_is_one_line(port, tmp_path, monkeypatch):
    (tmp_path / "python_calamine.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGABRT)\n")
    monkeypatch.syspath_prepend(tmp_path)
    reply = send(port, "a.xls", "text")
    assert reply.is_problem(413, "too-large")
    assert "died of signal 6" in reply.body["detail"]


def test_without_the_package_for_a_kind_of_file_the_line_says_which(port, tmp_path, monkeypatch):
    for name in ("arro3", "python_calamine"):
        (tmp_path / f"{name}.py").write_text(f"raise ModuleNotFoundError({name!r})\n")
    monkeypatch.syspath_prepend(tmp_path)
    for name, content, package in (("a.parquet", "PAR1", "arro3-io"), ("a.xls", "text", "python-calamine")):
        reply = send(port, name, content)
        assert reply.is_problem(422, "unreadable-file")
        assert package in reply.body["detail"]
        assert "CSV" in reply.body["detail"], "whoever drops a file can't install a package"


class Held(threading.Event):
    """Until it is set, files called "held" wait in their place; `begun` is set when one does."""

    def __init__(self):
        super().__init__()
        self.begun = threading.Event()


@pytest.fixture
def held(monkeypatch):
    """Holds files; all go on in the end."""
    event, predict = Held(), places.predict

    def waiting(job, stop):
        while job.name == "held" and not event.is_set() and not stop.wait(0.01):
            event.begun.set()
        predict(job, stop)

    monkeypatch.setattr(places, "predict", waiting)
    yield event
    event.set()


def test_neither_a_text_nor_a_small_file_waits_for_a_large_one(port, held, monkeypatch):
    monkeypatch.setattr(places, "SMALL", 100)
    replies = []
    large = threading.Thread(target=lambda: replies.append(send(port, "held", "so happy\n" * 20)))
    large.start()
    try:
        assert held.begun.wait(30)
        assert ask_predict(port, {"texts": ["so happy"]}).status == 200
        assert send(port, "small.txt", "so happy\n").status == 200
        assert not replies
    finally:
        held.set()
        large.join(60)
    assert replies[0].body["predicted"] == 20


def test_too_many_files_are_refused_and_then_taken_again(port, held, monkeypatch):
    monkeypatch.setattr(places, "MAX_FILES", 1)
    first = threading.Thread(target=send, args=(port, "held", "so happy\n"))
    first.start()
    assert held.begun.wait(30)
    assert send(port, "b.txt", "so happy\n").is_problem(503, "overloaded")
    held.set()
    first.join(60)
    until(lambda: send(port, "b.txt", "so happy\n").status == 200)


def test_a_client_that_leaves_ends_its_files_process(port, held):
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        head = "POST /v1/predict-file?name=held HTTP/1.1\r\nhost: a\r\ncontent-type: application/octet-stream\r\n"
        connection.sendall(f"{head}content-length: 9\r\n\r\nso happy\n".encode())
        assert held.begun.wait(30)
    until(lambda: counter(ask(port, "GET", "/metrics").body, "http_requests_total", ['status="499"']) >= 1)
    assert not held.is_set()
    assert send(port, "b.txt", "so happy\n").status == 200


def test_a_process_ends_with_the_service_and_takes_its_files_along(small_run, tmp_path):
    folder = tmp_path / "job"
    (folder / "given").mkdir(parents=True)
    process = subprocess.Popen([sys.executable, "-m", "sentiment.serving.files.process"], stdin=subprocess.PIPE)
    (folder / "given" / "a.txt").write_text("so happy\n" * 200_000)
    job = {"folder": str(folder), "name": "a.txt", "run": str(small_run), "precision": None, "reading": {}}
    job |= {"probabilities": False, "no_formulas": False, "max_rows": 10**9}
    with process:
        process.stdin.write(json.dumps(job).encode() + b"\n")
        process.stdin.flush()
        until(lambda: (folder / "written").exists())
        process.stdin.close()
        assert process.wait(30) == 1
    assert not folder.exists()
