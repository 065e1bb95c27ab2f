"""A corpus's training and validation texts as ids: encoded here, or mapped from the shards of a prepared corpus."""

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sentiment.batching.batches import Examples
from sentiment.config import build
from sentiment.corpora import Corpus
from sentiment.corpora.prepared_folder import PreparedCorpus
from sentiment.encoding.encoder import Encoder
from sentiment.encoding.vocabulary import Vocabulary
from sentiment.errors import InputError
from sentiment.layers import check_ids
from sentiment.recipe.recipe import Recipe
from sentiment.text.tokenised import Tokenised
from sentiment.training.prepared_examples import training_examples, validation_examples
from sentiment.training.tokenise import tokenise


class EncodedCorpus(NamedTuple):
    """A corpus's vocabulary, what gives its tokens their ids, and the texts of two splits.

    Attributes:
        rows: <int64>[n_examples] the corpus's row that each training example is made of.
        labels: of the training examples, by which they are sampled: `train.labels`, or what these are taught beside.
    """

    vocabulary: Vocabulary
    encoder: Encoder
    train: Examples
    rows: np.ndarray
    validation: Examples
    labels: np.ndarray


def encode_corpus(recipe: Recipe, corpus: Corpus, given: Vocabulary | None, config: str | Path) -> EncodedCorpus:
    """Encodes a corpus.

    Args:
        recipe: how.
        corpus: the texts.
        given: the vocabulary of the run that the model begins with, where there is one.
        config: what errors of settings name.

    Raises:
        InputError: the recipe's vocabulary or encoder can't be had, or is another than the prepared corpus's.
    """
    if isinstance(corpus, PreparedCorpus):
        return _mapped(recipe, corpus, given, config)
    tokens, rows = _training_tokens(recipe, corpus)
    labels, targets = _learned_of(recipe, corpus, rows)
    vocabulary = given if given is not None else build(lambda: recipe.vocabulary(tokens), config)
    encoder = build(lambda: recipe.encoder(vocabulary), config)
    texts, held_out_labels = corpus.split("validation")
    train = encoded(tokens, targets, encoder)
    held_out = encoded(tokenise(recipe.preprocessor, texts), _own_labels(recipe, held_out_labels), encoder)
    return EncodedCorpus(vocabulary, encoder, train, rows, held_out, labels)


def _mapped(recipe: Recipe, corpus: PreparedCorpus, given: Vocabulary | None, config: str | Path) -> EncodedCorpus:
    vocabulary = Vocabulary.load(corpus.folder.vocabulary)
    if given is not None and given != vocabulary:
        raise InputError(
            f"{corpus.folder.path}: its vocabulary isn't that of the run {recipe.pretrained}, with which the model "
            "begins: prepare another folder with this config"
        )
    labels, held_out_labels = (
        _own_labels(recipe, corpus.labels[corpus.splits[split]]) for split in ("train", "validation")
    )
    train, rows = training_examples(corpus, labels)
    encoder = build(lambda: recipe.encoder(vocabulary), config)
    held_out = validation_examples(corpus, held_out_labels)
    return EncodedCorpus(vocabulary, encoder, train, rows, held_out, train.labels)


def encoded(tokens: Tokenised, labels: np.ndarray, encoder: Encoder) -> Examples:
    """Returns texts as ids. Raises InputError where the encoder gives one that it doesn't count."""
    examples = Examples.encode(tokens, labels, encoder)
    check_ids(np.asarray(examples.ids), len(encoder), examples.starts)
    return examples


def _own_labels(recipe: Recipe, labels: np.ndarray) -> np.ndarray:
    """Returns labels as they are; to a language model several labels a text are as good as none."""
    return labels if recipe.is_classifier or labels.ndim == 1 else np.zeros(len(labels), np.int32)


def _training_tokens(recipe: Recipe, corpus: Corpus) -> tuple[Tokenised, np.ndarray]:
    """Returns the tokens of the training examples, and <int64>[n_examples] the corpus's row that each is made of."""
    texts, rows = corpus.split("train")[0], corpus.splits["train"]
    tokens = tokenise(recipe.preprocessor, texts)
    if not recipe.stripped_copies:
        return tokens, rows
    stripped = tokenise(replace(recipe.preprocessor, emoticons="drop"), texts)
    changed = [row for row, (own, copy) in enumerate(zip(tokens, stripped, strict=True)) if own != copy]
    copies = Tokenised.of(stripped[row] for row in changed)
    return Tokenised.joined([tokens, copies]), np.concatenate([rows, rows[changed]])


def _learned_of(recipe: Recipe, corpus: Corpus, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns rows' labels, by which they are sampled, and what is learned of them: the same, or what is taught."""
    labels = _own_labels(recipe, corpus.labels[rows])
    if corpus.teaching is None or not recipe.is_classifier:
        return labels, labels
    return labels, corpus.teaching.answers[rows]
