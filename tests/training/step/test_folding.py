"""A bag before a small dense layer is trained folded: with the same results, and only where that is right."""

import numpy as np
import pytest
from small_trainers import BATCH, LENGTH, D, leaves_of, new_trainer, random_batch, run_fused, with_loss

from sentiment import layers
from sentiment.recipe.row_adagrad import RowAdagrad
from sentiment.training.step import folding, step
from sentiment.training.step.folding import find_folds
from sentiment.trax_runtime import fastmath, tl

V = BATCH * LENGTH  # no more than a batch has places
BATCHES = [random_batch(seed, V) for seed in range(40)]


def _model(*between, bag=None, dense=None) -> tl.Serial:
    bag = bag or layers.EmbeddingBag(V, D)
    return tl.Serial(bag, *between, dense or layers.NarrowDense(2), tl.LogSoftmax())


def _folds(model: tl.Layer) -> list:
    whole = with_loss(model)
    return find_folds(whole, fastmath.tree_flatten(whole.weights))


FOLDED = {
    "ours": _model,
    "Trax's": lambda: _model(dense=tl.Dense(3)),
    "in a Serial of its own": lambda: tl.Serial(tl.Serial(layers.EmbeddingBag(V, D), tl.Dense(2)), tl.LogSoftmax()),
    "with a constraint": lambda: _model(bag=layers.EmbeddingBag(V, D, constraint=layers.MaxNorm(1.0, axis=1))),
}
SHARED = layers.EmbeddingBag(V, D)
AS_IT_IS = {
    "something between": lambda: _model(tl.Dropout(0.5, mode="train")),
    "a frozen table": lambda: _model(bag=layers.EmbeddingBag(V, D, trainable=False)),
    "a regularizer": lambda: _model(bag=layers.EmbeddingBag(V, D, regularizer=layers.L1L2(l2=0.1))),
    "as many outputs": lambda: _model(dense=tl.Dense(D)),
    "many outputs": lambda: _model(bag=layers.EmbeddingBag(V, 20), dense=tl.Dense(9)),
    "vectors of tokens": lambda: tl.Serial(layers.Embedding(V, D), tl.Mean(axis=1), tl.Dense(2), tl.LogSoftmax()),
    "a bag in two places": lambda: tl.Serial(
        tl.Branch(tl.Serial(SHARED, tl.Dense(2)), SHARED), tl.Concatenate(), tl.LogSoftmax()
    ),
}


@pytest.mark.parametrize("model", FOLDED.values(), ids=FOLDED)
def test_a_bag_that_a_small_dense_layer_takes_is_folded(model):
    whole = with_loss(model())
    weights = fastmath.tree_flatten(whole.weights)
    ((table, kernel),) = find_folds(whole, weights)
    assert weights[table].shape == (V, D)
    assert weights[kernel].shape[0] == D


@pytest.mark.parametrize("model", AS_IT_IS.values(), ids=AS_IT_IS)
def test_nothing_else_is_folded(model):
    assert _folds(model()) == []


@pytest.fixture
def folds_of_steps(monkeypatch):
    """What the steps that are traced fold."""
    seen = []

    def folded(folds, weights):
        seen.append(folds)
        return folding.folded(folds, weights)

    monkeypatch.setattr(step, "folded", folded)
    return seen


@pytest.mark.parametrize("parts", [1, 2], ids=["whole", "in-parts"])
@pytest.mark.parametrize("lazy", [True, False], ids=["lazy", "exact"])
@pytest.mark.parametrize("model", FOLDED.values(), ids=FOLDED)
def test_training_folded_is_training_as_it_stands(monkeypatch, folds_of_steps, model, lazy, parts):
    results = []
    for find in (find_folds, lambda *_: []):
        monkeypatch.setattr(step, "find_folds", find)
        trainer = new_trainer(model, RowAdagrad, batch=BATCHES[0], lazy=lazy, gradient_accumulation_steps=parts)
        results.append([run_fused(trainer, BATCHES), *leaves_of(trainer)])
    assert [len(folds) for folds in folds_of_steps] == [1, 0]
    for one, other in zip(*results, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("lazy", "n_folds"), [(True, 1), (False, 0)])
def test_of_a_table_with_more_rows_than_a_batch_has_places_only_the_rows_are_multiplied(folds_of_steps, lazy, n_folds):
    trainer = new_trainer(lambda: _model(bag=layers.EmbeddingBag(V + 1, D)), batch=BATCHES[0], lazy=lazy)
    run_fused(trainer, BATCHES[:1])
    assert [len(folds) for folds in folds_of_steps] == [n_folds]


def test_in_half_precision_nothing_is_folded(folds_of_steps):
    run_fused(new_trainer(_model, batch=BATCHES[0], lazy=True, compute="bfloat16"), BATCHES[:1])
    assert folds_of_steps == [[]]
