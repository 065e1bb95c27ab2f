"""A corpus's labels -> a model's, so that a model can be evaluated on a corpus that it wasn't trained on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sentiment.corpora.polarity import polarity
from sentiment.errors import InputError

LEFT_OUT = -1
Neutral = Literal["drop", "keep"]


@dataclass(frozen=True)
class LabelMap:
    """Which classes are scored, and what becomes of a corpus's labels and of a model's.

    Attributes:
        label_names: the scored classes.
        of_corpus: <int64>[n corpus labels] the scored class of each, or `LEFT_OUT`.
        of_model: <int64>[n model labels] the scored class of each, or `LEFT_OUT`: its probability goes to the others.
        notes: in words, where it isn't one to one.
    """

    label_names: tuple[str, ...]
    of_corpus: np.ndarray
    of_model: np.ndarray
    notes: tuple[str, ...]

    def scored(self, probabilities: np.ndarray) -> np.ndarray:
        """Returns <float64>[n, n scored classes] of a model's <float>[n, n model labels]; rows sum to 1 again."""
        kept = np.flatnonzero(self.of_model != LEFT_OUT)
        scored = np.zeros((len(probabilities), len(self.label_names)))
        scored[:, self.of_model[kept]] = probabilities[:, kept]
        return scored / scored.sum(axis=1, keepdims=True)


def map_labels(
    corpus: str,
    corpus_labels: Sequence[str],
    model_labels: Sequence[str],
    given: Mapping[str, str] | None = None,
    neutral: Neutral = "drop",
) -> LabelMap:
    """Maps labels by what is given, else by equal names, else by what they mean ("pos" is "positive").

    Args:
        corpus: the corpus's name, for messages.
        corpus_labels: its labels.
        model_labels: the model's.
        given: corpus label -> model label, or "" to leave its examples out.
        neutral: what to do where only one side has a neutral class. "drop" leaves neutral examples out, and takes the
            probability of neutral from the model. "keep" counts the former as errors, and a neutral answer as well.

    Raises:
        InputError: a label that can't be mapped, or that isn't there.
    """
    given = dict(given or {})
    for name in set(given) - set(corpus_labels):
        raise InputError(f"--map {name}: {corpus} has no such label; it has {', '.join(corpus_labels)}")
    meant = {name: _meant(corpus, name, model_labels, given) for name in corpus_labels}
    names, notes = list(model_labels), [f"label {name} taken for {m}" for name, m in meant.items() if m and m != name]
    notes += [f"label {name} left out" for name, m in meant.items() if m == ""]
    alone = [name for name in model_labels if polarity(name) == 0 and name not in meant.values()]
    if neutral == "drop" and alone:
        names.remove(alone[0])
        notes.append(f"the model's {alone[0]} set aside, for {corpus} has none (--neutral keep counts it as an error)")
    for name in (name for name, m in meant.items() if m is None):
        keeps = neutral == "keep"
        names += [name] if keeps else []
        notes.append(f"label {name} {'counted as errors' if keeps else 'left out'}, for the model has none "
                     f"(--neutral {'drop leaves them out' if keeps else 'keep counts them as errors'})")  # fmt: skip
        meant[name] = name if keeps else ""
    place = {name: index for index, name in enumerate(names)} | {"": LEFT_OUT}
    of_corpus = np.array([place[meant[name]] for name in corpus_labels])
    of_model = np.array([place.get(name, LEFT_OUT) for name in model_labels])
    return LabelMap(tuple(names), of_corpus, of_model, tuple(notes))


def _meant(corpus: str, name: str, model_labels: Sequence[str], given: Mapping[str, str]) -> str | None:
    """Returns the model's label for one of the corpus, "" to leave it out, None for a neutral that the model lacks."""
    known = ", ".join(model_labels)
    if name in given:
        if given[name] and given[name] not in model_labels:
            raise InputError(f"--map {name}={given[name]}: the model has no such label; it knows {known}")
        return given[name]
    if name in model_labels:
        return name
    same = [label for label in model_labels if polarity(name) is not None and polarity(label) == polarity(name)]
    if same:
        return same[0]
    if polarity(name) == 0 and any(polarity(label) for label in model_labels):
        return None
    raise InputError(
        f"{corpus}: label {name!r} was never seen in training; the model knows {known}: "
        f"give --map '{name}=LABEL', or --map '{name}=' to leave its texts out"
    )
