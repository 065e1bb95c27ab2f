"""A loop evaluates whole splits, and a resumed one has the bits of one that was never stopped."""

import gzip
import itertools
import pickle
import struct
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from poison import Poison
from small_loops import (
    BATCHES,
    STEPS,
    VALIDATION,
    assert_same_bits,
    eval_task_of,
    every,
    plain,
    random_and_stateful,
    small_loop,
)

from sentiment.batching.batches import Batches
from sentiment.batching.samplers import OnePass
from sentiment.errors import InputError
from sentiment.training.loop.checkpoint import newest_checkpoint
from sentiment.training.loop.loop import Loop
from sentiment.training.loop.progress import Progress
from sentiment.training.named_leaves import named_leaves
from sentiment.trax_runtime import optimizers, tl, training

pytestmark = pytest.mark.usefixtures("compiled_once")


@dataclass
class _Heard(Progress):
    """Remembers what it heard."""

    steps: list = field(default_factory=list)
    evaluations: list = field(default_factory=list)

    def stepped(self, step):
        self.steps.append(step)

    def evaluated(self, step, history):
        self.evaluations.append((step, history.get("eval", "metrics/Accuracy")[-1][0]))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The folder of a run that was never stopped."""
    folder = tmp_path_factory.mktemp("training")
    small_loop(folder, random_and_stateful).run(STEPS)
    return folder


@pytest.mark.parametrize("stops", [(3,), (2, 4)], ids=str)
def test_a_resumed_run_has_the_bits_of_one_that_was_never_stopped(tmp_path, whole, stops):
    for stop in stops:
        loop = small_loop(tmp_path, random_and_stateful)
        loop.run(stop - loop.step)
    loop = small_loop(tmp_path, random_and_stateful)
    assert loop.step == stops[-1] // 2 * 2, "what came after the last checkpoint is lost, and done again"
    loop.run(STEPS - loop.step)
    assert_same_bits(tmp_path, whole)


def test_that_comparison_covers_a_scalar_state_the_optimizer_and_the_random_key(whole):
    tensors = newest_checkpoint(whole).tensors
    assert tensors["state/2"] == pytest.approx(1.1**STEPS)
    assert len([name for name in tensors if name.startswith("slots/")]) >= 6
    assert tensors["rng"].dtype == np.uint32


def test_a_resumed_loop_goes_on_with_the_next_step_and_does_not_evaluate_again(tmp_path):
    small_loop(tmp_path).run(4)
    heard = _Heard()
    loop = small_loop(tmp_path, progress=heard)
    loop.run(2)
    assert heard.steps == [5, 6]
    assert heard.evaluations == [(5, 5), (6, 6)]
    assert [step for step, _ in loop.history.get("eval", "metrics/Accuracy")] == [1, 2, 3, 4, 5, 6]


def test_a_loop_that_is_resumed_at_its_end_has_the_trained_models(tmp_path):
    first = small_loop(tmp_path, random_and_stateful)
    first.run(2)
    again = small_loop(tmp_path, random_and_stateful)
    for ours, theirs in ((again.model, first.model), (again.eval_model, first.eval_model)):
        kept = dict(named_leaves((theirs.weights, theirs.state)))
        for name, leaf in named_leaves((ours.weights, ours.state)):
            np.testing.assert_array_equal(leaf, kept[name], err_msg=name)


def test_train_losses_are_the_same_when_it_was_stopped_between_evaluations(tmp_path):
    schedule = {"eval_every": 3, "checkpoint_every": 2}
    small_loop(tmp_path / "whole", **schedule).run(STEPS)
    small_loop(tmp_path / "resumed", **schedule).run(5)
    loop = small_loop(tmp_path / "resumed", **schedule)
    assert loop.step == 4
    loop.run(2)
    assert_same_bits(tmp_path / "resumed", tmp_path / "whole")


def _by_hand(loop: Loop) -> tuple[float, float]:
    """Cross-entropy and accuracy over the whole split, in NumPy."""
    embedding, weights, bias = (np.asarray(leaf) for _, leaf in named_leaves(loop.eval_model.weights))
    batch = Batches(VALIDATION, OnePass(len(VALIDATION), len(VALIDATION)), (4,)).batch(0)
    logits = embedding[batch.inputs].mean(axis=1, dtype=np.float64) @ weights + bias
    log_probabilities = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    right = log_probabilities[np.arange(len(batch.targets)), batch.targets]
    return -right.mean(), (log_probabilities.argmax(axis=1) == batch.targets).mean()


def test_a_metric_is_that_of_the_whole_split_though_its_last_batch_is_short():
    loop = small_loop(None)
    loop.run(2)
    cross_entropy, accuracy = _by_hand(loop)
    assert loop.history.get("eval", "metrics/CrossEntropyLoss")[-1][1] == pytest.approx(cross_entropy, abs=1e-6)
    assert loop.history.get("eval", "metrics/Accuracy")[-1][1] == pytest.approx(accuracy, abs=1e-7)


def test_every_weight_of_an_example_counts():
    batches = [
        (np.array([[3, 4, 0, 0], [8, 0, 0, 0]], np.int32), np.array([0, 1], np.int32), np.array(weights, np.float32))
        for weights in ([1.0, 3.0], [0.5, 0.0])
    ]
    loop = small_loop(None, eval_task=lambda: eval_task_of(iter(batches), 2))
    loop.run(1)
    outputs = np.asarray(loop.eval_model(batches[0][0]))
    losses = -outputs[[0, 1], [0, 1]]
    expected = (1.5 * losses[0] + 3 * losses[1]) / 4.5
    assert loop.history.get("eval", "metrics/CrossEntropyLoss")[-1][1] == pytest.approx(expected, abs=1e-6)


def test_a_checkpoint_holds_the_metrics_of_its_own_step(tmp_path):
    loop = small_loop(tmp_path, eval_every=2, checkpoint_every=2)
    loop.run(2)
    checkpoint = newest_checkpoint(tmp_path)
    for name in ("CrossEntropyLoss", "Accuracy"):
        assert checkpoint.facts.history["eval"][f"metrics/{name}"] == [
            list(loop.history.get("eval", f"metrics/{name}")[-1])
        ]
    assert checkpoint.facts.step == 2
    assert checkpoint.facts.history["eval"]["metrics/Accuracy"][-1][0] == 2


def test_an_evaluation_that_fails_leaves_no_checkpoint_without_its_metrics(tmp_path):
    loop = small_loop(tmp_path, eval_every=2, checkpoint_every=1, eval_task=lambda: eval_task_of(iter(()), 1))
    with pytest.raises(StopIteration):
        loop.run(2)
    assert newest_checkpoint(tmp_path).facts.step == 1


def test_without_evaluation_checkpoints_are_written_all_the_same(tmp_path):
    small_loop(tmp_path, eval_task=lambda: None).run(2)
    assert newest_checkpoint(tmp_path).facts.step == 2


@pytest.mark.parametrize(
    "other",
    [{"model": random_and_stateful}, {"model": lambda mode: plain(mode, d=4)}, {"optimizer": optimizers.SGD}],
    ids=["other layers", "other sizes", "other optimizer"],
)
def test_a_checkpoint_of_another_model_or_optimizer_is_refused_and_kept(tmp_path, other):
    small_loop(tmp_path).run(2)
    before = (tmp_path / "checkpoint-00000002.safetensors").read_bytes()
    with pytest.raises(InputError) as raised:
        small_loop(tmp_path, **other)
    assert str(raised.value).startswith(f"{tmp_path}: its checkpoint is of another model or optimizer")
    assert (tmp_path / "checkpoint-00000002.safetensors").read_bytes() == before


def test_pickles_in_its_folder_are_not_opened_and_none_is_written(tmp_path, monkeypatch):
    folder, mark = tmp_path / "training", tmp_path / "mark"
    folder.mkdir()
    poison = pickle.dumps(Poison(mark))
    foreign = ("model.pkl.gz", "model.weights.npy.gz", "data_counters0.pkl", "checkpoint-1.pkl")
    for name in foreign:
        (folder / name).write_bytes(gzip.compress(poison) if name.endswith(".gz") else poison)

    def fail(*_, **__):
        raise AssertionError("a pickle is read or written")

    for name in ("dump", "dumps", "load", "loads", "Pickler", "Unpickler"):
        monkeypatch.setattr(pickle, name, fail)
    small_loop(folder).run(2)
    loop = small_loop(folder)
    assert loop.step == 2
    loop.run(2)
    monkeypatch.undo()
    assert not mark.exists()
    written = [path for path in folder.rglob("*") if path.is_file() and path.name not in foreign]
    assert all(path.suffix == ".safetensors" or ".tfevents." in path.name for path in written), written
    pickle.loads((folder / "checkpoint-1.pkl").read_bytes())  # noqa: S301 - shows that the poison works
    assert mark.exists()


def _events(folder: Path) -> dict[str, dict[int, float]]:
    """Tag -> step -> value of the TensorBoard events in a folder: each record has its length, and two checksums."""
    from tensorboardX.proto.event_pb2 import Event

    values = {}
    for path in folder.glob("events.out.tfevents.*"):
        data = path.read_bytes()
        while data:
            (length,) = struct.unpack("<Q", data[:8])
            event = Event.FromString(data[12 : 12 + length])
            data = data[16 + length :]
            for value in event.summary.value:
                values.setdefault(value.tag, {})[event.step] = value.simple_value
    return values


def test_tensorboard_events_hold_every_metric_across_a_resume(tmp_path):
    for steps in (2, 1):
        loop = small_loop(tmp_path, random_and_stateful)
        loop.run(steps)
    for mode in ("train", "eval"):
        events = _events(tmp_path / mode)
        names = {name.replace(" ", "_"): name for name in loop.history.metrics_for_mode(mode)}
        assert events.keys() == names.keys()
        for name, written in events.items():
            recorded = loop.history.get(mode, names[name])
            assert written == {step: np.float32(value) for step, value in recorded}
            assert sorted(written) == [1, 2, 3]
    assert {"training/learning_rate", "metrics/CrossEntropyLoss"} <= set(_events(tmp_path / "train"))
    assert {"metrics/Accuracy", "metrics/CrossEntropyLoss"} == set(_events(tmp_path / "eval"))


def test_batches_of_an_iterator_are_drawn_in_order_and_no_more_than_there_are_steps():
    drawn = []

    def batches():
        for step in itertools.count():
            drawn.append(step)
            yield BATCHES.batch(step)

    settings = {"checkpoint_at": every(100), "random_seed": 5}
    by_step, drawing = (
        Loop(
            random_and_stateful("train"),
            training.TrainTask(data, tl.CrossEntropyLoss(), optimizers.Adam(0.05), sample_batch=BATCHES.batch(0)),
            **settings,
        )
        for data in (BATCHES, batches())
    )
    for n_steps in (50, 3):
        by_step.run(n_steps)
        drawing.run(n_steps)
    assert drawn == list(range(53))
    for (name, ours), (_, theirs) in zip(
        *map(named_leaves, (by_step.model.weights, drawing.model.weights)), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs, err_msg=name)


def test_what_it_cannot_do_is_said_in_one_line():
    task = training.TrainTask(iter([BATCHES.batch(0)] * 3), tl.CrossEntropyLoss(), optimizers.SGD(0.05))
    with pytest.raises(InputError, match=r"^Loop: 2 training tasks; give one TrainTask \(there may be .*\)$"):
        Loop(plain("train"), [task, task])
    with pytest.raises(TypeError, match=r"^Loop: unexpected use_memory_efficient_trainer, which_task$"):
        Loop(plain("train"), task, which_task=lambda step: 0, use_memory_efficient_trainer=True)
    loop = Loop(plain("train"), task, lazy=True, random_seed=1)
    with pytest.raises(InputError, match=r"^Loop: lazy updates need batches by their step: give labeled_data a method"):
        loop.run(1)


def test_it_learns_and_says_nothing_itself(tmp_path, capsys):
    loop = small_loop(tmp_path, eval_every=60, checkpoint_every=60)
    loop.run(60)
    assert loop.history.get("eval", "metrics/Accuracy")[-1][1] > 0.8
    assert capsys.readouterr() == ("", "")
    assert loop.history.get("train", "training/learning_rate")[-1][1] == pytest.approx(0.05)
