"""What a user should know before training: what a setting costs on such data, and which other would serve."""

import numpy as np

from sentiment.batching.samplers import BalancedSampler
from sentiment.corpora import Corpus
from sentiment.training.parts import Parts

SKEWED = 3  # times as many texts of the most frequent class as of the rarest


def advice(corpus: Corpus, parts: Parts) -> list[str]:
    """Returns what to say, a line each; usually nothing."""
    line = _on_skew(corpus, parts)
    return [line] if line else []


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
