"""Weights are averaged over a run's last steps; the means are what is evaluated, kept and exported."""

import json

import numpy as np
import pytest
from killing import Killed, Killing
from paths import FIXTURES, ROOT
from small_trainers import (
    BATCHES,
    assert_same_bits,
    leaves_of,
    new_trainer,
    run_fused,
    run_one_by_one,
    with_dropout_and_state,
)

from sentiment.errors import InputError
from sentiment.recipe.recipe import read_recipe
from sentiment.recipe.row_adagrad import RowAdagrad
from sentiment.storage.tensors import load_tensors
from sentiment.training.loop.checkpoint import read_checkpoint
from sentiment.training.train import train
from sentiment.trax_runtime import fastmath, optimizers

STEPS = 12


def _weights(trainer) -> list[np.ndarray]:
    return [np.array(leaf) for leaf in fastmath.tree_flatten(trainer.accelerated_model_with_loss.weights)]


def _averaged(trainer) -> list[np.ndarray]:
    return [np.array(leaf) for leaf in fastmath.tree_flatten(trainer.averaged)]


@pytest.mark.parametrize("average_from", [0, 4, STEPS - 2])
@pytest.mark.parametrize("settings", [{}, {"lazy": True, "optimizer": RowAdagrad}], ids=["exact", "lazy"])
def test_the_means_are_those_of_the_weights_after_each_later_step(settings, average_from):
    settings = {"model": with_dropout_and_state, "optimizer": optimizers.Adam} | settings
    plain, averaging = new_trainer(**settings), new_trainer(average_from=average_from, **settings)
    after = []
    for step in range(STEPS):
        run_one_by_one(plain, BATCHES[step : step + 1], step)
        after.append(_weights(plain))
    run_one_by_one(averaging, BATCHES[:STEPS])
    assert_same_bits(averaging, leaves_of(plain))
    later = after[average_from + 1 :]
    for ours, *each in zip(_averaged(averaging), *later, strict=True):
        np.testing.assert_allclose(ours, np.mean(each, axis=0), rtol=0, atol=1e-6)
    if len(later) > 1:
        assert any(np.abs(ours - last).max() > 1e-3 for ours, last in zip(_averaged(averaging), later[-1], strict=True))


def test_up_to_that_step_they_are_the_weights_and_without_averaging_always():
    waiting, never = new_trainer(average_from=STEPS), new_trainer()
    for trainer in (waiting, never):
        run_fused(trainer, BATCHES[:STEPS])
        for ours, now in zip(_averaged(trainer), _weights(trainer), strict=True):
            np.testing.assert_array_equal(ours, now)


def test_many_steps_in_one_call_have_the_bits_of_one_by_one():
    one, many = (new_trainer(with_dropout_and_state, average_from=3, steps_at_once=n) for n in (2, 7))
    run_one_by_one(one, BATCHES[:STEPS])
    run_fused(many, BATCHES[:STEPS])
    for ours, theirs in zip(_averaged(many), _averaged(one), strict=True):
        np.testing.assert_array_equal(ours, theirs)


SETTINGS = [
    f"load_corpus.source = {str(FIXTURES / 'moods.csv')!r}",
    "load_corpus.label_column = 'mood'",
    "mean_classifier.d_embedding = 8",
    "Recipe.steps = 20",
    "Recipe.checkpoint_every = 3",
    "Recipe.eval_every = 20",
    "Recipe.weight_averaging = 0.5",
]


def test_a_run_keeps_the_means_and_one_killed_and_resumed_has_the_bits_of_one_never_killed(tmp_path):
    config = ROOT / "configs" / "mean.gin"
    with pytest.raises(Killed):
        train(config, SETTINGS, tmp_path / "killed", Killing(15))
    killed, whole = (train(config, SETTINGS, tmp_path / name) for name in ("killed", "whole"))
    assert killed.weights.read_bytes() == whole.weights.read_bytes()
    last = train(config, [*SETTINGS[:-1], "Recipe.weight_averaging = 0.0"], tmp_path / "last")
    tensors = read_checkpoint(whole.training, None).tensors
    kept, of_last = (load_tensors(run.weights)[0] for run in (whole, last))
    (table,) = (name for name in kept if "Embedding" in name)
    np.testing.assert_array_equal(kept[table], next(t for name, t in tensors.items() if name.startswith("means/")))
    assert np.abs(kept[table] - of_last[table]).max() > 1e-3
    losses = [json.loads(run.metrics.read_text())["validation_cross_entropy"] for run in (whole, last)]
    assert losses[0] != losses[1], "the means are evaluated"


@pytest.mark.parametrize("share", [-0.1, 1.0])
def test_other_shares_are_refused(share):
    with pytest.raises(InputError, match=rf"Recipe.weight_averaging = {share}: must be 0 or more, and less than 1"):
        read_recipe(ROOT / "configs" / "mean.gin", [f"Recipe.weight_averaging = {share}"])
