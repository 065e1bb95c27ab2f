"""The trainer: exact updates are Trax's; many steps in one call, in place, with the same bits."""

import jax
import numpy as np
import pytest
from small_trainers import (
    BATCHES,
    RATE,
    RNG,
    Counting,
    D,
    V,
    assert_same_bits,
    leaves_of,
    new_trainer,
    plain,
    run_fused,
    run_one_by_one,
    table_of,
    trainer_at_start,
    trax_trainer,
    with_dropout_and_state,
)

from sentiment import layers
from sentiment.recipe.row_adagrad import RowAdagrad
from sentiment.training.step.trainer import Trainer
from sentiment.trax_runtime import fastmath, optimizers, tl

# Exact updates


@pytest.mark.parametrize(
    ("model", "optimizer"),
    [
        (plain, optimizers.Adam),
        (with_dropout_and_state, optimizers.Adam),
        (with_dropout_and_state, optimizers.Momentum),
        (plain, optimizers.RMSProp),
        (with_dropout_and_state, optimizers.RMSProp),
    ],
)
def test_exact_updates_are_those_of_traxs_trainer_over_200_steps(model, optimizer):
    ours, theirs = trainer_at_start(model, optimizer), trax_trainer(model, optimizer)
    batches = BATCHES * 5
    np.testing.assert_allclose(run_fused(ours, batches), run_one_by_one(theirs, batches), rtol=0, atol=1e-5)
    for our, their in zip(leaves_of(ours), leaves_of(theirs), strict=True):
        np.testing.assert_allclose(our, their, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("optimizer", [optimizers.Adafactor, optimizers.SM3])
def test_exact_updates_take_any_optimizer(optimizer):
    ours, theirs = trainer_at_start(plain, optimizer), trax_trainer(plain, optimizer)
    np.testing.assert_allclose(run_fused(ours, BATCHES), run_one_by_one(theirs, BATCHES), rtol=0, atol=1e-5)


def test_slots_of_half_precision_may_become_single():
    def half():
        return tl.Serial(tl.Embedding(V, D, use_bfloat16=True), tl.Mean(axis=1), tl.Dense(2), tl.LogSoftmax())

    ours, theirs = new_trainer(half), trax_trainer(half)
    np.testing.assert_allclose(run_fused(ours, BATCHES), run_one_by_one(theirs, BATCHES), rtol=0.02)


def test_norms_are_traxs_and_only_reported_on_request():
    ours, theirs = new_trainer(norms=True), trax_trainer()
    for batch in BATCHES[:3]:
        _, stats = ours.one_step(batch, RNG, 1, RATE)
        _, expected = theirs.one_step(batch, RNG, 1, RATE)
        assert stats.keys() == expected.keys() == {"loss", "gradients_l2", "weights_l2"}
        for name, value in expected.items():
            assert float(stats[name]) == pytest.approx(float(value), rel=1e-5)
    assert trainer_at_start().one_step(BATCHES[0], RNG)[1].keys() == {"loss"}
    assert new_trainer(lazy=True, norms=True).one_step(BATCHES[0], RNG)[1].keys() == {"loss", "gradients_l2"}


def test_without_a_learning_rate_the_optimizers_own_holds():
    ours, theirs = trainer_at_start(), trax_trainer()
    for trainer in (ours, theirs):
        trainer.one_step(BATCHES[0], RNG)
    np.testing.assert_allclose(table_of(ours), table_of(theirs), rtol=1e-6)


# Fused steps


@pytest.mark.parametrize("lazy", [False, True], ids=["exact", "lazy"])
def test_many_steps_have_the_bits_of_one_step_repeated(lazy):
    one = trainer_at_start(with_dropout_and_state, lazy=lazy)
    losses, leaves = run_one_by_one(one, BATCHES), leaves_of(one)
    many = trainer_at_start(with_dropout_and_state, lazy=lazy)
    np.testing.assert_array_equal(run_fused(many, BATCHES), losses)
    assert_same_bits(many, leaves)


def test_keys_are_those_that_traxs_loop_draws():
    trainer = trainer_at_start()
    rng, keys = trainer.keys(RNG, 3)
    expected = RNG
    for number in range(3):
        expected, key = fastmath.random.split(expected)
        np.testing.assert_array_equal(keys[number], key)
    np.testing.assert_array_equal(rng, expected)


@pytest.mark.parametrize("lazy", [False, True], ids=["exact", "lazy"])
def test_a_trainer_with_anothers_slots_weights_and_state_goes_on_with_its_bits(lazy):
    first, second = trainer_at_start(with_dropout_and_state, lazy=lazy), new_trainer(with_dropout_and_state, lazy=lazy)
    run_fused(first, BATCHES[:20])
    theirs, ours = first.accelerated_model_with_loss, second.accelerated_model_with_loss
    ours.replicate_weights(jax.tree_util.tree_map(np.array, theirs.weights))
    ours.replicate_state(jax.tree_util.tree_map(np.array, theirs.state))
    second.slots = jax.tree_util.tree_map(np.array, first.slots)
    expected = run_fused(first, BATCHES[20:], start=20)
    np.testing.assert_array_equal(run_fused(second, BATCHES[20:], start=20), expected)
    assert_same_bits(second, leaves_of(first))


def test_arrays_that_were_set_from_outside_survive_and_its_own_are_used_again():
    trainer = trainer_at_start()
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
        return tl.Serial(embedding, tl.Mean(axis=1), Counting(), tl.Dense(2), tl.LogSoftmax())

    trainer = new_trainer(frozen)
    table, _, (scale, still), *_ = trainer.accelerated_model_with_loss.state[0]
    table = jax.numpy.array(table)
    trainer.accelerated_model_with_loss.replicate_state(((table, (), (scale, still), (), ()), ((), ())))
    run_fused(trainer, BATCHES)
    new_table, _, (new_scale, new_still), *_ = trainer.accelerated_model_with_loss.state[0]
    assert new_table is table
    assert new_still is still
    assert float(new_scale) == pytest.approx(1.01 ** len(BATCHES), rel=1e-5)


def _compiled(trainer: Trainer):
    """The program that runs its steps, compiled as for `BATCHES`."""
    return trainer._programs[trainer.stack(trainer.prepare([BATCHES[0]])).kind]


@pytest.mark.parametrize("optimizer", [optimizers.Adam, RowAdagrad])
def test_lazy_steps_make_no_copy_of_a_table(optimizer):
    v = 50_000
    table = v * D * 4
    lazy, exact = (_compiled(new_trainer(lambda: plain(v), optimizer, lazy=lazy)) for lazy in (True, False))
    assert lazy.memory_analysis().temp_size_in_bytes < table / 4
    assert lazy.memory_analysis().alias_size_in_bytes >= table, "updated in place"
    copies = [
        line for line in lazy.as_text().splitlines() if f"f32[{v},{D}]" in line.partition("(")[0] and " copy(" in line
    ]
    assert not copies
    assert exact.memory_analysis().temp_size_in_bytes >= table, "its gradient: the measure is sound"


def test_nothing_goes_between_host_and_device_inside_the_fused_steps(monkeypatch):
    trainer = trainer_at_start(with_dropout_and_state, lazy=True)
    run_fused(trainer, BATCHES)
    programs = trainer._programs

    class _Guarded:
        def __getitem__(self, kind):
            def run(*args):
                args = jax.device_put(args)
                with jax.transfer_guard("disallow_explicit"):
                    return programs[kind](*args)

            return run

    monkeypatch.setattr(trainer, "_programs", _Guarded())
    run_fused(trainer, BATCHES)
