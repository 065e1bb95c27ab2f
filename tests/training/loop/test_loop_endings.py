"""A loop ends when it should: at its last step, without progress, when time is up, on request, or when it diverged."""

import threading
from pathlib import Path

import numpy as np
import pytest
from small_loops import BATCHES, STEPS, assert_same_bits, random_and_stateful, small_loop

from sentiment.batching.batches import Batch
from sentiment.errors import InputError
from sentiment.storage.tensors import save_tensors
from sentiment.training.loop.checkpoint import newest_checkpoint
from sentiment.training.loop.divergence import DivergedError
from sentiment.training.loop.progress import Progress
from sentiment.training.named_leaves import named_leaves

pytestmark = pytest.mark.usefixtures("compiled_once")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The folder of a run that was never stopped."""
    folder = tmp_path_factory.mktemp("training")
    small_loop(folder, random_and_stateful).run(STEPS)
    return folder


def _steps(folder: Path) -> list[int]:
    return sorted(int(path.stem[11:]) for path in folder.glob("checkpoint-*"))


def _accuracies(loop) -> list[tuple[int, float]]:
    return loop.history.get("eval", "metrics/Accuracy")


def _first_best(values: list[tuple[int, float]]) -> int:
    return max(values, key=lambda pair: pair[1])[0]


def test_a_loop_ends_after_so_many_evaluations_without_a_better_one(tmp_path):
    loop = small_loop(tmp_path, checkpoint_every=100, checkpoint_high_metric="Accuracy", patience=3)
    loop.run(50)
    best = _first_best(_accuracies(loop))
    assert loop.ended_by == "patience"
    assert loop.step == best + 3 < 50


def test_a_loop_resumed_where_its_patience_ended_ends_again_at_once(tmp_path):
    settings = {"checkpoint_every": 1, "checkpoint_high_metric": "Accuracy", "patience": 3}
    small_loop(tmp_path, **settings).run(50)
    loop = small_loop(tmp_path, **settings)
    step = loop.step
    loop.run(50)
    assert (loop.ended_by, loop.step) == ("patience", step)


def test_without_patience_it_goes_on_to_its_last_step(tmp_path):
    loop = small_loop(tmp_path, checkpoint_high_metric="Accuracy")
    loop.run(STEPS)
    assert (loop.ended_by, loop.step) == ("steps", STEPS)


@pytest.mark.parametrize(
    "watched", [{"checkpoint_high_metric": "Accuracy"}, {"checkpoint_low_metric": "CrossEntropyLoss"}]
)
def test_the_best_evaluations_weights_come_back(tmp_path, watched):
    kept = {}

    class Noting(Progress):
        def evaluated(self, step, history):
            kept[step] = [np.array(leaf) for _, leaf in named_leaves(loop.model.weights)]

    loop = small_loop(tmp_path, checkpoint_every=1000, progress=Noting(), **watched)
    loop.run(30)
    (best,) = loop.best
    pairs = loop.history.get("eval", f"metrics/{next(iter(watched.values()))}")
    assert best.value == (max if "checkpoint_high_metric" in watched else min)(value for _, value in pairs)
    assert _steps(tmp_path)[-1] == best.step, "nothing but best evaluations asked for a checkpoint"
    loop.load_best()
    assert loop.step == best.step
    for ours, then in zip(named_leaves(loop.eval_model.weights), kept[best.step], strict=True):
        np.testing.assert_array_equal(ours[1], then)


def test_a_best_checkpoint_that_is_gone_is_told(tmp_path):
    loop = small_loop(tmp_path, checkpoint_every=1000, checkpoint_high_metric="Accuracy")
    loop.run(30)
    for path in tmp_path.glob("checkpoint-*"):
        path.unlink()
    with pytest.raises(InputError, match=r"the best evaluation is lost \(.*no such file.*delete the run's folder"):
        loop.load_best()


def test_a_time_limit_ends_it_with_an_evaluation_and_a_checkpoint_and_counts_across_resumes(tmp_path):
    settings = {"eval_every": 10_000, "checkpoint_every": 10_000, "time_limit": 0.001}
    loop = small_loop(tmp_path, **settings)
    loop.run(10_000)
    assert loop.ended_by == "time"
    assert 0 < loop.step < 10_000
    assert _accuracies(loop)[-1][0] == loop.step
    facts = newest_checkpoint(tmp_path).facts
    assert facts.step == loop.step
    assert facts.seconds >= 0.001
    again = small_loop(tmp_path, **settings)
    again.run(10)
    assert (again.ended_by, again.step) == ("time", loop.step), "the time is spent"
    assert _accuracies(again) == _accuracies(loop), "nor is it evaluated twice"


@pytest.mark.parametrize("at", [3, 4])
def test_a_loop_that_is_interrupted_writes_a_checkpoint_and_resumes_to_the_same_bits(tmp_path, whole, at):
    loop = small_loop(tmp_path, random_and_stateful, interrupted=lambda: loop.step >= at)
    loop.run(STEPS)
    assert (loop.ended_by, loop.step) == ("interruption", at)
    assert newest_checkpoint(tmp_path).facts.step == at
    again = small_loop(tmp_path, random_and_stateful)
    again.run(STEPS - again.step)
    assert again.ended_by == "steps"
    assert_same_bits(tmp_path, whole)


def test_one_that_is_asked_to_end_when_it_is_done_is_done(tmp_path):
    loop = small_loop(tmp_path, interrupted=lambda: loop.step >= STEPS)
    loop.run(STEPS)
    assert loop.ended_by == "steps"


class _Poisoned:
    """Batches of which one has a weight that isn't a number."""

    def __init__(self, step: int, weight: float):
        self._step, self._weight = step, weight

    def batch(self, step: int, *share) -> Batch:
        batch = BATCHES.batch(step, *share)
        return batch._replace(weights=batch.weights * np.float32(self._weight)) if step == self._step - 1 else batch


@pytest.mark.parametrize(("step", "weight"), [(1, np.nan), (37, np.inf), (70, np.nan)])
def test_a_loss_that_is_no_number_is_found_at_its_step_among_many_in_one_call(tmp_path, step, weight):
    loop = small_loop(tmp_path, eval_every=50, checkpoint_every=20, batches=_Poisoned(step, weight))
    with pytest.raises(DivergedError) as raised:
        loop.run(100)
    assert raised.value.step == step
    assert "a loss of nan" in str(raised.value)
    sound = (step - 1) // 20 * 20
    assert _steps(tmp_path) == [n for n in (sound - 20, sound) if n > 0], "the last good checkpoint and the one before"
    assert all(np.isfinite(tensor).all() for tensor in _tensors(tmp_path).values())


def _tensors(folder: Path) -> dict:
    newest = newest_checkpoint(folder)
    return newest.tensors if newest else {}


def test_a_long_run_that_diverged_stops_soon_though_nothing_is_due(tmp_path):
    loop = small_loop(tmp_path, eval_every=10_000, checkpoint_every=10_000, batches=_Poisoned(3, np.nan))
    with pytest.raises(DivergedError):
        loop.run(5000)
    assert loop.step <= 5 * 32


def test_weights_that_a_sound_loss_left_infinite_are_not_saved(tmp_path):
    loop = small_loop(tmp_path, checkpoint_every=1000, eval_every=1000)
    loop.run(2)
    loop.update_weights_and_state(weights=(np.full_like(loop.model.weights[0], np.inf), *loop.model.weights[1:]))
    with pytest.raises(DivergedError, match="weights that are not finite at step 2"):
        loop.save_checkpoint("model")
    assert _steps(tmp_path) == []


def test_training_goes_on_while_a_checkpoint_is_written_which_holds_its_own_step(tmp_path, monkeypatch, whole):
    far_enough, seen = threading.Event(), []

    def slow(path, tensors, facts):
        assert far_enough.wait(10)
        seen.append((facts["step"], loop.step, {name: tensor.copy() for name, tensor in tensors.items()}))
        save_tensors(path, tensors, facts)

    class Watching(Progress):
        def stepped(self, step):
            if step == 4:
                far_enough.set()

    monkeypatch.setattr("sentiment.training.loop.checkpoint.save_tensors", slow)
    loop = small_loop(tmp_path / "slow", random_and_stateful, progress=Watching())
    loop.run(STEPS)
    assert_same_bits(tmp_path / "slow", whole)
    step, when, tensors = seen[0]
    assert step == 2
    assert when >= 4
    monkeypatch.undo()
    small_loop(tmp_path / "short", random_and_stateful).run(2)
    for name, tensor in newest_checkpoint(tmp_path / "short").tensors.items():
        assert tensor.tobytes() == tensors[name].tobytes(), name
