"""A loop evaluates whole splits, and a resumed one has the bits of one that was never stopped."""

import gzip
import itertools
import pickle
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import jax
import numpy as np
import pytest
from jax.experimental.compilation_cache import compilation_cache

from sentiment.batches import Batch, Batches, Examples
from sentiment.errors import InputError
from sentiment.samplers import BalancedSampler, OnePass
from sentiment.training.checkpoint import newest_checkpoint
from sentiment.training.loop import Loop
from sentiment.training.progress import Progress
from sentiment.trax_runtime import optimizers, tl, training
from sentiment.trees import named_leaves
from sentiment.vocabulary import Vocabulary

WORDS = "abcdefgh"
VOCABULARY = Vocabulary.build([WORDS])
STEPS = 6


def _examples(n: int, seed: int) -> Examples:
    """Texts of 1 to 4 letters, which tell their class by the first."""
    generator = np.random.default_rng(seed)
    texts = [list(generator.choice(list(WORDS), generator.integers(1, 5))) for _ in range(n)]
    return Examples.encode(texts, np.array([text[0] > "d" for text in texts]), VOCABULARY)


TRAIN, VALIDATION = _examples(40, 1), _examples(7, 2)
BATCHES = Batches(TRAIN, BalancedSampler(TRAIN.labels, 4, 3), (4,))


def _plain(mode: str, d: int = 3) -> tl.Serial:
    del mode
    return tl.Serial(tl.Embedding(len(VOCABULARY), d), tl.Mean(axis=1), tl.Dense(2), tl.LogSoftmax())


class _Growing(tl.Layer):
    """Multiplies by a number that grows with every batch: a state without dimensions, unlike Trax's own layers'."""

    def init_weights_and_state(self, input_signature):
        self.state = np.array(1.0, np.float32)

    def forward(self, x):
        self.state = self.state * 1.1
        return x * self.state


def _random_and_stateful(mode: str) -> tl.Serial:
    embedding = tl.Embedding(len(VOCABULARY), 3)
    return tl.Serial(embedding, tl.Mean(axis=1), _Growing(), tl.Dropout(0.5, mode=mode), tl.Dense(2), tl.LogSoftmax())


@pytest.fixture(scope="module", autouse=True)
def _compiled_once(tmp_path_factory):
    """Every loop compiles the same few functions anew, for a second each: here the first leaves them to the others."""
    settings = {
        "jax_compilation_cache_dir": str(tmp_path_factory.mktemp("compiled")),
        "jax_persistent_cache_min_compile_time_secs": 0,
        "jax_persistent_cache_min_entry_size_bytes": -1,
    }

    def use(settings):
        for name, value in settings.items():
            jax.config.update(name, value)
        compilation_cache.reset_cache()

    before = {name: getattr(jax.config, name) for name in settings}
    use(settings)
    yield
    use(before)


@dataclass
class _Stream:
    """The training batches, at the loop's own position."""

    batches: Batches
    loop: Loop = field(init=False)

    def __next__(self):
        return self.batches.batch(self.loop.step - 1)

    def batch(self, step):
        return self.batches.batch(step)


@dataclass
class _Heard(Progress):
    """Remembers what it heard."""

    steps: list = field(default_factory=list)
    evaluations: list = field(default_factory=list)

    def stepped(self, step):
        self.steps.append(step)

    def evaluated(self, step, history):
        self.evaluations.append((step, history.get("eval", "metrics/Accuracy")[-1][0]))


def _every(n: int):
    return lambda step: step % n == 0


def _eval_task(batches: Iterator[Batch], n: int) -> training.EvalTask:
    sample = Batches(VALIDATION, OnePass(len(VALIDATION), 3), (4,)).batch(0)
    metrics = [tl.CrossEntropyLoss(), tl.Accuracy()]
    return training.EvalTask(batches, metrics, n_eval_batches=n, sample_batch=sample)


def _whole_split() -> training.EvalTask:
    one_pass = OnePass(len(VALIDATION), 3)
    held_out = Batches(VALIDATION, one_pass, (4,))
    return _eval_task((held_out.batch(step) for step in itertools.cycle(range(one_pass.steps))), one_pass.steps)


def _loop(
    folder: Path | None,
    model=_plain,
    optimizer=optimizers.Adam,
    eval_every: int = 1,
    checkpoint_every: int = 2,
    eval_task=_whole_split,
    batches: Batches = BATCHES,
    **more,
) -> Loop:
    stream = _Stream(batches)
    loop = Loop(
        model("train"),
        training.TrainTask(stream, tl.CrossEntropyLoss(), optimizer(0.05), sample_batch=batches.batch(0)),
        eval_model=model("eval"),
        eval_tasks=eval_task(),
        output_dir=None if folder is None else str(folder),
        eval_at=_every(eval_every),
        checkpoint_at=_every(checkpoint_every),
        random_seed=5,
        **more,
    )
    stream.loop = loop
    return loop


def _metrics(history: dict) -> dict:
    """What a history tells of losses and accuracy; how long steps took is no matter of bits."""
    return {
        (mode, name): [tuple(pair) for pair in pairs]
        for mode, metrics in history.items()
        for name, pairs in metrics.items()
        if name != "training/steps per second"
    }


def _assert_same_bits(one: Path, other: Path) -> None:
    one, other = newest_checkpoint(one), newest_checkpoint(other)
    assert one.facts.step == other.facts.step
    assert one.tensors.keys() == other.tensors.keys()
    for name, tensor in one.tensors.items():
        assert tensor.tobytes() == other.tensors[name].tobytes(), name
    assert _metrics(one.facts.history) == _metrics(other.facts.history)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The folder of a run that was never stopped."""
    folder = tmp_path_factory.mktemp("training")
    _loop(folder, _random_and_stateful).run(STEPS)
    return folder


@pytest.mark.parametrize("stops", [(3,), (2, 4)], ids=str)
def test_a_resumed_run_has_the_bits_of_one_that_was_never_stopped(tmp_path, whole, stops):
    for stop in stops:
        loop = _loop(tmp_path, _random_and_stateful)
        loop.run(stop - loop.step)
    loop = _loop(tmp_path, _random_and_stateful)
    assert loop.step == stops[-1] // 2 * 2, "what came after the last checkpoint is lost, and done again"
    loop.run(STEPS - loop.step)
    _assert_same_bits(tmp_path, whole)


def test_that_comparison_covers_a_scalar_state_the_optimizer_and_the_random_key(whole):
    tensors = newest_checkpoint(whole).tensors
    assert tensors["state/2"] == pytest.approx(1.1**STEPS)
    assert len([name for name in tensors if name.startswith("slots/")]) >= 6
    assert tensors["rng"].dtype == np.uint32


def test_a_resumed_loop_goes_on_with_the_next_step_and_does_not_evaluate_again(tmp_path):
    _loop(tmp_path).run(4)
    heard = _Heard()
    loop = _loop(tmp_path, progress=heard)
    loop.run(2)
    assert heard.steps == [5, 6]
    assert heard.evaluations == [(5, 5), (6, 6)]
    assert [step for step, _ in loop.history.get("eval", "metrics/Accuracy")] == [1, 2, 3, 4, 5, 6]


def test_a_loop_that_is_resumed_at_its_end_has_the_trained_models(tmp_path):
    first = _loop(tmp_path, _random_and_stateful)
    first.run(2)
    again = _loop(tmp_path, _random_and_stateful)
    for ours, theirs in ((again.model, first.model), (again.eval_model, first.eval_model)):
        kept = dict(named_leaves((theirs.weights, theirs.state)))
        for name, leaf in named_leaves((ours.weights, ours.state)):
            np.testing.assert_array_equal(leaf, kept[name], err_msg=name)


def test_train_losses_are_the_same_when_it_was_stopped_between_evaluations(tmp_path):
    schedule = {"eval_every": 3, "checkpoint_every": 2}
    _loop(tmp_path / "whole", **schedule).run(STEPS)
    _loop(tmp_path / "resumed", **schedule).run(5)
    loop = _loop(tmp_path / "resumed", **schedule)
    assert loop.step == 4
    loop.run(2)
    _assert_same_bits(tmp_path / "resumed", tmp_path / "whole")


def _by_hand(loop: Loop) -> tuple[float, float]:
    """Cross-entropy and accuracy over the whole split, in NumPy."""
    embedding, weights, bias = (np.asarray(leaf) for _, leaf in named_leaves(loop.eval_model.weights))
    batch = Batches(VALIDATION, OnePass(len(VALIDATION), len(VALIDATION)), (4,)).batch(0)
    logits = embedding[batch.inputs].mean(axis=1, dtype=np.float64) @ weights + bias
    log_probabilities = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    right = log_probabilities[np.arange(len(batch.targets)), batch.targets]
    return -right.mean(), (log_probabilities.argmax(axis=1) == batch.targets).mean()


def test_a_metric_is_that_of_the_whole_split_though_its_last_batch_is_short():
    loop = _loop(None)
    loop.run(2)
    cross_entropy, accuracy = _by_hand(loop)
    assert loop.history.get("eval", "metrics/CrossEntropyLoss")[-1][1] == pytest.approx(cross_entropy, abs=1e-6)
    assert loop.history.get("eval", "metrics/Accuracy")[-1][1] == pytest.approx(accuracy, abs=1e-7)


def test_every_weight_of_an_example_counts():
    batches = [
        (np.array([[3, 4, 0, 0], [8, 0, 0, 0]], np.int32), np.array([0, 1], np.int32), np.array(weights, np.float32))
        for weights in ([1.0, 3.0], [0.5, 0.0])
    ]
    loop = _loop(None, eval_task=lambda: _eval_task(iter(batches), 2))
    loop.run(1)
    outputs = np.asarray(loop.eval_model(batches[0][0]))
    losses = -outputs[[0, 1], [0, 1]]
    expected = (1.5 * losses[0] + 3 * losses[1]) / 4.5
    assert loop.history.get("eval", "metrics/CrossEntropyLoss")[-1][1] == pytest.approx(expected, abs=1e-6)


def test_a_checkpoint_holds_the_metrics_of_its_own_step(tmp_path):
    loop = _loop(tmp_path, eval_every=2, checkpoint_every=2)
    loop.run(2)
    checkpoint = newest_checkpoint(tmp_path)
    for name in ("CrossEntropyLoss", "Accuracy"):
        assert checkpoint.facts.history["eval"][f"metrics/{name}"] == [
            list(loop.history.get("eval", f"metrics/{name}")[-1])
        ]
    assert checkpoint.facts.step == 2
    assert checkpoint.facts.history["eval"]["metrics/Accuracy"][-1][0] == 2


def test_an_evaluation_that_fails_leaves_no_checkpoint_without_its_metrics(tmp_path):
    loop = _loop(tmp_path, eval_every=2, checkpoint_every=1, eval_task=lambda: _eval_task(iter(()), 1))
    with pytest.raises(StopIteration):
        loop.run(2)
    assert newest_checkpoint(tmp_path).facts.step == 1


def test_without_evaluation_checkpoints_are_written_all_the_same(tmp_path):
    _loop(tmp_path, eval_task=lambda: None).run(2)
    assert newest_checkpoint(tmp_path).facts.step == 2


@pytest.mark.parametrize(
    "other",
    [{"model": _random_and_stateful}, {"model": lambda mode: _plain(mode, d=4)}, {"optimizer": optimizers.SGD}],
    ids=["other layers", "other sizes", "other optimizer"],
)
def test_a_checkpoint_of_another_model_or_optimizer_is_refused_and_kept(tmp_path, other):
    _loop(tmp_path).run(2)
    before = (tmp_path / "checkpoint-00000002.safetensors").read_bytes()
    with pytest.raises(InputError) as raised:
        _loop(tmp_path, **other)
    assert str(raised.value).startswith(f"{tmp_path}: its checkpoint is of another model or optimizer")
    assert (tmp_path / "checkpoint-00000002.safetensors").read_bytes() == before


class _Poison:
    """Makes a file when it is unpickled."""

    def __init__(self, mark: Path):
        self._mark = mark

    def __reduce__(self):
        return Path.touch, (self._mark,)


def test_pickles_in_its_folder_are_not_opened_and_none_is_written(tmp_path, monkeypatch):
    folder, mark = tmp_path / "training", tmp_path / "mark"
    folder.mkdir()
    poison = pickle.dumps(_Poison(mark))
    foreign = ("model.pkl.gz", "model.weights.npy.gz", "data_counters0.pkl", "checkpoint-1.pkl")
    for name in foreign:
        (folder / name).write_bytes(gzip.compress(poison) if name.endswith(".gz") else poison)

    def fail(*_, **__):
        raise AssertionError("a pickle is read or written")

    for name in ("dump", "dumps", "load", "loads", "Pickler", "Unpickler"):
        monkeypatch.setattr(pickle, name, fail)
    _loop(folder).run(2)
    loop = _loop(folder)
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
        loop = _loop(tmp_path, _random_and_stateful)
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


def test_it_learns_and_says_nothing_itself(tmp_path, capsys):
    loop = _loop(tmp_path, eval_every=60, checkpoint_every=60)
    loop.run(60)
    assert loop.history.get("eval", "metrics/Accuracy")[-1][1] > 0.8
    assert capsys.readouterr() == ("", "")
    assert loop.history.get("train", "training/learning_rate")[-1][1] == pytest.approx(0.05)
