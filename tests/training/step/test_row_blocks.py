"""Rows of tables that are updated block by block: as all at once, and only where that is right."""

import jax.numpy as jnp
import numpy as np
import pytest
from small_trainers import BATCHES, leaves_of, new_trainer, plain, run_fused, with_dropout_and_state

from sentiment.models.classifiers import MeanClassifier
from sentiment.recipe.row_adagrad import RowAdagrad
from sentiment.training.step import row_blocks, step
from sentiment.training.step.row_blocks import number_of_blocks, update_by_blocks
from sentiment.trax_runtime import optimizers

MODELS = {
    "vectors": plain,
    "dropout and a state": with_dropout_and_state,
    "a folded bag": lambda: MeanClassifier(d_embedding=4).layers(range(40), 2),
}


@pytest.fixture
def blocks_of_steps(monkeypatch):
    """In how many blocks the steps that are traced update; a block is as small as can be."""
    seen = []

    def update(*arguments):
        seen.append(arguments[-1])
        return update_by_blocks(*arguments)

    monkeypatch.setattr(row_blocks, "_BYTES", 1)
    monkeypatch.setattr(step, "update_by_blocks", update)
    return seen


@pytest.mark.parametrize("optimizer", [optimizers.Adam, optimizers.Momentum, RowAdagrad])
@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_blocks_are_updated_as_all_rows_at_once(monkeypatch, blocks_of_steps, model, optimizer):
    results = []
    for n_bytes in (1, 2**17):
        monkeypatch.setattr(row_blocks, "_BYTES", n_bytes)
        trainer = new_trainer(model, optimizer, lazy=True)
        results.append([run_fused(trainer, BATCHES), *leaves_of(trainer)])
    assert blocks_of_steps == [16]
    for one, other in zip(*results, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-7)


def _clipped(rate: float) -> RowAdagrad:
    return RowAdagrad(rate, clip_grad_norm=0.05)


@pytest.mark.parametrize(("optimizer", "settings"), [(_clipped, {}), (RowAdagrad, {"norms": True})])
def test_where_the_norm_of_the_gradient_counts_all_rows_are_updated_at_once(blocks_of_steps, optimizer, settings):
    run_fused(new_trainer(plain, optimizer, lazy=True, **settings), BATCHES[:1])
    assert blocks_of_steps == []


def test_exact_updates_have_no_blocks(blocks_of_steps):
    run_fused(new_trainer(plain, lazy=False), BATCHES[:1])
    assert blocks_of_steps == []


def test_each_row_is_updated_once_and_no_row_means_none():
    table = np.arange(10, dtype=np.float32)[:, None]
    rows, by_row = jnp.array([7, 10, 2, 10]), jnp.array([1.0, 2.0, 3.0, 4.0])
    updated = update_by_blocks(lambda own, more: own + more[:, None], jnp.asarray(table), rows, by_row, 2)
    table[[7, 2], 0] += [1, 3]
    np.testing.assert_array_equal(updated, table)


def test_a_block_is_small_on_a_cpu_and_everything_on_an_accelerator(monkeypatch):
    assert [number_of_blocks(1008, 1024), number_of_blocks(64, 1024), number_of_blocks(9, 2**20)] == [8, 1, 1]
    assert number_of_blocks(2**20, 1024) == 16
    monkeypatch.setattr(row_blocks, "on_cpu", lambda: False)
    assert number_of_blocks(1008, 1024) == 1
