"""What a config selects: everything that a training run is made of, but for its corpus."""

import itertools
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from sentiment.batching.batches import Sampler, next_tokens
from sentiment.batching.samplers import AutoSampler, BalancedSampler, NotebookSampler, ShuffledSampler
from sentiment.config import Config, SettingError, configurable, read_config
from sentiment.corpora import Corpus, CorpusOptions, choose_corpus, load_corpus
from sentiment.corpora.kept_corpus import read_kept_corpus
from sentiment.encoding.encoder import Encoder
from sentiment.encoding.fixed_length import FixedLength
from sentiment.encoding.hashed_ngrams import HashedNgrams
from sentiment.encoding.subwords import Subwords
from sentiment.encoding.vocabulary import Vocabulary
from sentiment.errors import InputError
from sentiment.layers import L1L2, MaxNorm, NonNegative, UnitNorm
from sentiment.models import classifiers
from sentiment.models.architecture import Architecture
from sentiment.models.bag_classifier import BagClassifier
from sentiment.models.language_model import LstmLanguageModel
from sentiment.models.transformer import FrozenTransformerClassifier, TransformerClassifier
from sentiment.models.tweet_classifier import TweetClassifier
from sentiment.recipe.adamw import AdamW
from sentiment.recipe.distillation import Distillation
from sentiment.recipe.early_stopping import Stopping
from sentiment.recipe.learning_rate import Schedule
from sentiment.recipe.loss import Loss
from sentiment.recipe.microbatches import check_microbatches
from sentiment.recipe.number_of_steps import check_steps, number_of_steps
from sentiment.recipe.row_adagrad import RowAdagrad
from sentiment.recipe.variants import configs_folder
from sentiment.storage.run_directory import RunDirectory
from sentiment.text.preprocessor import Preprocessor
from sentiment.trax_runtime import optimizers, tl
from sentiment.vectors import load_vectors, spellings

_NAME = re.compile(r"\w[^/\\\0-\x1f]{0,99}")  # of a run's folder


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A training run's settings, given by gin (configs/base.gin says what each is).

    A setting with a default came later: runs from before it are what the default makes them.

    Attributes:
        name: of the variant; its runs' folders carry it.
        preprocessor: text -> tokens.
        stripped_copies: whether each training text that has emoticons comes a second time, without them.
        out_of_domain: whether a run of sentiments learns to tell texts in which there is nothing to judge, from those
            of `corpora.constructions`, and abstains from them.
        constructions: how many texts of each template and label of `corpora.constructions` a run of sentiments learns
            beside its corpus, 0 to 30.
        sentences: whether it also learns `corpora.constructions.sentences`: it then reads the plain sentences of
            others better.
        vocabulary: lists of tokens -> Vocabulary.
        features: Vocabulary -> what gives a text its ids (`HashedNgrams`); None: the vocabulary itself.
        sampler: (labels, batch_size, seed) -> the order of the training batches.
        batch_size: examples a step.
        gradient_accumulation_steps: in how many equal parts of a batch, one after another, its gradient is computed.
        buckets: the lengths to which batches are padded; empty: as long as the longest text in the batch.
        length_pool: how many batches are drawn at once and dealt out again by their texts' lengths, so that less is
            padding; 1: batches stay as they are drawn.
        task: "classify" texts into one class each; into any number of classes each, "multilabel", which `task_for`
            a corpus with such texts chooses by itself; or predict their "next_token".
        model: () -> Architecture, whose layers are made for an encoder, a number of classes and a mode.
        pretrained: a run whose embedding and recurrent layers the model begins with: its folder, or the name of a
            variant, whose newest run in runs/ is taken. None: none.
        loss: what is minimised.
        optimizer: () -> Trax optimizer.
        schedule: how its learning rate goes.
        clip_norm: gradients whose l2 norm, over all weights, is above it are shortened to it; None: none are.
        updates: "exact": each step updates every weight; "lazy": of embedding tables only the batch's rows.
        compute: in what matrix products and convolutions are computed in training; all else is in "float32".
        steps: how many steps to train; "auto": as many as the number of texts and classes asks for (`sized`);
            "4 epochs": so many passes over the training texts; "3 to 5 epochs": of few texts more than of many.
        stopping: when to stop before, and which weights to keep.
        other_language: the config that is trained instead where most of the training texts' words are unknown to the
            model's vectors and lexicon; None: none.
        eval_every: steps between evaluations on the whole validation split.
        checkpoint_every: steps between checkpoints.
        seed: of the weights, the order of batches and dropout; 0 to 2**31 - 1.
    """

    name: str
    preprocessor: Preprocessor
    stripped_copies: bool = False
    out_of_domain: bool = False
    constructions: int = 0
    sentences: bool = False
    vocabulary: Callable[..., Vocabulary]
    features: Callable[..., Encoder] | None = None
    sampler: Callable[..., Sampler]
    batch_size: int
    gradient_accumulation_steps: int = 1
    buckets: tuple[int, ...]
    length_pool: int = 1
    task: Literal["classify", "multilabel", "next_token"] = "classify"
    model: Callable[[], Architecture]
    pretrained: str | None = None
    loss: Loss = field(default_factory=Loss)
    optimizer: Callable[..., object]
    schedule: Schedule = field(default_factory=Schedule)
    clip_norm: float | None = None
    updates: Literal["exact", "lazy"] = "exact"
    compute: Literal["float32", "bfloat16"] = "float32"
    steps: int | str
    stopping: Stopping = field(default_factory=Stopping)
    other_language: str | None = None
    eval_every: int
    checkpoint_every: int
    seed: int

    def __post_init__(self):
        if not _NAME.fullmatch(self.name):
            raise SettingError(f"Recipe.name = {self.name!r}: must do as a folder's name: no slash, no dot in front")
        for name in ("batch_size", "length_pool", "steps", "eval_every", "checkpoint_every"):
            value = getattr(self, name)
            if isinstance(value, str):
                check_steps(value)
            elif value < 1:
                raise SettingError(f"Recipe.{name} = {value}: must be 1 or more")
        check_microbatches(self.gradient_accumulation_steps, self.batch_size)
        if self.clip_norm is not None and not self.clip_norm > 0:
            raise SettingError(f"Recipe.clip_norm = {self.clip_norm}: must be above 0, or None")
        if self.task == "next_token" and self.loss.class_weights is not None:
            raise SettingError("Loss.class_weights: a language model predicts tokens, not classes; set it to None")
        if not 0 <= self.seed < 2**31:  # what NumPy's and JAX's generators both take
            raise SettingError(f"Recipe.seed = {self.seed}: must be 0 to {2**31 - 1}")
        if list(self.buckets) != sorted(set(self.buckets)) or any(bucket < 1 for bucket in self.buckets):
            raise SettingError(f"Recipe.buckets = {self.buckets}: must be lengths of 1 or more, ascending")

    def sized(self, n_texts: int, n_classes: int) -> "Recipe":
        """Returns the recipe with `steps` a number, for so many training texts in so many classes."""
        if isinstance(self.steps, int):
            return self
        return replace(self, steps=number_of_steps(self.steps, n_texts, n_classes, self.batch_size))

    def task_for(self, corpus: Corpus) -> Literal["classify", "multilabel", "next_token"]:
        """Returns the task that a corpus asks for: "multilabel" in place of "classify" where texts have several labels.

        Raises:
            InputError: no text of it may have several labels, and the task is "multilabel".
        """
        if self.task == "multilabel" and not corpus.several:
            raise InputError(
                f"Recipe.task = 'multilabel': no text of {corpus.name} has several labels; say with --labels-between "
                "what stands between them, or leave the task out"
            )
        return "multilabel" if self.task == "classify" and corpus.several else self.task

    @property
    def n_steps(self) -> int:
        """How many steps to train, of a recipe that is `sized`."""
        assert isinstance(self.steps, int), "its corpus is not known yet"
        return self.steps

    @property
    def several(self) -> bool:
        """Whether a text may have several classes."""
        return self.task == "multilabel"

    @property
    def is_classifier(self) -> bool:
        """Whether texts get classes, and there is something to export and to calibrate."""
        return self.task != "next_token"

    def layers(self, encoder: Encoder, n_classes: int, mode: str = "train") -> tl.Serial:
        """Returns the model's layers, as `Architecture.layers` says."""
        return self.model().layers(encoder, n_classes, mode, self.several)

    def encoder(self, vocabulary: Vocabulary) -> Encoder:
        """Returns what gives tokens the ids that the model takes."""
        return vocabulary if self.features is None else self.features(vocabulary)

    @property
    def form(self):
        """What becomes of a padded batch before the model sees it (see `Batches`)."""
        return next_tokens if self.task == "next_token" else None


configurable(Recipe)


def _load_corpus(
    source: str = "auto",
    text_column: str | None = None,
    label_column: str | None = None,
    seed: int = 0,
    options: CorpusOptions | None = None,
) -> Corpus:
    # What a config can say of a corpus, by the names that the configs of all runs have.
    return load_corpus(source, text_column, label_column, seed, options)


configurable(_load_corpus, "load_corpus")
_SAMPLERS = (AutoSampler, BalancedSampler, NotebookSampler, ShuffledSampler)
_PARTS = (AdamW, CorpusOptions, Distillation, Preprocessor, FixedLength, HashedNgrams, Loss, RowAdagrad, Schedule)
for _part in (*_SAMPLERS, *_PARTS, Stopping, L1L2, MaxNorm, UnitNorm, NonNegative):
    configurable(_part)
_MODELS: dict[str, type[Architecture]] = {
    "notebook_classifier": classifiers.NotebookClassifier,
    "mean_classifier": classifiers.MeanClassifier,
    "recurrent_classifier": classifiers.RecurrentClassifier,
    "cnn_classifier": classifiers.CnnClassifier,
    "attention_classifier": classifiers.AttentionClassifier,
    "bag_classifier": BagClassifier,
    "tweet_classifier": TweetClassifier,
    "lstm_language_model": LstmLanguageModel,
    "transformer_classifier": TransformerClassifier,
    "frozen_transformer_classifier": FrozenTransformerClassifier,
}
for _name, _architecture in _MODELS.items():
    configurable(_architecture, _name)
configurable(Vocabulary.build, "Vocabulary")
configurable(Subwords.of_transformer, "Subwords")
for _optimizer in ("Adafactor", "Adam", "Momentum", "RMSProp", "SGD", "SM3"):
    configurable(getattr(optimizers, _optimizer), module="trax.optimizers")
configurable(FixedLength, "FilledTo")  # its name in the configs of runs from before 2026-11-26


@configurable
def vectors_vocabulary(
    token_lists: Iterable[Iterable[str]],
    vectors: str | tuple[str, ...] = "glove.6B.50d",
    max_size: int | None = None,
    training_first: bool = False,
    emoji: bool = False,
    n_stretched: int = 0,
) -> Vocabulary:
    """Returns the words of pre-trained vectors: the model then knows those that no training text holds.

    Args:
        token_lists: the tokens of the training texts.
        vectors: whose words; of several sources one after the other.
        max_size: most entries, the three special ones included; None: all.
        training_first: whether the training texts' own tokens come before them, the most frequent first.
        emoji: whether emoji come next, which `matrix_for` knows by their names.
        n_stretched: how many stretched forms ("goood") of the most frequent words come before them: of the training
            texts' own, then of the last source's.
    """
    names = (vectors,) if isinstance(vectors, str) else vectors
    own = Vocabulary.build(token_lists if training_first else [], order="count").tokens[len(Vocabulary.SPECIAL) :]
    *lexicons, last = [load_vectors(name).store for name in names]
    added = itertools.islice(spellings.stretched(itertools.chain(own, last.words())), n_stretched)
    sources = [own, spellings.emoji() if emoji else (), *(each.words() for each in lexicons), added, last.words()]
    return Vocabulary.build(sources, max_size=max_size)


def read_recipe(path: str | Path, bindings: Sequence[str] = ()) -> Recipe:
    """Returns the recipe of a gin file, with bindings such as `Recipe.steps = 200` on top.

    Raises:
        InputError: as `read_config` does; or a setting is missing or of the wrong type.
    """
    return read_config(path, bindings, configs_folder()).make("Recipe")


def read_corpus(config: Config) -> tuple[Corpus, str]:
    """Loads the corpus that a config names by `load_corpus.source`, or that its run has kept.

    Returns:
        The corpus, and, where the config leaves the choice to us ("auto"), a line that says what was chosen and why.
        The choice becomes part of the config, so that a run repeats with the corpus that it was trained on.

    Raises:
        InputError: the config names none, and is of no run that has kept its own; or the corpus can't be had, or can't
            be used.
    """
    reason = ""
    source = config.get("load_corpus", "source")
    if source is None:
        run = RunDirectory.of_config(config.path)
        if run and run.kept_corpus.exists():
            return read_kept_corpus(run.kept_corpus), reason
        lost = f", and {run.kept_corpus}, which had it, is gone" if run else ""
        raise InputError(
            f"{config.path}: load_corpus.source names no corpus, as where a program gave it{lost}: name one with "
            "--corpus (of a file, --text and --label name the columns)"
        )
    if source == "auto":
        name, reason = choose_corpus()
        config.bind("load_corpus", "source", name)
    return config.make("load_corpus"), reason
