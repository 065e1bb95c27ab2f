"""What a user should know before training: what a setting costs on such data, and which other would serve."""

from collections.abc import Iterator

import numpy as np

from sentiment.batching.samplers import BalancedSampler
from sentiment.corpora import Corpus
from sentiment.layers import Committee, Ensemble, KnownAndLearned
from sentiment.training.parts import Parts
from sentiment.trax_runtime import tl

SKEWED = 3  # times as many texts of the most frequent class as of the rarest
MOSTLY = 0.5  # of the words


def advice(corpus: Corpus, parts: Parts) -> list[str]:
    """Returns what to say, a line each; usually nothing."""
    return [line for line in (_on_skew(corpus, parts), _on_language(parts)) if line]


def _on_skew(corpus: Corpus, parts: Parts) -> str:
    counts = corpus.counts(corpus.splits["train"])
    most, least = int(counts.argmax()), int(np.where(counts, counts, counts.max()).argmin())
    if not isinstance(parts.sampler, BalancedSampler) or counts[most] < SKEWED * counts[least]:
        return ""
    return (
        f"classes are skewed: {corpus.label_names[most]} has {counts[most] / counts[least]:.1f} times the texts of "
        f"{corpus.label_names[least]}; batches take all classes alike, which helps rare ones and costs accuracy; "
        "--set 'Recipe.sampler = @ShuffledSampler' takes texts as they come"
    )


def _on_language(parts: Parts) -> str:
    ids = parts.train.ids[:-1]
    for layer in _known_and_learned(parts.model):
        is_known = np.asarray(layer.known.any(axis=1))
        unknown = 1 - float(is_known[ids].mean()) if len(ids) else 0.0
        if unknown > MOSTLY:
            return (
                f"{unknown:.0%} of the words are in neither the vectors nor the lexicon, which are English: "
                "--config ngrams, which goes by characters too, may serve better"
            )
    return ""


def _known_and_learned(layer: tl.Layer) -> Iterator[KnownAndLearned]:
    if isinstance(layer, KnownAndLearned):
        yield layer
    inner = layer.kinds if isinstance(layer, Committee | Ensemble) else layer.sublayers
    for each in inner or ():
        yield from _known_and_learned(each)
