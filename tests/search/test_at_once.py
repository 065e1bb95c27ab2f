"""Trials that are drawn at once: what each is depends on those before its group, and on nobody's pace."""

import pytest
from optuna.trial import TrialState
from paths import FIXTURES
from search_rows import rows_of

from sentiment.errors import InputError, Interrupted
from sentiment.search.folds import cross_validate
from sentiment.search.score import Score
from sentiment.search.search import search
from sentiment.search.trials import Trainer

MOODS = [f"load_corpus.source = '{FIXTURES / 'moods.csv'}'", "load_corpus.label_column = 'mood'"]
RATE = "trax.optimizers.Adam.learning_rate"
OVER = ["Recipe.batch_size = [6, 12, 24]", f"{RATE} = (1e-4, 1e-1)"]


@pytest.fixture
def attempts(monkeypatch) -> list:
    """Trials are scored by a formula instead of a training; one far from the best rate can't be trained."""
    made: list = []

    def score(self, attempt, reports):
        made.append(attempt)
        distance = abs(float(attempt.params[RATE]) - 0.01)
        if distance > 0.03:
            raise InputError("training diverged")
        return Score(1 - distance, 0.5, distance), "\n".join(attempt.lines)

    monkeypatch.setattr(Trainer, "score", score)
    return made


@pytest.fixture
def stopped_at(monkeypatch, attempts):
    """Lets a search be stopped, once, in the training of a trial."""
    score = Trainer.score

    def stop(number: int) -> None:
        def stopping(self, attempt, reports):
            if attempt.number == number:
                monkeypatch.setattr(Trainer, "score", score)
                raise Interrupted("stopped", 2)
            return score(self, attempt, reports)

        monkeypatch.setattr(Trainer, "score", stopping)

    return stop


def _last_first(function, batches):
    """Computes the last batch first, as a cluster may."""
    yield from reversed([function(batch) for batch in reversed(list(batches))])


def test_which_trial_ends_first_changes_nothing(attempts, tmp_path):
    one, other = (
        rows_of(search("mean", OVER, 18, MOODS, at_once=4, directory=tmp_path / str(number), compute=compute).folder)
        for number, compute in enumerate([None, _last_first])
    )
    assert [attempt.number for attempt in attempts[18:22]] == [3, 2, 1, 0]
    assert one == other
    assert {row["state"] for row in one} == {"complete", "failed"}


@pytest.mark.parametrize("stops", [[1], [6, 7], [13, 17]])
def test_a_search_that_was_stopped_within_a_group_makes_the_same_trials(stops, attempts, stopped_at, tmp_path):
    whole = rows_of(search("mean", OVER, 18, MOODS, at_once=4, directory=tmp_path / "whole").folder)
    for number in stops:
        stopped_at(number)
        with pytest.raises(Interrupted, match=rf"stopped in trial {number + 1} of 18; the same command goes on"):
            search("mean", OVER, 18, MOODS, at_once=4, directory=tmp_path / "stopped")
    found = search("mean", OVER, 18, MOODS, at_once=4, directory=tmp_path / "stopped", compute=_last_first)
    assert rows_of(found.folder) == whole


def test_more_trials_complete_the_group_that_fewer_left(attempts, tmp_path):
    whole = rows_of(search("mean", OVER, 16, MOODS, at_once=4, directory=tmp_path / "whole").folder)
    for trials in (2, 11, 13, 16):
        found = search("mean", OVER, trials, MOODS, at_once=4, directory=tmp_path / "grown")
    assert rows_of(found.folder) == whole


def test_a_trial_is_compared_with_the_completed_ones_before_its_group(attempts, stopped_at, tmp_path):
    stopped_at(6)
    with pytest.raises(Interrupted):
        search("mean", OVER, 14, MOODS, at_once=4, directory=tmp_path / "search")
    found = search("mean", OVER, 14, MOODS, at_once=4, directory=tmp_path / "search")
    states = [trial.state for trial in found.study.trials]
    assert {states[4], states[5]} & {TrialState.COMPLETE}, "what the sixth could have been compared with"
    for attempt in attempts:
        before = range(attempt.number // 4 * 4)
        expected = [number for number in before if states[number] == TrialState.COMPLETE]
        assert [trial.number for trial in attempt.before] == expected


def test_settings_that_are_drawn_twice_in_a_group_are_trained_once_whatever_becomes_of_them(attempts, tmp_path):
    over = [f"{RATE} = [0.01, 1.0]"]
    found = search("mean", over, 8, MOODS, at_once=8, directory=tmp_path / "search", compute=_last_first)
    assert len(attempts) == 2
    states = [(row[RATE], row["state"]) for row in rows_of(found.folder)]
    assert set(states) == {("0.01", "complete"), ("1.0", "failed")}
    assert len([row for row in rows_of(found.folder) if row["same_as"]]) == 6


def test_how_many_are_drawn_at_once_is_a_setting_of_the_search(attempts, tmp_path):
    search("mean", OVER, 2, MOODS, at_once=2, directory=tmp_path / "search")
    with pytest.raises(InputError, match="other settings or data; name another folder"):
        search("mean", OVER, 2, MOODS, directory=tmp_path / "search")
    with pytest.raises(InputError, match="--at-once 0: give 1 or more"):
        search("mean", OVER, 2, MOODS, at_once=0, directory=tmp_path / "other")


def test_folds_that_end_last_first_have_the_same_scores(tmp_path):
    small = [*MOODS, "mean_classifier.d_embedding = 8", "Recipe.steps = 4"]
    one = cross_validate("mean", small, 3, tmp_path / "one")
    other = cross_validate("mean", small, 3, tmp_path / "other", compute=_last_first)
    assert one.scores == other.scores
    assert (one.folder / "folds.csv").read_bytes() == (other.folder / "folds.csv").read_bytes()
