"""A disk that fills up at any point of any verb: one line, exit code 2, and with space again the same bytes."""

import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from bulk_files import as_csv
from live_service import ask, ask_predict
from paths import FIXTURES, ROOT
from small_disk import FullDisk, fill, free, mounted

pytestmark = pytest.mark.usefixtures("compiled_once")

POINTS = 30
FILE = [str(FIXTURES / "moods.csv"), "--label", "mood"]
SMALL = ["--config", "mean", "--steps", "30", "--set", "mean_classifier.d_embedding = 64"]
SMALL += ["--set", "Recipe.checkpoint_every = 10", "--set", "Recipe.eval_every = 10"]
SEARCHED = ["mean", "--trials", "2", "--over", "trax.optimizers.Adam.learning_rate = (1e-3, 1e-1)"]
SEARCHED += ["--set", "Recipe.steps = 10", "--set", "mean_classifier.d_embedding = 16"]
TAUGHT = ["--teacher", "run", "--student", "mean", "--texts", "in.csv", "--steps", "10"]
TAUGHT += ["--set", "mean_classifier.d_embedding = 8"]
# The words of a command line, in a folder that holds finished runs and in.csv; and the files that it makes, whose bytes
# are looked at: a report holds its date.
VERBS = {
    "train": (["train", *SMALL, "--corpus", *FILE, "--run", "new"], ["new"]),
    "prepare": (["prepare", *FILE, "--config", "mean", "--processes", "1", "--output", "p"], ["p"]),
    "evaluate": (["evaluate", "--run", "run"], ["run/evaluation"]),
    "report": (["report", "--run", "run"], []),
    "predict": (["predict", "--run", "run", "--input", "in.csv", "--output", "out.csv"], ["out.csv"]),
    "corpus": (["corpus", *FILE, "--save", "out.csv"], ["out.csv"]),
    "compare": (["evaluate", "run", "run"], []),
    "generate": (["generate", "--run", "speaker", "--n", "2"], []),
    "distil": (["distil", *TAUGHT, "--run", "new"], ["new"]),
    "search": (["search", *SEARCHED, "--corpus", *FILE, "--run", "found"], ["found/best.gin", "found/trials"]),
}
FEW = {"train": 3, "evaluate": 1, "report": 1, "predict": 4, "corpus": 4, "search": 3, "generate": 1, "compare": 1}
FEW |= {"prepare": 3, "distil": 1}
VARYING = ("metrics.json", "manifest.json", ".lock")


@pytest.fixture(scope="module")
def material(tmp_path_factory, small_run):
    """A folder that holds what the verbs read."""
    folder = tmp_path_factory.mktemp("material")
    shutil.copytree(small_run, folder / "run", ignore=shutil.ignore_patterns("training"))
    (folder / "in.csv").write_bytes(as_csv([f"so {'happy' if n % 3 else 'sad'} number {n}" for n in range(9000)]))
    return folder


@pytest.fixture(scope="module")
def speaker(tmp_path_factory):
    """A run of the language model."""
    from sentiment.training.train import train

    bindings = [f"load_corpus.source = '{FILE[0]}'", "load_corpus.label_column = 'mood'", "Recipe.steps = 2"]
    run = train(ROOT / "configs" / "language_model.gin", bindings, tmp_path_factory.mktemp("speaker") / "run")
    shutil.rmtree(run.training)
    return run.path


@pytest.fixture
def verb(monkeypatch, capsys):
    """Runs a verb in this process and a folder; returns its exit code and what it wrote to standard error."""

    def call(folder: Path, words: list[str]) -> tuple[int, str]:
        from sentiment.__main__ import main

        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "argv", ["sentiment", *words])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
        return end.value.code or 0, capsys.readouterr().err

    return call


def check_refusal(code: int, errors: str) -> None:
    """Checks that a verb came to its end, or ended with one line that says what was full."""
    lines = [line for line in errors.splitlines() if line.startswith("error: ")]
    assert "Traceback" not in errors
    assert "Exception ignored" not in errors
    assert "Warning" not in errors
    assert (code, len(lines)) in ((0, 0), (2, 1)), errors
    assert code == 0 or (": No space left on device: free some space" in lines[0] or "temporary" in lines[0]), errors


def made(folder: Path, names: list[str]) -> dict[str, bytes]:
    """Returns the files that a verb has made, by their path, but for those with times in them."""
    files = [file for name in names for file in [folder / name, *(folder / name).rglob("*")] if file.is_file()]
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in files
        if file.name not in VARYING and "tfevents" not in file.name and "training" not in file.parts
    }


def begin(material: Path, folder: Path) -> Path:
    shutil.copytree(material, folder, dirs_exist_ok=True)
    return folder


@pytest.mark.parametrize(("name", "points"), FEW.items())
def test_a_disk_that_refuses_any_write_ends_a_verb_in_one_line_and_it_goes_on_later(
    material, speaker, verb, tmp_path, monkeypatch, name, points
):
    words, names = VERBS[name]
    monkeypatch.setenv("SENTIMENT_CACHE", str(tmp_path / "cache"))  # else the first answers serve all points
    shutil.copytree(speaker, tmp_path / "material" / "speaker")
    shutil.copytree(material, tmp_path / "material", dirs_exist_ok=True)
    material = tmp_path / "material"
    whole = begin(material, tmp_path / "whole")
    with monkeypatch.context() as patched:
        counting = FullDisk(patched)
        assert verb(whole, words)[0] == 0
    expected = made(whole, names)
    for point in random.Random(name).sample(range(1, counting.uses + 1), min(points, counting.uses)):
        folder = begin(material, tmp_path / str(point))
        with monkeypatch.context() as patched:
            FullDisk(patched, full_at=point)
            code, errors = verb(folder, words)
        check_refusal(code, errors)
        if names and code:
            assert verb(folder, words)[0] == 0
        assert made(folder, names) == expected


def started(disk: Path, words: list[str]) -> subprocess.Popen:
    """Starts a verb in a disk, which takes its cache and what it unpacks too."""
    for name in ("tmp", "cache"):
        (disk / name).mkdir(exist_ok=True)
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDEVMODE": "", "SENTIMENT_CACHE": str(disk / "cache")}
    environment["TMPDIR"] = str(disk / "tmp")
    command = [sys.executable, "-m", "sentiment", *words]
    return subprocess.Popen(
        command, cwd=disk, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


def ended_process(disk: Path, words: list[str]) -> tuple[int, str]:
    """Runs a verb in a disk to its end."""
    process = started(disk, words)
    try:
        _, errors = process.communicate(timeout=300)
    finally:
        process.kill()
    return process.returncode, errors


@pytest.mark.slow
@pytest.mark.parametrize("name", VERBS)
def test_a_disk_of_1_to_8_megabytes_that_fills_at_30_points_of_each_verb(
    material, speaker, verb, tmp_path, monkeypatch, capsys, name
):
    def ended(disk: Path, own_process: bool) -> tuple[int, str]:
        """Runs the verb to its end in a disk, here or in a process of its own: an exit has its own last words."""
        if own_process:
            return ended_process(disk, words)
        with monkeypatch.context() as patched:
            for variable, part in (("SENTIMENT_CACHE", "cache"), ("TMPDIR", "tmp")):
                (disk / part).mkdir(exist_ok=True)
                patched.setenv(variable, str(disk / part))
            patched.setattr(tempfile, "tempdir", None)  # else the first answer serves all points
            return verb(disk, words)

    words, names = VERBS[name]
    generator, ends = random.Random(name), Counter()
    with mounted(tmp_path / "roomy", 64) as disk:
        begin(material, disk)
        shutil.copytree(speaker, disk / "speaker")
        before = free(disk)
        assert ended(disk, False)[0] == 0
        needed, expected = before - free(disk), made(disk, names)
    for point in range(POINTS):
        with mounted(tmp_path / str(point), generator.randint(3, 8)) as disk:
            begin(material, disk)
            shutil.copytree(speaker, disk / "speaker")
            filler = fill(disk, generator.randint(0, int(1.1 * needed)))
            code, errors = ended(disk, point % 10 == 0)
            check_refusal(code, errors)
            ends[code] += 1
            filler.unlink()
            if names and code:
                assert ended(disk, False)[0] == 0
            assert made(disk, names) == expected
            monkeypatch.chdir(tmp_path)
    with capsys.disabled():
        print(f"\n  {name}: {POINTS} points over {needed:,} bytes, ends by exit code {dict(ends)}")  # noqa: T201


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_the_service_on_a_disk_that_is_full_at_30_points_answers_or_ends_in_one_line(
    material, tmp_path, capsys, workers
):
    generator, ends = random.Random(workers), Counter()
    for point in range(POINTS):
        with mounted(tmp_path / str(point), 8) as disk:
            begin(material, disk)
            (disk / "tmp").mkdir()
            fill(disk, generator.randint(0, 6_000_000))
            process = started(disk, ["serve", "--run", "run", "--port", "0", "--workers", str(workers)])
            try:
                errors, served = "", False
                for line in process.stderr:
                    errors += line
                    if found := re.search(r"http://[\d.]+:(\d+)", line):
                        port = int(found[1])
                    if "startup complete" in line and not served:
                        served = True
                        statuses = [ask_predict(port, {"texts": ["so happy"]}).status for _ in range(20)]
                        assert statuses == [200] * 20
                        assert ask(port, "GET", "/metrics").status == 200
                        process.terminate()
                code = process.wait(60)
            finally:
                process.kill()
                process.wait(60)
                process.stderr.close()
            check_refusal(code, errors)
            assert served == (code == 0)
            assert "died" not in errors
            ends[code] += 1
    with capsys.disabled():
        print(f"\n  serve, {workers} workers: {POINTS} points, ends by exit code {dict(ends)}")  # noqa: T201
