"""A recipe applied to a corpus: all that training needs, built once."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sentiment.batching.batches import Examples, Sampler
from sentiment.batching.length_pools import LengthPools
from sentiment.batching.samplers import AutoSampler, ShuffledSampler
from sentiment.config import SettingError, build
from sentiment.corpora import Corpus
from sentiment.corpora.constructions import with_and_without_opinions
from sentiment.encoding.encoder import Encoder
from sentiment.encoding.subwords import Subwords
from sentiment.encoding.vocabulary import Vocabulary
from sentiment.export import check_exportable
from sentiment.layers import BagScores
from sentiment.models.transformer import FrozenTransformerClassifier
from sentiment.recipe.recipe import Recipe
from sentiment.storage.runs import find_run
from sentiment.training.abstaining import Outliers
from sentiment.training.encoded_corpus import encode_corpus, encoded
from sentiment.training.frozen_features import Learned, frozen_features
from sentiment.training.tokenise import tokenise
from sentiment.training.warm_start import Pretrained
from sentiment.trax_runtime import optimizers, tl
from sentiment.vectors import WordList

_MOST_TRAINED = 1000  # training texts beside those with nothing to judge, to tell them apart
_NO_SHIFT = 1e-9  # of floating-point numbers alone


@dataclass(frozen=True)
class Parts(Learned):
    """What a run is made of.

    Attributes:
        corpus: what is learned: the run's own, and constructions after it (`beside_constructions`).
        vocabulary: of the training texts, or of the run that the model begins with.
        encoder: tokens -> ids.
        rows: <int64>[n_examples] the corpus's row that each training example is made of.
        held_out: the texts of the validation split, encoded.
        taught: of a corpus that is taught, texts that nothing learns, with the teachers' answers; None: there are none.
        own: from which the run learns to tell texts with nothing to judge; None: it doesn't.
        sampler: of the training batches.
        class_weights: <float32>[n_classes] what a training example of each class weighs; None: 1.
        prior_shift: <float64>[n_classes] log(share of the training texts / share of the training batches) of each
            class, where they differ and probabilities are to be the texts' (`AutoSampler`); None: they are taken as the
            batches teach them.
        optimizer: of the training steps.
        rates: step, from 1 -> learning rate.
    """

    corpus: Corpus
    vocabulary: Vocabulary
    encoder: Encoder
    rows: np.ndarray
    held_out: Examples
    taught: Examples | None
    own: Outliers | None
    sampler: Sampler
    class_weights: np.ndarray | None
    prior_shift: np.ndarray | None
    optimizer: optimizers.base.Optimizer
    rates: Callable[[int], float]

    @property
    def known_share(self) -> float | None:
        """The share (0 to 1) of the validation texts' tokens that the vocabulary has; None where ids stand for more."""
        tokens = self.held_out.ids[:-1]
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

    n_classes = len(corpus.label_names)
    pretrained = Pretrained.load(find_run(recipe.pretrained), recipe.preprocessor) if recipe.pretrained else None
    vocabulary, encoder, train, rows, held_out, labels = encode_corpus(
        recipe, corpus, pretrained.vocabulary if pretrained else None, config
    )
    learned = made(lambda: _learned(recipe, encoder, n_classes, train, held_out))
    if pretrained:
        pretrained.give(
            learned.model, corpus.label_names, lambda n_classes: recipe.layers(encoder, n_classes, "eval"), recipe.seed
        )
    # Of texts with several classes no batch can hold as many of each: they are taken as they come.
    new_sampler = ShuffledSampler if recipe.several else recipe.sampler
    sampler = made(lambda: new_sampler(labels, recipe.batch_size, recipe.seed))
    optimizer = made(lambda: _optimizer(recipe))
    return Parts(
        **vars(learned),
        corpus=corpus,
        vocabulary=vocabulary,
        encoder=encoder,
        rows=rows,
        held_out=held_out,
        taught=_taught(recipe, corpus, encoder),
        own=_own(recipe, corpus, encoder),
        sampler=_by_length(recipe, sampler, learned.train),
        class_weights=made(lambda: _class_weights(recipe, sampler, labels, corpus.label_names)),
        prior_shift=_prior_shift(recipe, sampler, corpus),
        optimizer=optimizer,
        rates=made(lambda: recipe.schedule.rates(float(optimizer.opt_params["learning_rate"]), recipe.n_steps)),
    )


def _learned(recipe: Recipe, encoder: Encoder, n_classes: int, train: Examples, held_out: Examples) -> Learned:
    architecture = recipe.model()
    if not isinstance(architecture, FrozenTransformerClassifier):
        model, eval_model = _models(recipe, encoder, n_classes)
        for layer in model.sublayers:
            if isinstance(layer, BagScores):
                layer.weigh(np.asarray(train.ids), train.starts)
        return Learned(train=train, validation=held_out, model=model, eval_model=eval_model)
    if recipe.pretrained or not recipe.is_classifier:
        raise SettingError("Recipe.pretrained: a frozen transformer has nothing to begin with; set it to None")
    return frozen_features(architecture, encoder, n_classes, recipe.several, train, held_out)


def _models(recipe: Recipe, encoder: Encoder, n_classes: int) -> tuple[tl.Serial, tl.Serial]:
    model, eval_model = (recipe.layers(encoder, n_classes, mode) for mode in ("train", "eval"))
    if recipe.is_classifier:
        check_exportable(eval_model)  # now, and not when training is over
    return model, eval_model


def _own(recipe: Recipe, corpus: Corpus, encoder: Encoder) -> Outliers | None:
    if not (recipe.out_of_domain and recipe.task == "classify" and isinstance(encoder, Vocabulary | Subwords)):
        return None
    texts = with_and_without_opinions(corpus.label_names)
    if texts is None:
        return None
    opinions, nothing = texts

    def examples(texts: list[str]) -> Examples:
        return encoded(tokenise(recipe.preprocessor, texts), np.zeros(len(texts)), encoder)

    rows = corpus.splits["train"]
    some = rows[:: -(-len(rows) // _MOST_TRAINED)]
    return Outliers(examples(opinions), examples(nothing), examples([corpus.texts[row] for row in some]))


def _taught(recipe: Recipe, corpus: Corpus, encoder: Encoder) -> Examples | None:
    rows = corpus.calibrating
    if corpus.teaching is None or not len(rows) or recipe.task != "classify":
        return None
    texts = tokenise(recipe.preprocessor, [corpus.texts[row] for row in rows])
    return encoded(texts, corpus.teaching.answers[rows], encoder)


def _optimizer(recipe: Recipe) -> optimizers.base.Optimizer:
    try:
        optimizer: optimizers.base.Optimizer = recipe.optimizer()
    except TypeError as error:  # Trax's own configurables take any value, and make an array of it
        raise SettingError(f"the optimizer's parameters must be numbers ({error})") from error
    if recipe.clip_norm is not None:
        optimizer._clip_grad_norm = recipe.clip_norm  # all of them clip, but not all take it when they are made
    return optimizer


def _by_length(recipe: Recipe, sampler: Sampler, train: Examples) -> Sampler:
    if recipe.length_pool == 1:
        return sampler
    return LengthPools(sampler, np.diff(train.starts), recipe.length_pool, recipe.seed)


def _class_weights(recipe: Recipe, sampler: Sampler, labels: np.ndarray, names: tuple[str, ...]) -> np.ndarray | None:
    if recipe.loss.class_weights == "balanced" and not isinstance(sampler, ShuffledSampler):
        raise SettingError(
            "Loss.class_weights = 'balanced': the batches are balanced already; set Recipe.sampler = @ShuffledSampler"
        )
    return recipe.loss.weights(labels, names)


def _prior_shift(recipe: Recipe, sampler: Sampler, corpus: Corpus) -> np.ndarray | None:
    if recipe.task != "classify" or not isinstance(sampler, AutoSampler):
        return None
    counts = corpus.counts(corpus.splits["train"])
    present = counts > 0
    shift = np.zeros(len(counts))
    shift[present] = np.log(counts[present] / counts.sum() / sampler.shares)
    return shift if np.abs(shift).max() > _NO_SHIFT else None
