"""Runs begin, resume and are numbered: no two trainings share one, and nothing of another run is touched."""

import os
import subprocess
import sys

import pytest
from paths import ROOT
from stored_runs import CONFIG, METRICS, MODEL, VOCABULARY, begun, finished, refusal

from sentiment.errors import InputError
from sentiment.storage.run_directory import RunDirectory
from sentiment.storage.runs import claimed_run, find_run, latest_run


@pytest.fixture
def run(tmp_path):
    return finished(tmp_path / "run")


def test_the_same_settings_resume_an_unfinished_run(tmp_path):
    run = RunDirectory(tmp_path / "run")
    assert run.begin(CONFIG, MODEL, VOCABULARY) is False
    assert run.begin(CONFIG, MODEL, VOCABULARY) is True


@pytest.mark.parametrize(
    ("file", "settings"),
    [
        ("config.gin", (CONFIG + "Recipe.seed = 1\n", MODEL, VOCABULARY)),
        ("model.json", (CONFIG, MODEL | {"label_names": ["a", "b"]}, VOCABULARY)),
        ("vocabulary.txt", (CONFIG, MODEL, VOCABULARY + b"sad\n")),
    ],
)
def test_other_settings_or_data_do_not_resume_a_run_nor_touch_it(tmp_path, file, settings):
    run = begun(tmp_path / "run")
    before = {path.name: path.read_bytes() for path in run.path.iterdir() if path.is_file()}
    told = refusal(run.begin, *settings)
    assert told.startswith(f"{run.path / file}: the unfinished run here has other settings or data")
    assert {path.name: path.read_bytes() for path in run.path.iterdir() if path.is_file()} == before


def test_a_finished_run_is_not_trained_over(run):
    assert "holds a finished run" in refusal(run.begin, CONFIG, MODEL, VOCABULARY)
    run.verify()


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    assert "not empty and not a run" in refusal(RunDirectory(tmp_path).begin, CONFIG, MODEL, VOCABULARY)
    assert os.listdir(tmp_path) == ["thesis.txt"]  # noqa: PTH208


def test_an_empty_folder_will_do(tmp_path):
    assert RunDirectory(tmp_path).begin(CONFIG, MODEL, VOCABULARY) is False
    assert RunDirectory(tmp_path).training.is_dir()


def test_a_beginning_that_was_killed_is_begun_again(tmp_path):
    run = RunDirectory(tmp_path / "run")
    run.path.mkdir()
    run.config.write_text("Recipe.steps = 4\n")
    (run.path / ".model.json.abc123.part").write_text("{")
    assert run.begin(CONFIG, MODEL, VOCABULARY) is False
    assert run.config.read_text() == CONFIG
    run.weights.write_bytes(b"weights")
    run.finish(METRICS)
    run.verify()


def _claimed(name: str, root, config=CONFIG, vocabulary=VOCABULARY):
    """The folder of a run that was claimed and let go, and whether it was resumed."""
    with claimed_run(name, config, MODEL, vocabulary, root) as (run, resumed):
        return run.path.name, resumed


def test_runs_are_numbered_on(tmp_path):
    root = tmp_path / "runs"
    assert _claimed("mean-vader", root) == ("0001-mean-vader", False)
    finished(root / "0007-notebook-vader")
    (root / "0099").mkdir()
    (root / "notes").mkdir()
    (root / ".DS_Store").write_text("")
    assert _claimed("mean-vader", root) == ("0008-mean-vader", False)


def test_the_latest_run_is_the_finished_one_with_the_highest_number(tmp_path):
    for name in ("0009-b", "0010-a", "0002-c"):
        finished(tmp_path / name)
    begun(tmp_path / "0011-a")
    assert latest_run(tmp_path).path == tmp_path / "0010-a"
    (tmp_path / "0009-b" / "model.json").write_text("{")
    assert latest_run(tmp_path).path == tmp_path / "0010-a", "damage to an older run does not matter"
    (tmp_path / "0010-a" / "model.json").write_text("{")
    assert refusal(latest_run, tmp_path).startswith(f"{tmp_path / '0010-a' / 'model.json'}: not JSON")


def test_the_latest_run_of_a_task_is_not_that_of_another(tmp_path):
    finished(tmp_path / "0001-mean-vader")
    assert "`make train CONFIG=configs/language_model.gin`" in refusal(latest_run, tmp_path, "next_token")
    finished(tmp_path / "0002-language_model-vader", task="next_token")
    assert latest_run(tmp_path).path == tmp_path / "0001-mean-vader"
    assert latest_run(tmp_path, "next_token").path == tmp_path / "0002-language_model-vader"


def test_a_run_is_found_by_its_folder_or_by_its_variants_name(tmp_path):
    for name in ("0001-lstm-vader", "0002-lstm-vader", "0003-lstm_pretrained-vader"):
        finished(tmp_path / name)
    begun(tmp_path / "0004-lstm-vader")
    assert find_run("lstm", tmp_path).path == tmp_path / "0002-lstm-vader"
    assert find_run(str(tmp_path / "0001-lstm-vader"), tmp_path / "none").path == tmp_path / "0001-lstm-vader"
    assert "no trained run of 'gru'; `make train CONFIG=configs/gru.gin`" in refusal(find_run, "gru", tmp_path)


def test_without_a_finished_run_the_user_is_told_how_to_make_one(tmp_path):
    assert refusal(latest_run, tmp_path / "runs").startswith(f"{tmp_path / 'runs'}: no trained run here; `make train`")
    begun(tmp_path / "runs" / "0001-a")
    assert "no trained run here" in refusal(latest_run, tmp_path / "runs")


def test_only_the_last_run_of_that_name_and_settings_is_resumed_and_only_unfinished(tmp_path):
    assert _claimed("a", tmp_path) == ("0001-a", False)
    assert _claimed("a", tmp_path) == ("0001-a", True)
    assert _claimed("a", tmp_path, config=CONFIG + "# other") == ("0002-a", False)
    assert _claimed("a", tmp_path) == ("0003-a", False)
    assert _claimed("a", tmp_path, vocabulary=VOCABULARY + b"more\n") == ("0004-a", False)
    assert _claimed("b", tmp_path) == ("0005-b", False)
    assert _claimed("a", tmp_path) == ("0006-a", False)
    finished(tmp_path / "0007-a")
    assert _claimed("a", tmp_path) == ("0008-a", False)
    (tmp_path / "0009-a").mkdir()
    assert _claimed("a", tmp_path) == ("0010-a", False), "nothing was begun in 0009"


def test_two_trainings_at_once_get_a_run_each(tmp_path):
    arguments = (CONFIG, MODEL, VOCABULARY)
    with claimed_run("a", *arguments, tmp_path) as first, claimed_run("a", *arguments, tmp_path) as second:
        assert [(run.path.name, resumed) for run, resumed in (first, second)] == [("0001-a", False), ("0002-a", False)]
        with pytest.raises(InputError, match="another training is running here; name another folder"):
            first[0].claimed(*arguments).__enter__()
    assert _claimed("a", tmp_path) == ("0002-a", True)


def test_many_processes_at_once_get_a_number_each(tmp_path):
    code = (
        "import sys; from sentiment.storage.runs import claimed_run\n"
        "with claimed_run(sys.argv[1], 'c', {}, b'', __import__('pathlib').Path('runs')) as (run, _):\n"
        "    print(run.path.name, flush=True); sys.stdin.read()"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, name], cwd=tmp_path, env=environment, stdin=-1, stdout=-1, text=True
        )
        for name in "abab"
    ]
    numbers = [process.stdout.readline().split("-")[0] for process in started]
    assert sorted(numbers) == ["0001", "0002", "0003", "0004"]
    for process in started:
        process.kill()
        process.communicate()
    last = max((tmp_path / "runs").glob("0*")).name
    with claimed_run(last[5:], "c", {}, b"", tmp_path / "runs") as (run, resumed):
        assert (run.path.name, resumed) == (last, True), "a lock goes with its process"


def test_a_folder_of_other_things_gets_no_lock(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match="not empty and not a run"):
        RunDirectory(tmp_path).claimed(CONFIG, MODEL, VOCABULARY).__enter__()
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_what_a_kill_left_half_written_goes_when_the_run_is_resumed(tmp_path):
    run = begun(tmp_path / "run")
    left = [run.path / ".config.gin.abc.part", run.training / ".checkpoint-00000001.safetensors.abc.part"]
    for path in left:
        path.write_bytes(b"half")
    assert run.begin(CONFIG, MODEL, VOCABULARY) is True
    assert not [path for path in left if path.exists()]
