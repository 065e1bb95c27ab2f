"""Regularizers, constraints and tables that aren't trained, through Trax's training step."""

import jax
import numpy as np
import pytest

from sentiment.errors import InputError
from sentiment.layers import L1L2, LSTM, Embedding, MaskedMean, MaxNorm, NonNegative, UnitNorm, masked_serial
from sentiment.layers.rules import has_rules, penalty
from sentiment.training.step.trainer import Trainer
from sentiment.trax_runtime import fastmath, optimizers, shapes, tl, training

VOCABULARY, FEATURES, BATCH = 8, 4, 6
KEY = fastmath.random.get_prng(0)


@pytest.fixture(scope="module")
def batch():
    random = np.random.default_rng(0)
    ids = random.integers(0, VOCABULARY, (BATCH, 5)).astype(np.int32)
    return ids, (ids[:, 0] % 2).astype(np.int32), np.ones(BATCH, np.float32)


def _trainer(batch, optimizer, **options):
    embedding = Embedding(VOCABULARY, FEATURES, mask_zero=True, **options)
    model = masked_serial(embedding, MaskedMean(), tl.Dense(2), tl.LogSoftmax())
    model.init(shapes.signature(batch[0]), rng=KEY)
    with_loss = training._model_with_ends(model, [tl.CrossEntropyLoss()], shapes.signature(batch))
    optimizer.tree_init(with_loss.weights)
    return Trainer(with_loss, optimizer, batch), embedding


def test_a_model_without_rules_reports_no_penalty(batch):
    trainer, _ = _trainer(batch, optimizers.Adam(0.1))
    assert not has_rules(trainer.model_with_loss)
    assert "penalty" not in trainer.one_step(batch, KEY, 0)[1]


def test_a_table_that_is_not_trained_stays_to_the_bit_while_the_rest_learns(batch):
    table = np.random.default_rng(1).normal(size=(VOCABULARY, FEATURES)).astype(np.float32)
    optimizer = optimizers.Adam(0.05, weight_decay_rate=0.1)
    trainer, embedding = _trainer(batch, optimizer, initializer=table, trainable=False)
    losses = [np.mean(trainer.one_step(batch, KEY, step)[0]) for step in range(20)]
    assert losses[-1] < losses[0]
    np.testing.assert_array_equal(embedding.state, table)
    slots = [slot.shape for slot in jax.tree.leaves(trainer.slots)]
    assert (VOCABULARY, FEATURES) not in slots


@pytest.fixture(scope="module")
def free_tables(batch):
    """Returns a table after each of some steps without a constraint."""
    return _tables(*_trainer(batch, optimizers.Adam(0.3)), batch)


def _tables(trainer, embedding, batch):
    tables = []
    for step in range(4):
        trainer.one_step(batch, KEY, step)
        tables.append(np.array(embedding.weights))
    return tables


@pytest.mark.parametrize(
    ("constraint", "holds"),
    [
        (MaxNorm(0.5, axis=1), lambda table: np.linalg.norm(table, axis=1).max() <= 0.5 + 1e-6),
        (UnitNorm(), lambda table: np.allclose(np.linalg.norm(table, axis=0), 1, atol=1e-5)),
        (NonNegative(), lambda table: table.min() == 0),
    ],
    ids=["max-norm", "unit-norm", "non-negative"],
)
def test_a_constraint_holds_after_every_step(constraint, holds, batch, free_tables):
    trainer, embedding = _trainer(batch, optimizers.Adam(0.3), constraint=constraint)
    assert all(map(holds, _tables(trainer, embedding, batch)))
    assert not all(map(holds, free_tables)), "it would hold by itself"


def test_the_loss_includes_the_penalty_which_is_reported_by_itself(batch):
    regularizer = L1L2(l1=0.3, l2=0.2)
    plain, unpenalised = _trainer(batch, optimizers.SGD(0.1))
    trainer, embedding = _trainer(batch, optimizers.SGD(0.1), regularizer=regularizer)
    before = np.array(embedding.weights)
    share = 0.3 * np.abs(before).sum() + 0.2 * (before**2).sum()
    alone, _ = plain.one_step(batch, KEY, 0)
    loss, stats = trainer.one_step(batch, KEY, 0)
    assert share > 0.1
    assert float(np.mean(stats["penalty"])) == pytest.approx(share, rel=1e-5)
    assert float(np.mean(loss)) == pytest.approx(float(np.mean(alone)) + share, rel=1e-5)
    moved = np.asarray(unpenalised.weights) - np.asarray(embedding.weights)
    np.testing.assert_allclose(moved, 0.1 * (0.3 * np.sign(before) + 0.4 * before), atol=1e-5)


def test_a_shared_table_is_penalised_once_wherever_it_stands(batch):
    ids = batch[0]
    embedding = Embedding(VOCABULARY, FEATURES, regularizer=L1L2(l2=1.0))
    inner = tl.Serial(tl.Parallel(embedding, embedding), tl.Add(), LSTM(3, masked=False))
    model = tl.Serial(tl.Dup(), inner, tl.Dense(2))
    model.init(shapes.signature(ids), rng=KEY)
    assert has_rules(model)
    assert float(penalty(model, model.weights)) == pytest.approx(float((embedding.weights**2).sum()))
    assert float(penalty(inner.sublayers[2], inner.weights[2])) == 0


def test_a_trainer_with_rules_can_be_resumed(batch):
    options = {"regularizer": L1L2(l2=0.1), "constraint": MaxNorm(0.5)}
    through, of_through = _trainer(batch, optimizers.Adam(0.1), **options)
    for step in range(2):
        through.one_step(batch, KEY, step)
    saved = jax.tree.map(np.array, (through.model_with_loss.weights, through.slots))
    through.one_step(batch, KEY, 2)

    resumed, of_resumed = _trainer(batch, optimizers.Adam(0.1), **options)
    resumed.accelerated_model_with_loss.replicate_weights(saved[0])
    resumed.slots = saved[1]
    resumed.one_step(batch, KEY, 2)
    np.testing.assert_array_equal(of_resumed.weights, of_through.weights)


@pytest.mark.parametrize("make", [lambda: L1L2(), lambda: L1L2(l1=-1), lambda: MaxNorm(0)])
def test_rules_that_rule_nothing_are_refused(make):
    with pytest.raises(InputError, match="more than 0"):
        make()
