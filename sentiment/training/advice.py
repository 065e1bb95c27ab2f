"""What a user should know before training: what a setting costs on such data, and which other would serve."""

import numpy as np

from sentiment.batching.length_pools import LengthPools
from sentiment.batching.samplers import BalancedSampler
from sentiment.corpora import Corpus
from sentiment.recipe.number_of_steps import number_of_steps
from sentiment.recipe.recipe import Recipe
from sentiment.training.parts import Parts

UNEVEN = 1.5  # times as many texts of the most frequent class as of the rarest


def advice(corpus: Corpus, parts: Parts, recipe: Recipe) -> list[str]:
    """Returns what to say, a line each; usually nothing. `recipe` is the corpus's: its steps are a number."""
    return [line for line in (_on_steps(corpus, recipe), _on_skew(corpus, parts)) if line]


def _on_steps(corpus: Corpus, recipe: Recipe) -> str:
    n_texts = len(corpus.splits["train"])
    if not recipe.is_classifier or recipe.n_steps * recipe.batch_size >= n_texts:
        return ""
    asked = number_of_steps("auto", n_texts, len(corpus.label_names), recipe.batch_size)
    return (
        f"{recipe.n_steps:,} steps of {recipe.batch_size} texts don't come to each of {n_texts:,} once; for as many as "
        f"so many texts ask for, {asked:,}: --set \"Recipe.steps = 'auto'\""
    )


def _on_skew(corpus: Corpus, parts: Parts) -> str:
    counts = corpus.counts(corpus.splits["train"])
    most, least = int(counts.argmax()), int(np.where(counts, counts, counts.max()).argmin())
    sampler = parts.sampler.drawn_by if isinstance(parts.sampler, LengthPools) else parts.sampler
    told = parts.prior_shift is not None or isinstance(sampler, BalancedSampler)
    if not told or counts[most] < UNEVEN * counts[least]:
        return ""
    shares = counts / counts.sum()
    line = (
        f"classes are uneven: {corpus.label_names[most]} has {counts[most] / counts[least]:.1f} times the texts of "
        f"{corpus.label_names[least]} ({shares[most]:.1%} and {shares[least]:.1%}); training takes"
    )
    if parts.prior_shift is None:
        return f"{line} all alike, for the recall of rare classes; for accuracy: --set 'Recipe.sampler = @AutoSampler'"
    taken = shares * np.exp(-parts.prior_shift)
    return (
        f"{line} {taken[most]:.1%} and {taken[least]:.1%} and corrects probabilities for it at its end, for accuracy "
        "(validation figures until then aren't corrected); for the recall of rare classes: --set 'Recipe.sampler = "
        "@BalancedSampler', for classes as they come: @ShuffledSampler"
    )
