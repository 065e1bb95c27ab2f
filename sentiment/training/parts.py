"""A recipe applied to a corpus: all that training needs, built once."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sentiment.batches import Encoder, Examples, Sampler
from sentiment.config import SettingError, build
from sentiment.corpora import Corpus
from sentiment.layers import check_ids
from sentiment.recipe import Recipe
from sentiment.run_directory import find_run
from sentiment.training.pretrained import Pretrained
from sentiment.trax_runtime import tl
from sentiment.vocabulary import Vocabulary


@dataclass(frozen=True)
class Parts:
    """What a run is made of; `train` and `validation` are the texts of those splits, encoded."""

    vocabulary: Vocabulary
    train: Examples
    validation: Examples
    sampler: Sampler
    model: tl.Serial
    eval_model: tl.Serial
    optimizer: object


def build_parts(recipe: Recipe, corpus: Corpus, config: str | Path) -> Parts:
    """Builds a run's parts.

    Raises:
        InputError: a setting of `config` is of the wrong type or can't be met by this corpus.
    """

    def made(what: Callable):
        return build(what, config)

    texts, labels = corpus.split("train")
    held_out, held_out_labels = corpus.split("validation")
    tokens = [recipe.preprocessor(text) for text in texts]
    pretrained = recipe.pretrained and Pretrained.load(find_run(recipe.pretrained), recipe.preprocessor)
    vocabulary = pretrained.vocabulary if pretrained else made(lambda: recipe.vocabulary(tokens))
    encoder = made(lambda: recipe.encoder(vocabulary))
    n_classes = len(corpus.label_names)
    model, eval_model = (made(lambda mode=mode: recipe.model(encoder, n_classes, mode)) for mode in ("train", "eval"))
    if pretrained:
        pretrained.give(model, recipe.seed)
    return Parts(
        vocabulary=vocabulary,
        train=_encoded(tokens, labels, encoder),
        validation=_encoded(map(recipe.preprocessor, held_out), held_out_labels, encoder),
        sampler=made(lambda: recipe.sampler(labels, recipe.batch_size, recipe.seed)),
        model=model,
        eval_model=eval_model,
        optimizer=made(lambda: _optimizer(recipe)),
    )


def _encoded(tokens, labels, encoder: Encoder) -> Examples:
    examples = Examples.encode(tokens, labels, encoder)
    check_ids(examples.ids, len(encoder), examples.starts)
    return examples


def _optimizer(recipe: Recipe):
    try:
        return recipe.optimizer()
    except TypeError as error:  # Trax's own configurables take any value, and make an array of it
        raise SettingError(f"the optimizer's parameters must be numbers ({error})") from error
