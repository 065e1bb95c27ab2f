"""A batch computed in parts teaches what the whole batch does, in the memory of a part."""

import re

import jax
import numpy as np
import pytest
from killing import Killed, Killing
from paths import FIXTURES, ROOT
from small_trainers import BATCHES, RNG, D, V, leaves_of, new_trainer, plain, run_fused, with_dropout_and_state
from small_transformers import SMALL, write_transformer

from sentiment import layers
from sentiment.encoding.subwords import Subwords
from sentiment.encoding.vocabulary import Vocabulary
from sentiment.errors import InputError
from sentiment.models.transformer import TransformerClassifier
from sentiment.recipe.loss import Loss
from sentiment.recipe.row_adagrad import RowAdagrad
from sentiment.training.step.gradient_accumulation import accumulated
from sentiment.training.step.trainer import Trainer
from sentiment.training.train import train
from sentiment.trax_runtime import optimizers, tl

# Of three microbatches of two rows, the first weighs nothing, and the others not the same.
UNEVEN = [batch._replace(weights=np.array([0, 5, 1, 0, 0.5, 2], np.float32)) for batch in BATCHES[:12]]


def _soft(batch, seed):
    targets = np.random.default_rng(seed).dirichlet((1, 1), 6).astype(np.float32)
    targets[4] = 0  # as of a row that no example fills
    return batch._replace(targets=targets, weights=np.array([[0.5, 3]] * 4 + [[0, 0], [1, 9]], np.float32))


SOFT = [_soft(batch, n) for n, batch in enumerate(BATCHES[:12])]


def _with_rules():
    embedding = layers.Embedding(V, D, regularizer=layers.L1L2(l2=0.01), constraint=layers.MaxNorm(2.0))
    return tl.Serial(embedding, tl.Mean(axis=1), tl.Dense(2), tl.LogSoftmax())


@pytest.mark.parametrize(
    ("batches", "settings"),
    [
        (UNEVEN, {"optimizer": optimizers.Adam}),
        (UNEVEN, {"lazy": True}),
        (UNEVEN, {"lazy": True, "optimizer": RowAdagrad}),
        (UNEVEN, {"model": _with_rules}),
        (UNEVEN, {"loss": Loss(label_smoothing=0.1).layer()}),
        (SOFT, {"loss": Loss().layer(soft=True)}),
        (SOFT, {"loss": Loss(label_smoothing=0.1).layer(soft=True), "lazy": True}),
    ],
    ids=["exact", "lazy", "row-adagrad", "rules", "smoothed", "soft", "soft-lazy"],
)
def test_losses_and_weights_are_those_of_the_whole_batch(batches, settings):
    whole, parts = (
        new_trainer(batch=batches[0], gradient_accumulation_steps=n, **{"optimizer": optimizers.Momentum} | settings)
        for n in (1, 3)
    )
    expected = run_fused(whole, batches)
    assert np.ptp(expected) > 0.01, "there is something to compare"
    np.testing.assert_allclose(run_fused(parts, batches), expected, rtol=0, atol=1e-5)
    for ours, theirs in zip(leaves_of(parts), leaves_of(whole), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-5)


def _noisy(arrays, weights, state, key):
    """A loss whose gradient is the mean of the inputs, each with noise of its own; the state counts calls."""
    inputs, _, of_rows = arrays
    noisy = inputs + jax.random.normal(key, inputs.shape)
    return (weights[0] * (noisy * of_rows).sum() / of_rows.sum(), [state[0] + 1]), [(noisy * of_rows).sum() / 4]


def _in_parts(n: int):
    return accumulated(_noisy, n, lambda state: (state, ()), lambda moving, still: moving)


def test_each_microbatch_draws_with_a_key_of_its_own_and_goes_on_with_the_state():
    rows, ones = np.zeros(8, np.float32), np.ones(8, np.float32)
    (loss, state), (gradient,) = _in_parts(2)((rows, rows, ones), [np.float32(3)], [np.int32(5)], RNG)
    drawn = [jax.random.normal(key, (4,)) for key in jax.random.split(RNG)]
    assert gradient == pytest.approx(float(np.mean(drawn)), abs=1e-6)
    assert loss == pytest.approx(3 * float(np.mean(drawn)), abs=1e-6)
    assert state == [7]


def test_a_batch_without_weight_is_no_number_as_it_is_without_parts():
    nothing = np.zeros(8, np.float32)
    (loss, _), _ = _in_parts(2)((nothing,) * 3, [np.float32(3)], [np.int32(0)], RNG)
    assert np.isnan(loss)


def test_one_part_is_the_function_itself():
    assert _in_parts(1) is _noisy


def test_with_dropout_and_a_state_steps_repeat_to_the_bit():
    settings = {"model": with_dropout_and_state, "gradient_accumulation_steps": 3}
    one, other = new_trainer(**settings), new_trainer(steps_at_once=5, **settings)
    np.testing.assert_array_equal(run_fused(one, UNEVEN), run_fused(other, UNEVEN))
    for ours, theirs in zip(leaves_of(one), leaves_of(other), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def _compiled(trainer: Trainer, batch):
    return trainer._programs[trainer.stack(trainer.prepare([batch])).kind]


def test_a_transformers_step_takes_the_memory_of_a_part(tmp_path):
    folder = write_transformer(tmp_path / "bert", SMALL | {"max_position_embeddings": 64})
    encoder = Subwords.of_transformer(Vocabulary.build([]), str(folder))
    ids = np.random.default_rng(0).integers(4, 30, (32, 64), dtype=np.int32)
    batch = type(BATCHES[0])(ids, ids[:, 0] % 2, np.ones(32, np.float32))
    takes = {}
    for n in (1, 4):
        trainer = new_trainer(
            lambda: TransformerClassifier().layers(encoder, 2), batch=batch, gradient_accumulation_steps=n
        )
        takes[n] = _compiled(trainer, batch).memory_analysis().temp_size_in_bytes
    assert takes[4] < 0.5 * takes[1], takes


def test_lazy_steps_make_no_copy_of_a_table():
    v = 50_000
    trainer = new_trainer(lambda: plain(v), lazy=True, gradient_accumulation_steps=3)
    assert _compiled(trainer, BATCHES[0]).memory_analysis().temp_size_in_bytes < v * D


def test_all_products_are_in_bfloat16_and_all_sums_in_float32():
    trainer = new_trainer(compute="bfloat16", gradient_accumulation_steps=3)
    model = trainer.model_with_loss
    weights, state = map(jax.tree_util.tree_leaves, (model.weights, model.state))
    traced = jax.make_jaxpr(trainer._step._value_and_gradient)(tuple(BATCHES[0]), weights, state, RNG)
    assert set(re.findall(r"(\w+)\[[\d,]*\] = dot_general\b", str(traced))) == {"bf16"}
    assert {each.dtype for each in traced.out_avals} == {np.dtype(np.float32)}
    whole = new_trainer(compute="bfloat16")
    np.testing.assert_allclose(run_fused(trainer, BATCHES[:8]), run_fused(whole, BATCHES[:8]), rtol=0.02)


def test_parts_that_do_not_make_up_the_batch_are_refused():
    with pytest.raises(InputError, match=r"a batch of 6 rows doesn't fall into 4 equal parts; use 3 or 6"):
        new_trainer(gradient_accumulation_steps=4)


def test_a_run_with_length_pools_killed_and_resumed_has_the_bits_of_one_never_killed(tmp_path):
    settings = [f"load_corpus.source = {str(FIXTURES / 'moods.csv')!r}", "load_corpus.label_column = 'mood'"]
    settings += ["mean_classifier.d_embedding = 8", "mean_classifier.dropout = 0.3", "Recipe.length_pool = 4"]
    settings += ["Recipe.steps = 20", "Recipe.checkpoint_every = 5", "Recipe.eval_every = 20"]
    settings += ["Recipe.gradient_accumulation_steps = 4"]
    config = ROOT / "configs" / "mean.gin"
    with pytest.raises(Killed):
        train(config, settings, tmp_path / "killed", Killing(10))
    runs = [train(config, settings, tmp_path / name) for name in ("killed", "whole")]
    assert runs[0].weights.read_bytes() == runs[1].weights.read_bytes()
    assert "Recipe.gradient_accumulation_steps = 4" in runs[0].config.read_text()
