"""A search whose trials a Ray cluster trains makes the trials that one process makes, though others are killed."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import ray
from paths import FIXTURES
from search_rows import rows_of

from sentiment import train
from sentiment.errors import Interrupted
from sentiment.scale.cluster import connected
from sentiment.search.folds import cross_validate
from sentiment.search.search import search
from sentiment.storage.files import InUseError

MOODS = [f"load_corpus.source = '{FIXTURES / 'moods.csv'}'", "load_corpus.label_column = 'mood'"]
SMALL = [*MOODS, "mean_classifier.d_embedding = 8", "Recipe.steps = 20", "Recipe.eval_every = 2"]
SMALL += ["Recipe.checkpoint_every = 4"]
OVER = ["trax.optimizers.Adam.learning_rate = (1e-7, 1e-1)"]


@pytest.fixture(scope="module")
def cluster():
    with connected("local"):
        from sentiment.scale.trainings import TrainingsOnRay

        yield TrainingsOnRay("cpu")


def test_the_command_trains_on_a_cluster_what_it_trains_here(script, elsewhere):
    flags = ["mean", "--over", "Recipe.batch_size = [6, 12]", "--trials", 2, "--at-once", 2, "--metric", "macro_f1"]
    flags += [flag for line in SMALL for flag in ("--set", line)]
    here = script("search", *flags, "--run", "here")
    there = script("search", *flags, "--run", "there", "--ray", "local")
    assert (here.code, there.code) == (0, 0), there.err
    assert rows_of(elsewhere / "here") == rows_of(elsewhere / "there")
    assert (elsewhere / "here" / "best.gin").read_bytes() == (elsewhere / "there" / "best.gin").read_bytes()


@dataclass(frozen=True)
class _FailsOnce:
    """Raises an error the first time; then it gives back the batch, and the folder in which it trains."""

    marker: Path
    error: Callable[[], BaseException]

    def __call__(self, batch):
        if not self.marker.exists():
            self.marker.write_text("")
            raise self.error()
        return batch, Path.cwd()


def _in_use() -> InUseError:
    """By a process that was cut off from the cluster, for instance."""
    return InUseError("another training is running here")


def _stopped() -> Interrupted:
    """As by a machine that is taken away."""
    return Interrupted("stopped", signal.SIGTERM)


def test_a_training_waits_for_one_that_still_holds_its_folder(cluster, elsewhere):
    assert list(cluster(_FailsOnce(elsewhere / "begun", _in_use), [7])) == [(7, elsewhere)]


def test_a_training_whose_process_is_told_to_end_goes_on_in_another(cluster, elsewhere):
    assert list(cluster(_FailsOnce(elsewhere / "begun", _stopped), [7, 8])) == [(7, elsewhere), (8, elsewhere)]


def test_what_trains_is_sent_once_however_often_it_is_called(cluster, elsewhere, monkeypatch):
    sent = []
    put = ray.put
    monkeypatch.setattr(ray, "put", lambda value: sent.append(value) or put(value))
    (elsewhere / "begun").write_text("")
    function = _FailsOnce(elsewhere / "begun", _stopped)
    assert [batch for batch, _ in [*cluster(function, [1, 2]), *cluster(function, [3])]] == [1, 2, 3]
    assert len(sent) == 1


@dataclass(frozen=True)
class _KilledOnce:
    """Trains, in a process that gets a signal in the middle of the second trial's training."""

    function: object
    marker: Path
    signal: signal.Signals

    def __call__(self, attempt):
        if attempt.number == 1 and not self.marker.exists():
            from sentiment.search.attempt import Reports

            add = Reports.add

            def killed(reports, value, step):
                add(reports, value, step)
                if step == 5:
                    self.marker.write_text("")
                    os.kill(os.getpid(), self.signal)

            Reports.add = killed
        return self.function(attempt)


@pytest.mark.slow
@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGTERM])
def test_trials_of_killed_processes_end_as_if_nothing_had_happened_and_are_pruned_alike(cluster, tmp_path, sent):
    def killing(function, batches):
        return cluster(_KilledOnce(function, tmp_path / "killed", sent), batches)

    settings = {"metric": "cross_entropy", "at_once": 4, "seed": 3}  # with it, the ninth draws a tiny rate
    here = search("mean", OVER, 10, SMALL, directory=tmp_path / "here", **settings)
    there = search("mean", OVER, 10, SMALL, directory=tmp_path / "there", compute=killing, **settings)
    assert (tmp_path / "killed").exists()
    assert rows_of(here.folder) == rows_of(there.folder)
    assert {row["state"] for row in rows_of(here.folder)} == {"complete", "pruned"}
    assert [trial.intermediate_values for trial in here.study.trials] == [
        trial.intermediate_values for trial in there.study.trials
    ]
    run = train(there.config, [], tmp_path / "again")
    assert repr(run.measured()["validation_cross_entropy"]) == rows_of(there.folder)[there.best.number]["cross_entropy"]


@pytest.mark.slow
def test_folds_are_trained_on_a_cluster_to_the_same_scores(cluster, tmp_path):
    here = cross_validate("mean", SMALL, 3, tmp_path / "here")
    there = cross_validate("mean", SMALL, 3, tmp_path / "there", compute=cluster)
    assert here.scores == there.scores
