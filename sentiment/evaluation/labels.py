"""A corpus's labels -> a model's, so that a model can be evaluated on a corpus that it wasn't trained on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from sentiment.corpora.labels import listed
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

    A label that the model doesn't have is a class of its own, which no answer gets right. Only where the model has none
    of the labels is that an error: the two then mean the same by other names, or have nothing in common.

    Args:
        corpus, corpus_labels: the corpus's name, for messages, and its labels.
        model_labels: the model's.
        given: corpus label -> model label, or "" to leave its examples out.
        neutral: what to do where only one side has a neutral class. "drop" leaves neutral examples out, and takes the
            probability of neutral from the model. "keep" counts the former as errors, and a neutral answer as well.

    Raises:
        InputError: a given label isn't there, or the model has none of the corpus's labels.
    """
    given = dict(given or {})
    _check_given(corpus, corpus_labels, model_labels, given)
    uses = {name: _use(name, model_labels, given, neutral) for name in corpus_labels}
    strange = _strange(corpus, uses, model_labels)
    notes = [use.note for use in uses.values() if use.note]
    names = list(model_labels)
    scored = {use.scored_as for use in uses.values()}
    alone = [name for name in model_labels if polarity(name) == 0 and name not in scored]
    if neutral == "drop" and alone:
        names.remove(alone[0])
        notes.append(f"the model's {alone[0]} set aside, for {corpus} has none (--neutral keep counts it as an error)")
    if missing := [name for name in names if name not in scored]:
        notes.append(f"{corpus} has no text of {listed(missing)}")
    names += strange
    place: dict[str | None, int] = {name: number for number, name in enumerate(names)} | {None: LEFT_OUT}
    of_corpus = np.array([place[uses[name].scored_as] for name in corpus_labels])
    of_model = np.array([place.get(name, LEFT_OUT) for name in model_labels])
    return LabelMap(tuple(names), of_corpus, of_model, tuple(notes))


class _Use(NamedTuple):
    """What becomes of a corpus's label: the class that its texts are scored as (None: they are left out), and why."""

    scored_as: str | None
    note: str = ""


def _strange(corpus: str, uses: Mapping[str, _Use], model_labels: Sequence[str]) -> list[str]:
    """Returns the labels that the model doesn't have. Raises InputError where it has none of the corpus's."""
    strange = [name for name, use in uses.items() if use.scored_as == name and name not in model_labels]
    if strange and not any(use.scored_as in model_labels for use in uses.values()):
        raise InputError(
            f"{corpus}: label {strange[0]!r} was never seen in training, nor another of its labels; the model knows "
            f"{listed(model_labels)}: give --map '{strange[0]}=LABEL', or --map '{strange[0]}=' to leave its texts out"
        )
    return strange


def _use(name: str, model_labels: Sequence[str], given: Mapping[str, str], neutral: Neutral) -> _Use:
    if name in given:
        return _Use(given[name], f"label {name} taken for {given[name]}") if given[name] else _left_out(name)
    if name in model_labels:
        return _Use(name)
    folded, meaning = _folded(name), polarity(name)
    for label in model_labels:
        if _folded(label) == folded or (meaning is not None and polarity(label) == meaning):
            return _Use(label, f"label {name} taken for {label}")
    lacks_neutral = meaning == 0 and any(polarity(label) for label in model_labels)
    if lacks_neutral and neutral == "drop":
        return _left_out(name, ", for the model has none (--neutral keep counts them as errors)")
    remedy = "--neutral drop leaves" if lacks_neutral else f"--map '{name}=LABEL' maps it, --map '{name}=' leaves"
    return _Use(name, f"label {name} counted as errors, for the model has none ({remedy} them out)")


def _left_out(name: str, why: str = "") -> _Use:
    return _Use(None, f"label {name} left out{why}")


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def _check_given(
    corpus: str, corpus_labels: Sequence[str], model_labels: Sequence[str], given: Mapping[str, str]
) -> None:
    for name, meant in given.items():
        if name not in corpus_labels:
            raise InputError(f"--map {name}: {corpus} has no such label; it has {listed(corpus_labels)}")
        if meant and meant not in model_labels:
            raise InputError(f"--map {name}={meant}: the model has no such label; it knows {listed(model_labels)}")
