"""What a run trains on and is evaluated on, as Trax's tasks."""

import itertools

import jax

from sentiment.batching.batches import Batches, is_soft
from sentiment.batching.samplers import OnePass
from sentiment.recipe.recipe import Recipe
from sentiment.training.parts import Parts
from sentiment.training.trained_model import BATCH_SIZE
from sentiment.trax_runtime import tl, training


def train_task(recipe: Recipe, parts: Parts) -> training.TrainTask:
    """Returns the training batches with the loss, the optimizer and its learning rates."""
    batches = Batches(parts.train, parts.sampler, recipe.buckets, recipe.form, parts.class_weights)
    return training.TrainTask(
        labeled_data=batches,
        loss_layer=recipe.loss.layer(soft=is_soft(parts.train.labels)),
        loss_name="CrossEntropyLoss",
        optimizer=parts.optimizer,
        lr_schedule=parts.rates,
        sample_batch=batches.batch(0),
    )


def eval_task(recipe: Recipe, parts: Parts) -> training.EvalTask:
    """Returns the validation split, every example once, with cross-entropy and accuracy."""
    batch_size = -(-BATCH_SIZE // jax.device_count()) * jax.device_count()
    one_pass = OnePass(len(parts.validation), batch_size)
    held_out = Batches(parts.validation, one_pass, recipe.buckets, recipe.form)
    return training.EvalTask(
        labeled_data=(held_out.batch(step) for step in itertools.cycle(range(one_pass.steps))),
        metrics=[tl.CrossEntropyLoss(), tl.Accuracy()],
        n_eval_batches=one_pass.steps,
        sample_batch=held_out.batch(0),
    )
