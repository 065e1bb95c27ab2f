"""A search: its trials, what it keeps, and that stopping and going on change nothing."""

import sqlite3
import sys

import pytest
from optuna.exceptions import StorageInternalError
from optuna.trial import Trial
from paths import FIXTURES
from search_rows import rows_of
from sqlalchemy.exc import OperationalError

from sentiment.errors import InputError, Interrupted
from sentiment.search import search as module
from sentiment.search.score import Score
from sentiment.search.trials import Trainer
from sentiment.storage.files import write_whole

MOODS = [f"load_corpus.source = '{FIXTURES / 'moods.csv'}'", "load_corpus.label_column = 'mood'"]
OVER = ["Recipe.batch_size = [6, 12, 24]", "trax.optimizers.Adam.learning_rate = (1e-4, 1e-1)"]
search = module.search


@pytest.fixture
def trained(monkeypatch) -> list[dict]:
    """Trials are scored by a formula instead of a training; what was trained is listed."""
    made: list[dict] = []

    def score(self, attempt, reports):
        made.append(dict(attempt.params))
        write_whole(attempt.folder / "config.gin", "\n".join(attempt.lines))
        rate, size = (attempt.params[name.partition(" = ")[0]] for name in reversed(OVER))
        accuracy = 1 - abs(float(rate) - 0.01) - int(size) / 1000
        return Score(accuracy, accuracy / 2, 1 - accuracy), "\n".join(attempt.lines)

    monkeypatch.setattr(Trainer, "score", score)
    return made


def test_the_best_is_kept_with_its_config_and_all_stand_in_the_table(trained, tmp_path):
    found = search("mean", OVER, 12, MOODS, directory=tmp_path / "search")
    table = rows_of(found.folder)
    assert len(table) == len(trained) == 12
    best = max(table, key=lambda row: float(row["accuracy"]))
    assert int(best["trial"]) == found.best.number + 1
    config = found.config.read_text()
    assert f"Recipe.batch_size = {best['Recipe.batch_size']}" in config
    assert "load_corpus.source" in config
    assert [path.name for path in (found.folder / "trials").iterdir()] == [f"{found.best.number + 1:04d}"]


def test_the_printed_table_is_ordered_and_says_that_the_best_is_flattered(trained, tmp_path):
    found = search("mean", OVER, 6, MOODS, directory=tmp_path / "search")
    *lines, last = found.table.lines()
    scores = [float(line.split()[1]) for line in lines[1:]]
    assert scores == sorted(scores, reverse=True)
    assert "therefore too high" in last


@pytest.mark.parametrize("metric", ["accuracy", "macro_f1", "cross_entropy"])
def test_each_metric_is_searched_in_its_direction(metric, trained, tmp_path):
    found = search("mean", OVER, 6, MOODS, metric=metric, directory=tmp_path / "search")
    pick = min if metric == "cross_entropy" else max
    assert found.best.value == pick(float(row[metric]) for row in rows_of(found.folder))


def test_the_seed_decides_the_trials(trained, tmp_path):
    first, again, other = (
        rows_of(search("mean", OVER, 4, MOODS, seed=seed, directory=tmp_path / name).folder)
        for name, seed in (("first", 1), ("again", 1), ("other", 2))
    )
    assert first == again != other


@pytest.mark.parametrize("stops", [[1, 2, 3, 9, 13], [7], [12, 12]])
def test_a_search_that_was_stopped_makes_the_same_trials(stops, trained, tmp_path, monkeypatch):
    whole = rows_of(search("mean", OVER, 14, MOODS, directory=tmp_path / "whole").folder)
    score = Trainer.score

    def stopped_at(number):
        def stopping(self, attempt, reports):
            if attempt.number == number:
                raise Interrupted("stopped", 2)
            return score(self, attempt, reports)

        return stopping

    for number in stops:
        monkeypatch.setattr(Trainer, "score", stopped_at(number))
        with pytest.raises(Interrupted, match=rf"stopped in trial {number + 1} of 14; the same command goes on"):
            search("mean", OVER, 14, MOODS, directory=tmp_path / "stopped")
        assert rows_of(tmp_path / "stopped")[-1]["state"] in ("complete", "not finished")
    monkeypatch.setattr(Trainer, "score", score)
    assert rows_of(search("mean", OVER, 14, MOODS, directory=tmp_path / "stopped").folder) == whole


def test_more_trials_go_on_from_those_that_are_there(trained, tmp_path):
    whole = rows_of(search("mean", OVER, 8, MOODS, directory=tmp_path / "whole").folder)
    search("mean", OVER, 5, MOODS, directory=tmp_path / "grown")
    trained.clear()
    assert rows_of(search("mean", OVER, 8, MOODS, directory=tmp_path / "grown").folder) == whole
    assert len(trained) == 3


def test_settings_that_were_tried_are_not_trained_again(trained, tmp_path):
    over = ["Recipe.batch_size = [6, 12]", "trax.optimizers.Adam.learning_rate = [0.01, 0.02]"]

    found = search("mean", over, 9, [*MOODS], directory=tmp_path / "search")
    assert len(trained) == len({tuple(each.values()) for each in trained}) <= 4
    again = [row for row in rows_of(found.folder) if row["same_as"]]
    assert len(again) == 9 - len(trained)
    for row in again:
        first = rows_of(found.folder)[int(row["same_as"]) - 1]
        assert first["accuracy"] == row["accuracy"]
        assert not first["same_as"]


def test_a_trial_that_cannot_be_trained_is_a_row_and_the_search_goes_on(trained, tmp_path, monkeypatch):
    score = Trainer.score

    def failing(self, attempt, reports):
        if attempt.number % 2 == 0:
            raise InputError("run: training diverged, at step 3; lower the learning rate")
        return score(self, attempt, reports)

    monkeypatch.setattr(Trainer, "score", failing)
    found = search("mean", OVER, 4, MOODS, directory=tmp_path / "search")
    assert [row["state"] for row in rows_of(found.folder)] == ["failed", "complete"] * 2
    assert "diverged" in rows_of(found.folder)[0]["error"]


def test_where_every_trial_fails_the_reason_is_one_line(trained, tmp_path, monkeypatch):
    def failing(self, attempt, reports):
        raise InputError("batch_size 6: too small")

    monkeypatch.setattr(Trainer, "score", failing)
    with pytest.raises(InputError, match="no trial came to its end; the first: batch_size 6: too small"):
        search("mean", OVER, 2, MOODS, directory=tmp_path / "search")


def test_other_settings_or_a_running_search_are_one_line(trained, tmp_path, monkeypatch):
    folder = tmp_path / "search"
    search("mean", OVER, 1, MOODS, directory=folder)
    for others in ({"seed": 1}, {"metric": "macro_f1"}, {"folds": 2}):
        with pytest.raises(InputError, match="other settings or data; name another folder"):
            search("mean", OVER, 1, MOODS, directory=folder, **others)
    with pytest.raises(InputError, match="other settings or data"):
        search("mean", OVER, 1, [*MOODS, "Recipe.seed = 4"], directory=folder)

    def inside(self, attempt, reports):
        with pytest.raises(InputError, match="another search is running here"):
            search("mean", OVER, 2, MOODS, directory=folder)
        raise Interrupted("stopped", 2)

    monkeypatch.setattr(Trainer, "score", inside)
    with pytest.raises(Interrupted):
        search("mean", OVER, 2, MOODS, directory=folder)


def test_a_table_of_trials_that_is_damaged_or_cannot_be_written_is_one_line(trained, tmp_path, monkeypatch):
    folder = tmp_path / "search"
    search("mean", OVER, 1, MOODS, directory=folder)
    whole = (folder / "trials.db").read_bytes()
    (folder / "trials.db").write_bytes(b"no database" * 1000)
    with pytest.raises(InputError, match=r"trials.db: can't be read or written, .*not a database.*name another folder"):
        search("mean", OVER, 2, MOODS, directory=folder)
    (folder / "trials.db").write_bytes(whole)
    monkeypatch.setattr(Trial, "set_user_attr", lambda *_: _full())
    with pytest.raises(OSError, match="No space left on device"):
        search("mean", OVER, 2, MOODS, directory=folder)


def _full():
    try:
        raise OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full"))
    except OperationalError as error:
        raise StorageInternalError from error


def test_a_language_model_is_refused():
    with pytest.raises(InputError, match="a search scores classifiers"):
        search("language_model", ["Recipe.seed = [1]"], 1, MOODS)


@pytest.mark.usefixtures("trained")
def test_the_command_numbers_its_folders_and_takes_up_the_same_search(script, moods, elsewhere):
    flags = ["mean", *moods, "--over", OVER[0], "--over", OVER[1]]
    assert script("search", *flags, "--trials", 2).code == 0
    assert script("search", *flags, "--trials", 3).code == 0
    assert script("search", *flags, "--trials", 1, "--seed", 1).code == 0
    assert [path.name for path in sorted((elsewhere / "runs").glob("0*"))] == [
        "0001-search-mean-moods",
        "0002-search-mean-moods",
    ]
    assert len(rows_of(elsewhere / "runs" / "0001-search-mean-moods")) == 3


@pytest.mark.parametrize(("flags", "told"), [([], "nothing to search: give --over"), (["--trials", 0], "--trials 0")])
def test_a_command_without_what_it_needs_is_one_line(script, elsewhere, flags, told):
    answer = script("search", "mean", *flags)
    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert told in answer.err
    assert not list(elsewhere.iterdir())


def test_without_optuna_one_line_says_how_to_get_it(script, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    for name in [name for name in sys.modules if name.startswith("sentiment.search")]:
        monkeypatch.delitem(sys.modules, name)
    answer = script("search", "mean", "--over", OVER[0])
    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert "this needs optuna, which is not installed: pip install '.[scale]'" in answer.err
