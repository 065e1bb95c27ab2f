"""Lazy updates: exact where a row is in the batch, and nothing elsewhere; what cannot be lazy is refused."""

from dataclasses import dataclass

import numpy as np
import pytest
from small_trainers import (
    BATCHES,
    COMPLETE,
    RATE,
    RNG,
    D,
    V,
    leaves_of,
    new_trainer,
    plain,
    run_fused,
    table_of,
    trainer_at_start,
    with_dropout_and_state,
)

from sentiment import layers
from sentiment.batching.batches import Batch, next_tokens
from sentiment.errors import InputError
from sentiment.models.classifiers import AttentionClassifier
from sentiment.recipe.row_adagrad import RowAdagrad
from sentiment.trax_runtime import fastmath, optimizers, tl

# Lazy updates


def _assert_lazy_is_exact(batches: list[Batch], model, optimizer) -> None:
    lazy, exact = (trainer_at_start(model, optimizer, lazy) for lazy in (True, False))
    np.testing.assert_allclose(run_fused(lazy, batches), run_fused(exact, batches), rtol=0, atol=1e-6)
    for ours, theirs in zip(leaves_of(lazy), leaves_of(exact), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-6)


def _small():
    return plain(30)


@pytest.mark.parametrize("optimizer", [optimizers.Adam, optimizers.Momentum])
def test_lazy_updates_are_exact_ones_where_every_batch_has_every_row(optimizer):
    assert all(len(np.unique(batch.inputs)) == 30 for batch in COMPLETE)
    _assert_lazy_is_exact(COMPLETE, _small, optimizer)


def _clipped(learning_rate):
    return RowAdagrad(learning_rate, clip_grad_norm=0.05)


@pytest.mark.parametrize("optimizer", [optimizers.SGD, _clipped])
def test_lazy_updates_are_exact_ones_where_a_weight_without_gradient_stays(optimizer):
    _assert_lazy_is_exact(BATCHES, with_dropout_and_state, optimizer)


MODELS = {
    "attention": lambda: AttentionClassifier(d_embedding=D, d_attention=3).layers(range(V), 2),
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
    lazy, exact = (new_trainer(_language_model, optimizers.SGD, batches[0], lazy=lazy) for lazy in (True, False))
    np.testing.assert_allclose(run_fused(lazy, batches), run_fused(exact, batches), rtol=0, atol=1e-6)


def _language_model():
    return tl.Serial(layers.Embedding(V, D), tl.Dense(V), tl.LogSoftmax())


def test_without_a_trained_table_updates_are_exact():
    model = tl.Serial(layers.Embedding(V, D, trainable=False), tl.Mean(axis=1), tl.Dense(2), tl.LogSoftmax())
    arrays, rows, _ = new_trainer(lambda: model, optimizers.Adafactor, lazy=True).prepare([BATCHES[0]])[0]
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
    trainer = trainer_at_start(lazy=True)
    (table, _, (dense, bias), _), _ = trainer.model_with_loss.weights
    reference = _LazyAdam(*(np.array(leaf, np.float64) for leaf in (table, dense, bias)))
    expected = [reference.step(step, batch, RATE / (1 + step / 50)) for step, batch in enumerate(BATCHES)]
    np.testing.assert_allclose(run_fused(trainer, BATCHES), expected, rtol=0, atol=2e-5)
    np.testing.assert_allclose(table_of(trainer), reference.table, rtol=0, atol=2e-4)
    np.testing.assert_allclose(trainer.slots[0][0], reference.moments["table"][0], rtol=0, atol=1e-5)


def test_rows_that_no_batch_has_keep_their_bits():
    batches = [batch._replace(inputs=np.where(batch.inputs, batch.inputs % 20 + 5, 0)) for batch in BATCHES]
    trainer = trainer_at_start(lazy=True)
    before, slots = table_of(trainer), [np.array(slot) for slot in trainer.slots[0]]
    run_fused(trainer, batches)
    used = np.unique([batch.inputs for batch in batches])
    unused = np.setdiff1d(np.arange(V), used)
    assert V - 1 in unused, "what room is left over reads the last row, and must not write it"
    np.testing.assert_array_equal(table_of(trainer)[unused], before[unused])
    assert np.all(table_of(trainer)[used] != before[used]), "padding's row too: this model counts it"
    for ours, kept in zip(trainer.slots[0], slots, strict=True):
        np.testing.assert_array_equal(np.array(ours)[unused], kept[unused])


def test_a_batch_knows_its_rows():
    trainer = trainer_at_start(lazy=True)
    for ids in (BATCHES[0].inputs, np.array([[7, 3, 7], [3, 39, 1]], np.int32), np.zeros((2, 3), np.int32)):
        arrays, rows, _ = trainer.prepare([BATCHES[0]._replace(inputs=ids)])[0]
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
        (plain, optimizers.Adafactor, "Adafactor's slots don't have a row for each of the table's"),
        (plain, optimizers.SM3, "SM3's slots don't have a row for each of the table's"),
        (
            plain,
            lambda rate: optimizers.Adafactor(rate, factored=False),
            "Adafactor makes a row's update depend on all the others",
        ),
        (lambda: tl.Serial(_Tied(), tl.LogSoftmax()), optimizers.Adam, "_Tied may use token ids for more than lookups"),
        (_sum_of_ids, optimizers.Adam, "Sum may use token ids for more than lookups"),
        (_two_sizes, optimizers.Adam, "tables of [40, 41] rows for the same ids"),
        (_ruled(regularizer=layers.L1L2(l2=0.1)), optimizers.Adam, "L1L2(l1=0.0, l2=0.1) is of the whole table"),
        (_ruled(constraint=layers.MaxNorm(1.0)), optimizers.Adam, "MaxNorm(max_value=1.0, axis=0) is of whole columns"),
    ],
)
def test_what_lazy_updates_cannot_do_right_is_refused_in_one_line(model, optimizer, told):
    with pytest.raises(InputError) as raised:
        new_trainer(model, optimizer, lazy=True)
    assert told in str(raised.value)
    assert "use exact updates" in str(raised.value)
    assert "\n" not in str(raised.value)
    new_trainer(model, optimizer)


def test_an_id_without_a_row_is_refused():
    with pytest.raises(InputError, match=r"row 1: id 40 is not within 0\.\.39"):
        trainer_at_start(lazy=True).prepare([BATCHES[0]._replace(inputs=np.full((6, 5), V, np.int32))])


def test_a_rule_of_rows_holds_for_the_rows_of_the_batch():
    trainer = new_trainer(_ruled(constraint=layers.UnitNorm(axis=1)), lazy=True)
    before = table_of(trainer)
    run_fused(trainer, BATCHES[:1])
    norms = np.linalg.norm(table_of(trainer), axis=1)
    used = np.unique([0, *BATCHES[0].inputs.ravel()])
    np.testing.assert_allclose(norms[used], 1, rtol=1e-5)
    unused = np.setdiff1d(np.arange(V), used)
    np.testing.assert_array_equal(table_of(trainer)[unused], before[unused])


def test_penalties_count_and_are_reported_with_exact_updates():
    rules = {"regularizer": layers.L1L2(l2=0.1), "constraint": layers.NonNegative()}
    trainer, plain = new_trainer(_ruled(**rules)), trainer_at_start()
    expected = 0.1 * np.square(table_of(trainer)).sum()
    loss, stats = trainer.one_step(BATCHES[0], RNG)
    assert float(stats["penalty"]) == pytest.approx(expected, rel=1e-5)
    assert loss > stats["penalty"]
    assert table_of(trainer).min() >= 0
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
