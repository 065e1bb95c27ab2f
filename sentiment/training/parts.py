"""A recipe applied to a corpus: all that training needs, built once."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sentiment.batching.batches import Examples, Sampler
from sentiment.batching.samplers import ShuffledSampler
from sentiment.config import SettingError, build
from sentiment.corpora import Corpus
from sentiment.encoding.encoder import Encoder
from sentiment.encoding.vocabulary import Vocabulary
from sentiment.export import check_exportable
from sentiment.layers import BagScores, check_ids
from sentiment.recipe.recipe import Recipe
from sentiment.storage.run_directory import find_run
from sentiment.training.warm_start import Pretrained
from sentiment.trax_runtime import optimizers, tl
from sentiment.vectors import WordList


@dataclass(frozen=True)
class Parts:
    """What a run is made of.

    Attributes:
        vocabulary: of the training texts, or of the run that the model begins with.
        train, validation: the texts of those splits, encoded.
        sampler: of the training batches.
        class_weights: <float32>[n_classes] what a training example of each class weighs; None: 1.
        model, eval_model: for training, and for anything else.
        optimizer: of the training steps.
        rates: step, from 1 -> learning rate.
    """

    vocabulary: Vocabulary
    encoder: Encoder
    train: Examples
    validation: Examples
    sampler: Sampler
    class_weights: np.ndarray | None
    model: tl.Serial
    eval_model: tl.Serial
    optimizer: optimizers.base.Optimizer
    rates: Callable[[int], float]

    @property
    def known_share(self) -> float | None:
        """The share (0 to 1) of the validation texts' tokens that the vocabulary has; None where ids stand for more."""
        tokens = self.validation.ids[:-1]
        tokens = tokens[tokens != Vocabulary.END]  # with which `FixedLength` fills texts up
        if not isinstance(self.encoder, WordList) or not len(tokens):
            return None
        return float(np.mean(tokens != Vocabulary.UNKNOWN))


def build_parts(recipe: Recipe, corpus: Corpus, config: str | Path) -> Parts:
    """Builds a run's parts.

    Raises:
        InputError: a setting of `config` is of the wrong type or can't be met by this corpus.
    """

    def made(what: Callable):
        return build(what, config)

    tokens, labels = _training_tokens(recipe, corpus)
    held_out, held_out_labels = _labelled(recipe, corpus, "validation")
    pretrained = recipe.pretrained and Pretrained.load(find_run(recipe.pretrained), recipe.preprocessor)
    vocabulary = pretrained.vocabulary if pretrained else made(lambda: recipe.vocabulary(tokens))
    encoder = made(lambda: recipe.encoder(vocabulary))
    model, eval_model = made(lambda: _models(recipe, encoder, len(corpus.label_names)))
    train = _encoded(tokens, labels, encoder)
    for layer in model.sublayers:
        if isinstance(layer, BagScores):
            layer.weigh(train.ids, train.starts)
    if pretrained:
        pretrained.give(
            model, corpus.label_names, lambda n_classes: recipe.layers(encoder, n_classes, "eval"), recipe.seed
        )
    # Of texts with several classes no batch can hold as many of each: they are taken as they come.
    new_sampler = ShuffledSampler if recipe.several else recipe.sampler
    sampler = made(lambda: new_sampler(labels, recipe.batch_size, recipe.seed))
    optimizer = made(lambda: _optimizer(recipe))
    return Parts(
        vocabulary=vocabulary,
        encoder=encoder,
        train=train,
        validation=_encoded(map(recipe.preprocessor, held_out), held_out_labels, encoder),
        sampler=sampler,
        class_weights=made(lambda: _class_weights(recipe, sampler, labels, corpus.label_names)),
        model=model,
        eval_model=eval_model,
        optimizer=optimizer,
        rates=made(lambda: recipe.schedule.rates(float(optimizer.opt_params["learning_rate"]), recipe.n_steps)),
    )


def _models(recipe: Recipe, encoder: Encoder, n_classes: int) -> tuple[tl.Serial, tl.Serial]:
    model, eval_model = (recipe.layers(encoder, n_classes, mode) for mode in ("train", "eval"))
    if recipe.is_classifier:
        check_exportable(eval_model)  # now, and not when training is over
    return model, eval_model


def _labelled(recipe: Recipe, corpus: Corpus, split: str) -> tuple[list[str], np.ndarray]:
    """Returns a split's texts and labels; to a language model several labels a text are as good as none."""
    texts, labels = corpus.split(split)
    return texts, labels if recipe.is_classifier or labels.ndim == 1 else np.zeros(len(texts), np.int32)


def _training_tokens(recipe: Recipe, corpus: Corpus) -> tuple[list[list[str]], np.ndarray]:
    texts, labels = _labelled(recipe, corpus, "train")
    tokens = [recipe.preprocessor(text) for text in texts]
    if not recipe.stripped_copies:
        return tokens, labels
    stripped = map(replace(recipe.preprocessor, emoticons="drop"), texts)
    copies = {row: copy for row, copy in enumerate(stripped) if copy != tokens[row]}
    return [*tokens, *copies.values()], np.concatenate([labels, labels[list(copies)]])


def _encoded(tokens, labels, encoder: Encoder) -> Examples:
    examples = Examples.encode(tokens, labels, encoder)
    check_ids(examples.ids, len(encoder), examples.starts)
    return examples


def _optimizer(recipe: Recipe) -> optimizers.base.Optimizer:
    try:
        optimizer: optimizers.base.Optimizer = recipe.optimizer()
    except TypeError as error:  # Trax's own configurables take any value, and make an array of it
        raise SettingError(f"the optimizer's parameters must be numbers ({error})") from error
    if recipe.clip_norm is not None:
        optimizer._clip_grad_norm = recipe.clip_norm  # all of them clip, but not all take it when they are made
    return optimizer


def _class_weights(recipe: Recipe, sampler: Sampler, labels: np.ndarray, names: tuple[str, ...]) -> np.ndarray | None:
    if recipe.loss.class_weights == "balanced" and not isinstance(sampler, ShuffledSampler):
        raise SettingError(
            "Loss.class_weights = 'balanced': the batches are balanced already; set Recipe.sampler = @ShuffledSampler"
        )
    return recipe.loss.weights(labels, names)
