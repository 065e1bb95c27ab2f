"""The trainer: exact updates are Trax's, lazy ones what its docstring says; fused, in place, and the same bits."""

import threading
from dataclasses import dataclass

import jax
import numpy as np
import pytest

from sentiment import layers
from sentiment.batching.batches import Batch, Batches, Examples, next_tokens
from sentiment.batching.samplers import BalancedSampler
from sentiment.errors import InputError
from sentiment.models import classifiers as models
from sentiment.recipe.row_adagrad import RowAdagrad
from sentiment.training.step.feed import Feed
from sentiment.training.step.trainer import Trainer
from sentiment.trax_runtime import fastmath, optimizers, shapes, tl

V, D, BATCH, LENGTH = 40, 4, 6, 5
RATE = 0.05
RNG = fastmath.random.get_prng(7)


def _batch(seed: int, v: int = V, length: int = LENGTH) -> Batch:
    """Texts of 1 to `length` tokens, so that most batches have padding, and none has all ids."""
    generator = np.random.default_rng(seed)
    ids = generator.integers(1, v, (BATCH, length)) * (
        np.arange(length) < generator.integers(1, length + 1, (BATCH, 1))
    )
    weights = generator.integers(1, 3, BATCH).astype(np.float32)
    return Batch(ids.astype(np.int32), generator.integers(0, 2, BATCH).astype(np.int32), weights)


BATCHES = [_batch(seed) for seed in range(40)]
# Every id from 0 on, in every batch.
COMPLETE = [
    batch._replace(inputs=np.random.default_rng(n).permutation(30).reshape(6, 5).astype(np.int32))
    for n, batch in enumerate(BATCHES)
]


class _Counting(tl.Layer):
    """Multiplies by a state that grows with every batch, and keeps another that doesn't change."""

    def init_weights_and_state(self, input_signature):
        self.state = (np.float32(1.0), np.arange(3, dtype=np.float32))

    def forward(self, x):
        scale, still = self.state
        self.state = (scale * np.float32(1.01), still)
        return x * scale


def _plain(v: int = V):
    return tl.Serial(tl.Embedding(v, D), tl.Mean(axis=1), tl.Dense(2), tl.LogSoftmax())


def _random(v: int = V):
    embedding = layers.Embedding(v, D, mask_zero=True)
    head = [tl.Dropout(0.3, mode="train"), _Counting(), tl.Dense(2), tl.LogSoftmax()]
    return tl.Serial(embedding, layers.MaskedMean(), *head)


def _with_loss(model: tl.Layer, batch: Batch = BATCHES[0]) -> tl.Layer:
    with_loss = tl.Serial(model, tl.CrossEntropyLoss())
    with_loss.init(shapes.signature(batch), rng=fastmath.random.get_prng(3))
    return with_loss


def _new_trainer(model=_plain, optimizer=optimizers.Adam, batch: Batch = BATCHES[0], **settings) -> Trainer:
    with_loss = _with_loss(model(), batch)
    optimizer = optimizer(RATE)
    optimizer.tree_init(with_loss.weights)
    return Trainer(with_loss, optimizer, batch, **settings)


class _Programs(dict):
    """Trainers and what they begin with, so that each program is compiled once."""

    def __missing__(self, key):
        model, optimizer, lazy = key
        trainer = _new_trainer(model, optimizer, lazy=lazy, steps_at_once=16)
        acc = trainer.accelerated_model_with_loss
        self[key] = trainer, jax.tree_util.tree_map(np.array, (acc.weights, acc.state, trainer.slots))
        return self[key]


_PROGRAMS = _Programs()


def _trainer(model=_plain, optimizer=optimizers.Adam, lazy: bool = False) -> Trainer:
    """A trainer at its beginning; the same one for the same arguments."""
    trainer, (weights, state, slots) = _PROGRAMS[model, optimizer, lazy]
    trainer.accelerated_model_with_loss.replicate_weights(weights)
    trainer.accelerated_model_with_loss.replicate_state(state)
    trainer.slots = slots
    return trainer


def _trax_trainer(model=_plain, optimizer=optimizers.Adam) -> optimizers.Trainer:
    with_loss = _with_loss(model())
    optimizer = optimizer(RATE)
    optimizer.tree_init(with_loss.weights)
    return optimizers.Trainer(with_loss, optimizer)


def _run(trainer, batches, start: int = 0) -> np.ndarray:
    """One by one; returns the losses."""
    keys = jax.random.split(RNG, len(batches) + start)[start:]
    losses = []
    for step, (batch, key) in enumerate(zip(batches, keys, strict=True), start):
        losses.append(trainer.one_step(batch, key, step=step, learning_rate=RATE / (1 + step / 50))[0])
    return np.array(losses)


def _run_fused(trainer: Trainer, batches, start: int = 0) -> np.ndarray:
    """As many at once as the trainer takes."""
    keys = np.asarray(jax.random.split(RNG, len(batches) + start))[start:]
    losses = []
    for first in range(0, len(batches), trainer.steps_at_once):
        now = slice(first, first + trainer.steps_at_once)
        stack = trainer.stack([trainer.prepare(batch) for batch in batches[now]])
        own_keys = np.zeros((trainer.steps_at_once, 2), np.uint32)
        own_keys[: stack.count] = keys[now]
        rates = [RATE / (1 + step / 50) for step in range(start + first, start + first + stack.count)]
        losses += np.asarray(trainer.many_steps(stack, own_keys, start + first, rates)[0])[: stack.count].tolist()
    return np.array(losses, np.float32)


def _leaves(trainer) -> list[np.ndarray]:
    """Copies of weights, slots and states."""
    acc = trainer.accelerated_model_with_loss
    return [np.array(leaf) for leaf in jax.tree_util.tree_leaves((acc.weights, trainer.slots, acc.state))]


def _assert_same_bits(trainer, leaves: list[np.ndarray]) -> None:
    for ours, theirs in zip(_leaves(trainer), leaves, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def _table(trainer) -> np.ndarray:
    return np.array(trainer.model_with_loss.weights[0][0])


# Exact updates


@pytest.mark.parametrize(
    ("model", "optimizer"),
    [
        (_plain, optimizers.Adam),
        (_random, optimizers.Adam),
        (_random, optimizers.Momentum),
        (_plain, optimizers.RMSProp),
        (_random, optimizers.RMSProp),
    ],
)
def test_exact_updates_are_those_of_traxs_trainer_over_200_steps(model, optimizer):
    ours, theirs = _trainer(model, optimizer), _trax_trainer(model, optimizer)
    batches = BATCHES * 5
    np.testing.assert_allclose(_run_fused(ours, batches), _run(theirs, batches), rtol=0, atol=1e-5)
    for our, their in zip(_leaves(ours), _leaves(theirs), strict=True):
        np.testing.assert_allclose(our, their, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("optimizer", [optimizers.Adafactor, optimizers.SM3])
def test_exact_updates_take_any_optimizer(optimizer):
    ours, theirs = _trainer(_plain, optimizer), _trax_trainer(_plain, optimizer)
    np.testing.assert_allclose(_run_fused(ours, BATCHES), _run(theirs, BATCHES), rtol=0, atol=1e-5)


def test_slots_of_half_precision_may_become_single():
    def half():
        return tl.Serial(tl.Embedding(V, D, use_bfloat16=True), tl.Mean(axis=1), tl.Dense(2), tl.LogSoftmax())

    ours, theirs = _new_trainer(half), _trax_trainer(half)
    np.testing.assert_allclose(_run_fused(ours, BATCHES), _run(theirs, BATCHES), rtol=0.02)


def test_norms_are_traxs_and_only_reported_on_request():
    ours, theirs = _new_trainer(norms=True), _trax_trainer()
    for batch in BATCHES[:3]:
        _, stats = ours.one_step(batch, RNG, 1, RATE)
        _, expected = theirs.one_step(batch, RNG, 1, RATE)
        assert stats.keys() == expected.keys() == {"loss", "gradients_l2", "weights_l2"}
        for name, value in expected.items():
            assert float(stats[name]) == pytest.approx(float(value), rel=1e-5)
    assert _trainer().one_step(BATCHES[0], RNG)[1].keys() == {"loss"}
    assert _new_trainer(lazy=True, norms=True).one_step(BATCHES[0], RNG)[1].keys() == {"loss", "gradients_l2"}


def test_without_a_learning_rate_the_optimizers_own_holds():
    ours, theirs = _trainer(), _trax_trainer()
    for trainer in (ours, theirs):
        trainer.one_step(BATCHES[0], RNG)
    np.testing.assert_allclose(_table(ours), _table(theirs), rtol=1e-6)


# Fused steps


@pytest.mark.parametrize("lazy", [False, True], ids=["exact", "lazy"])
def test_many_steps_have_the_bits_of_one_step_repeated(lazy):
    one = _trainer(_random, lazy=lazy)
    losses, leaves = _run(one, BATCHES), _leaves(one)
    many = _trainer(_random, lazy=lazy)
    np.testing.assert_array_equal(_run_fused(many, BATCHES), losses)
    _assert_same_bits(many, leaves)


def test_keys_are_those_that_traxs_loop_draws():
    trainer = _trainer()
    rng, keys = trainer.keys(RNG, 3)
    expected = RNG
    for number in range(3):
        expected, key = fastmath.random.split(expected)
        np.testing.assert_array_equal(keys[number], key)
    np.testing.assert_array_equal(rng, expected)


@pytest.mark.parametrize("lazy", [False, True], ids=["exact", "lazy"])
def test_a_trainer_with_anothers_slots_weights_and_state_goes_on_with_its_bits(lazy):
    first, second = _trainer(_random, lazy=lazy), _new_trainer(_random, lazy=lazy)
    _run_fused(first, BATCHES[:20])
    theirs, ours = first.accelerated_model_with_loss, second.accelerated_model_with_loss
    ours.replicate_weights(jax.tree_util.tree_map(np.array, theirs.weights))
    ours.replicate_state(jax.tree_util.tree_map(np.array, theirs.state))
    second.slots = jax.tree_util.tree_map(np.array, first.slots)
    expected = _run_fused(first, BATCHES[20:], start=20)
    np.testing.assert_array_equal(_run_fused(second, BATCHES[20:], start=20), expected)
    _assert_same_bits(second, _leaves(first))


def test_arrays_that_were_set_from_outside_survive_and_its_own_are_used_again():
    trainer = _trainer()
    given = jax.tree_util.tree_leaves((trainer.model_with_loss.weights, trainer.slots))
    before = [np.array(leaf) for leaf in given]
    trainer.one_step(BATCHES[0], RNG)
    for leaf, kept in zip(given, before, strict=True):
        np.testing.assert_array_equal(leaf, kept)
    own = trainer.model_with_loss.weights[0][0]
    place = own.unsafe_buffer_pointer()
    trainer.one_step(BATCHES[0], RNG)
    assert own.is_deleted()
    assert trainer.model_with_loss.weights[0][0].unsafe_buffer_pointer() == place


def test_a_state_that_does_not_change_is_not_copied_and_one_that_does_is_returned():
    def frozen():
        embedding = layers.Embedding(V, D, trainable=False)
        return tl.Serial(embedding, tl.Mean(axis=1), _Counting(), tl.Dense(2), tl.LogSoftmax())

    trainer = _new_trainer(frozen)
    table, _, (scale, still), *_ = trainer.accelerated_model_with_loss.state[0]
    table = jax.numpy.array(table)
    trainer.accelerated_model_with_loss.replicate_state(((table, (), (scale, still), (), ()), ((), ())))
    _run_fused(trainer, BATCHES)
    new_table, _, (new_scale, new_still), *_ = trainer.accelerated_model_with_loss.state[0]
    assert new_table is table
    assert new_still is still
    assert float(new_scale) == pytest.approx(1.01 ** len(BATCHES), rel=1e-5)


def _compiled(trainer: Trainer):
    """The program that runs its steps, compiled as for `BATCHES`."""
    return trainer._programs[trainer.stack([trainer.prepare(BATCHES[0])]).kind]


@pytest.mark.parametrize("optimizer", [optimizers.Adam, RowAdagrad])
def test_lazy_steps_make_no_copy_of_a_table(optimizer):
    v = 50_000
    table = v * D * 4
    lazy, exact = (_compiled(_new_trainer(lambda: _plain(v), optimizer, lazy=lazy)) for lazy in (True, False))
    assert lazy.memory_analysis().temp_size_in_bytes < table / 4
    assert lazy.memory_analysis().alias_size_in_bytes >= table, "updated in place"
    copies = [
        line for line in lazy.as_text().splitlines() if f"f32[{v},{D}]" in line.partition("(")[0] and " copy(" in line
    ]
    assert not copies
    assert exact.memory_analysis().temp_size_in_bytes >= table, "its gradient: the measure is sound"


def test_nothing_goes_between_host_and_device_inside_the_fused_steps(monkeypatch):
    trainer = _trainer(_random, lazy=True)
    _run_fused(trainer, BATCHES)
    programs = trainer._programs

    class _Guarded:
        def __getitem__(self, kind):
            def run(*args):
                args = jax.device_put(args)
                with jax.transfer_guard("disallow_explicit"):
                    return programs[kind](*args)

            return run

    monkeypatch.setattr(trainer, "_programs", _Guarded())
    _run_fused(trainer, BATCHES)


# Lazy updates


def _assert_lazy_is_exact(batches: list[Batch], model, optimizer) -> None:
    lazy, exact = (_trainer(model, optimizer, lazy) for lazy in (True, False))
    np.testing.assert_allclose(_run_fused(lazy, batches), _run_fused(exact, batches), rtol=0, atol=1e-6)
    for ours, theirs in zip(_leaves(lazy), _leaves(exact), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-6)


def _small():
    return _plain(30)


@pytest.mark.parametrize("optimizer", [optimizers.Adam, optimizers.Momentum])
def test_lazy_updates_are_exact_ones_where_every_batch_has_every_row(optimizer):
    assert all(len(np.unique(batch.inputs)) == 30 for batch in COMPLETE)
    _assert_lazy_is_exact(COMPLETE, _small, optimizer)


def _clipped(learning_rate):
    return RowAdagrad(learning_rate, clip_grad_norm=0.05)


@pytest.mark.parametrize("optimizer", [optimizers.SGD, _clipped])
def test_lazy_updates_are_exact_ones_where_a_weight_without_gradient_stays(optimizer):
    _assert_lazy_is_exact(BATCHES, _random, optimizer)


MODELS = {
    "attention": lambda: models.attention_classifier(range(V), 2, d_embedding=D, d_attention=3),
    "branch": lambda: tl.Serial(
        tl.Branch(tl.Embedding(V, D), layers.TokenMask()), layers.MaskedMean(), tl.Dense(2), tl.LogSoftmax()
    ),
    "shifted": lambda: tl.Serial(tl.ShiftRight(), tl.Embedding(V, D), tl.Mean(axis=1), tl.Dense(2), tl.LogSoftmax()),
    "a frozen and a trained table": lambda: tl.Serial(
        tl.Branch(layers.Embedding(V, D, trainable=False), layers.Embedding(V, 2)),
        tl.Concatenate(),
        tl.Mean(axis=1),
        tl.Dense(2),
        tl.LogSoftmax(),
    ),
}


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_lazy_updates_take_any_model_that_begins_with_lookups(model):
    _assert_lazy_is_exact([*BATCHES[:8], *COMPLETE[:8]], model, optimizers.SGD)


def test_lazy_updates_take_targets_for_every_token():
    batches = [next_tokens(batch) for batch in BATCHES[:4]]
    lazy, exact = (_new_trainer(_language_model, optimizers.SGD, batches[0], lazy=lazy) for lazy in (True, False))
    np.testing.assert_allclose(_run_fused(lazy, batches), _run_fused(exact, batches), rtol=0, atol=1e-6)


def _language_model():
    return tl.Serial(layers.Embedding(V, D), tl.Dense(V), tl.LogSoftmax())


def test_without_a_trained_table_updates_are_exact():
    model = tl.Serial(layers.Embedding(V, D, trainable=False), tl.Mean(axis=1), tl.Dense(2), tl.LogSoftmax())
    arrays, rows = _new_trainer(lambda: model, optimizers.Adafactor, lazy=True).prepare(BATCHES[0])
    assert len(rows) == 0
    np.testing.assert_array_equal(arrays[0], BATCHES[0].inputs)


@dataclass
class _LazyAdam:
    """LazyAdam of the plain model in NumPy, row by row, in double precision."""

    table: np.ndarray
    dense: np.ndarray
    bias: np.ndarray

    def __post_init__(self):
        self.moments = {name: np.zeros((2, *getattr(self, name).shape)) for name in ("table", "dense", "bias")}

    def step(self, number: int, batch: Batch, rate: float) -> float:
        ids, targets, weights = batch
        mean = self.table[ids].mean(axis=1)
        scores = np.exp(mean @ self.dense + self.bias)
        shares = scores / scores.sum(axis=1, keepdims=True)
        rows = np.arange(len(targets))
        loss = -(weights * np.log(shares[rows, targets])).sum() / weights.sum()
        shares[rows, targets] -= 1
        by_score = shares * weights[:, None] / weights.sum()
        by_vector = np.repeat((by_score @ self.dense.T)[:, None] / ids.shape[1], ids.shape[1], axis=1)
        by_table = np.zeros_like(self.table)
        np.add.at(by_table, ids, by_vector)
        self._update("dense", slice(None), mean.T @ by_score, number, rate)
        self._update("bias", slice(None), by_score.sum(axis=0), number, rate)
        for row in set(ids.ravel().tolist()):
            self._update("table", row, by_table[row], number, rate)
        return loss

    def _update(self, name, place, gradient, number, rate, decay=1e-5, b1=0.9, b2=0.999, eps=1e-5):
        weights, (m, v) = getattr(self, name), self.moments[name]
        m[place] = b1 * m[place] + (1 - b1) * gradient
        v[place] = b2 * v[place] + (1 - b2) * gradient**2
        step = rate * m[place] / (1 - b1 ** (number + 1)) / (np.sqrt(v[place] / (1 - b2 ** (number + 1))) + eps)
        weights[place] = (1 - decay) * weights[place] - step


def test_lazy_adam_is_lazyadam():
    trainer = _trainer(lazy=True)
    (table, _, (dense, bias), _), _ = trainer.model_with_loss.weights
    reference = _LazyAdam(*(np.array(leaf, np.float64) for leaf in (table, dense, bias)))
    expected = [reference.step(step, batch, RATE / (1 + step / 50)) for step, batch in enumerate(BATCHES)]
    np.testing.assert_allclose(_run_fused(trainer, BATCHES), expected, rtol=0, atol=2e-5)
    np.testing.assert_allclose(_table(trainer), reference.table, rtol=0, atol=2e-4)
    np.testing.assert_allclose(trainer.slots[0][0], reference.moments["table"][0], rtol=0, atol=1e-5)


def test_rows_that_no_batch_has_keep_their_bits():
    batches = [batch._replace(inputs=np.where(batch.inputs, batch.inputs % 20 + 5, 0)) for batch in BATCHES]
    trainer = _trainer(lazy=True)
    before, slots = _table(trainer), [np.array(slot) for slot in trainer.slots[0]]
    _run_fused(trainer, batches)
    used = np.unique([batch.inputs for batch in batches])
    unused = np.setdiff1d(np.arange(V), used)
    assert V - 1 in unused, "what room is left over reads the last row, and must not write it"
    np.testing.assert_array_equal(_table(trainer)[unused], before[unused])
    assert np.all(_table(trainer)[used] != before[used]), "padding's row too: this model counts it"
    for ours, kept in zip(trainer.slots[0], slots, strict=True):
        np.testing.assert_array_equal(np.array(ours)[unused], kept[unused])


def test_a_batch_knows_its_rows():
    trainer = _trainer(lazy=True)
    for ids in (BATCHES[0].inputs, np.array([[7, 3, 7], [3, 39, 1]], np.int32), np.zeros((2, 3), np.int32)):
        arrays, rows = trainer.prepare(BATCHES[0]._replace(inputs=ids))
        assert sorted(rows) == sorted({0, *ids.ravel()})
        np.testing.assert_array_equal(rows[arrays[0]], ids)
        np.testing.assert_array_equal(arrays[0] == 0, ids == 0)


class _Tied(tl.Layer):
    """Scores tokens by the table in which it looks them up."""

    def init_weights_and_state(self, input_signature):
        self.weights = np.ones((V, D), np.float32)

    def forward(self, ids):
        np_ = fastmath.numpy
        mean = np_.mean(np_.take(self.weights, ids, axis=0, mode="clip"), axis=1)
        return np_.dot(mean, self.weights.T)


def _sum_of_ids():
    looked_up = tl.Serial(tl.Embedding(V, D), tl.Mean(axis=1))
    summed = tl.Fn("Sum", lambda ids: fastmath.numpy.sum(ids, axis=1, keepdims=True).astype("float32"))
    return tl.Serial(tl.Branch(looked_up, summed), tl.Concatenate(), tl.Dense(2), tl.LogSoftmax())


def _two_sizes():
    tables = tl.Branch(tl.Embedding(V, D), tl.Embedding(V + 1, D))
    return tl.Serial(tables, tl.Concatenate(), tl.Mean(axis=1), tl.Dense(2), tl.LogSoftmax())


def _ruled(**rules):
    return lambda: tl.Serial(layers.Embedding(V, D, **rules), tl.Mean(axis=1), tl.Dense(2), tl.LogSoftmax())


@pytest.mark.parametrize(
    ("model", "optimizer", "told"),
    [
        (_plain, optimizers.Adafactor, "Adafactor's slots don't have a row for each of the table's"),
        (_plain, optimizers.SM3, "SM3's slots don't have a row for each of the table's"),
        (
            _plain,
            lambda rate: optimizers.Adafactor(rate, factored=False),
            "Adafactor makes a row's update depend on all the others",
        ),
        (lambda: tl.Serial(_Tied(), tl.LogSoftmax()), optimizers.Adam, "an embedding's table for more than lookups"),
        (_sum_of_ids, optimizers.Adam, "token ids for more than lookups (reduce_sum)"),
        (_two_sizes, optimizers.Adam, "tables of [40, 41] rows for the same ids"),
        (_ruled(regularizer=layers.L1L2(l2=0.1)), optimizers.Adam, "L1L2(l1=0.0, l2=0.1) is of the whole table"),
        (_ruled(constraint=layers.MaxNorm(1.0)), optimizers.Adam, "MaxNorm(max_value=1.0, axis=0) is of whole columns"),
    ],
)
def test_what_lazy_updates_cannot_do_right_is_refused_in_one_line(model, optimizer, told):
    with pytest.raises(InputError) as raised:
        _new_trainer(model, optimizer, lazy=True)
    assert told in str(raised.value)
    assert "use exact updates" in str(raised.value)
    assert "\n" not in str(raised.value)
    _new_trainer(model, optimizer)


def test_an_id_without_a_row_is_refused():
    with pytest.raises(InputError, match=r"row 1: id 40 is not within 0\.\.39"):
        _trainer(lazy=True).prepare(BATCHES[0]._replace(inputs=np.full((6, 5), V, np.int32)))


def test_a_rule_of_rows_holds_for_the_rows_of_the_batch():
    trainer = _new_trainer(_ruled(constraint=layers.UnitNorm(axis=1)), lazy=True)
    before = _table(trainer)
    _run_fused(trainer, BATCHES[:1])
    norms = np.linalg.norm(_table(trainer), axis=1)
    used = np.unique([0, *BATCHES[0].inputs.ravel()])
    np.testing.assert_allclose(norms[used], 1, rtol=1e-5)
    unused = np.setdiff1d(np.arange(V), used)
    np.testing.assert_array_equal(_table(trainer)[unused], before[unused])


def test_penalties_count_and_are_reported_with_exact_updates():
    rules = {"regularizer": layers.L1L2(l2=0.1), "constraint": layers.NonNegative()}
    trainer, plain = _new_trainer(_ruled(**rules)), _trainer()
    expected = 0.1 * np.square(_table(trainer)).sum()
    loss, stats = trainer.one_step(BATCHES[0], RNG)
    assert float(stats["penalty"]) == pytest.approx(expected, rel=1e-5)
    assert loss > stats["penalty"]
    assert _table(trainer).min() >= 0
    assert "penalty" not in plain.one_step(BATCHES[0], RNG)[1]


def test_row_adagrad_is_what_it_says():
    optimizer = RowAdagrad(0.5)
    table = np.array([[3.0, 4.0], [0.0, 0.0], [1.0, -1.0]], np.float32)
    gradient = np.array([[1.0, 7.0], [0.0, 0.0], [2.0, 2.0]], np.float32)
    slots = optimizer.init(table)
    for _ in range(2):
        table, slots = optimizer.update(0, gradient, table, slots, optimizer.opt_params)
    np.testing.assert_allclose(slots, [50, 0, 8])
    steps = 0.5 * gradient * np.array([[1 / 5 + 1 / 50**0.5], [0], [1 / 2 + 1 / 8**0.5]])
    np.testing.assert_allclose(table, np.array([[3.0, 4.0], [0.0, 0.0], [1.0, -1.0]]) - steps, rtol=1e-6)
    assert optimizer.init(np.zeros(3, np.float32)).shape == (3,)
    assert optimizer.init(np.zeros((), np.float32)).shape == ()


# The feed


def _examples() -> Examples:
    generator = np.random.default_rng(5)
    texts = [generator.integers(3, V, generator.choice([3, 3, 3, 3, 7, 11])).tolist() for _ in range(120)]

    class _AsTheyAre:
        def encode(self, tokens):
            return np.array(tokens, np.int32)

    return Examples.encode(texts, generator.integers(0, 2, len(texts)).astype(np.int32), _AsTheyAre())


EXAMPLES = _examples()


def _stream() -> Batches:
    return Batches(EXAMPLES, BalancedSampler(EXAMPLES.labels, 4, 1), (4, 8, 12))


def _train(trainer: Trainer, first: int, end: int, stops_before=lambda step: False) -> list[int]:
    """Trains on the feed; returns how many steps each stack had."""
    counts = []
    keys = np.asarray(jax.random.split(RNG, end + trainer.steps_at_once))
    with Feed(_stream().batch, trainer, first, end, stops_before) as feed:
        for stack in feed:
            step = first + sum(counts)
            trainer.many_steps(stack, keys[step : step + trainer.steps_at_once], step)
            counts.append(stack.count)
    return counts


def test_a_feed_holds_every_step_and_stops_where_it_must():
    trainer = _trainer(_random, lazy=True)
    counts = _train(trainer, 0, 50, stops_before=lambda step: step in (5, 13, 14))
    ends = np.cumsum(counts)
    assert ends[-1] == 50
    assert {5, 13, 14, 16, 32, 48} <= set(ends), "where it must, and at each block's end"
    leaves = _leaves(trainer)
    trainer = _trainer(_random, lazy=True)
    keys = np.asarray(jax.random.split(RNG, 66))
    for step in range(50):
        stack = trainer.stack([trainer.prepare(_stream().batch(step))])
        trainer.many_steps(stack, keys[step : step + 16], step)
    _assert_same_bits(trainer, leaves)


def test_a_feed_that_begins_within_a_block_makes_the_same_stacks():
    trainer = _trainer(lazy=True)
    stacks = {}
    for first in (0, 5, 21):
        with Feed(_stream().batch, trainer, first, 40) as feed:
            step = first
            for stack in feed:
                for number in range(stack.count):
                    shapes_ = (stack.rows.shape, stack.arrays[0].shape)
                    assert stacks.setdefault(step + number, shapes_) == shapes_
                step += stack.count
    assert len(stacks) == 40


def test_programs_are_compiled_in_the_first_epoch_alone():
    trainer = _trainer(_random, lazy=True)
    epoch = len(EXAMPLES) // 4
    _train(trainer, 0, epoch)
    compiled = len(trainer._programs)
    assert compiled >= 3, "one for each length"
    _train(trainer, epoch, 4 * epoch)
    assert len(trainer._programs) == compiled


def test_what_goes_wrong_in_the_thread_is_raised_where_batches_are_used():
    def batch(step):
        if step == 20:
            raise InputError("row 3: no such thing")
        return BATCHES[step]

    seen = 0

    def use():
        nonlocal seen
        with Feed(batch, _trainer(), 0, 40) as feed:
            for stack in feed:
                seen += stack.count

    with pytest.raises(InputError, match="no such thing"):
        use()
    assert seen == 16
    assert "batches" not in [thread.name for thread in threading.enumerate()]


def test_a_feed_that_is_left_early_ends_its_thread():
    trainer = _trainer()
    with Feed(lambda step: BATCHES[step % 40], trainer, 0, 10**9) as feed:
        assert next(iter(feed)).count == 16
    assert "batches" not in [thread.name for thread in threading.enumerate()]
