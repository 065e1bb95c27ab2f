"""What the JSON files of a run may hold: checked before anything is made of it, for a run may come from anybody.

Plain Python, since prediction runs where pydantic isn't installed; `sentiment.storage.manifest` reads the JSON.
"""

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from sentiment.errors import InputError

TASKS = ("classify", "multilabel", "next_token")

_MOST_OF_A_MODEL = 1 << 20  # ids, layers, values of a vector
_FEATURES: dict[str, dict[str, tuple[type, float, float]]] = {  # kind -> setting -> its type, least and largest value
    "Vocabulary": {},
    "FixedLength": {"length": (int, 1, 100_000)},
    "FilledTo": {"length": (int, 1, 100_000)},  # its name in run directories of before 2026-11-26
    "HashedNgrams": {
        **dict.fromkeys(("word_ngrams", "shortest", "longest"), (int, 1, 100)),
        "n_buckets": (int, 1, 1 << 30),
    },
    "Subwords": {
        **dict.fromkeys(
            ("length", "n_ids", "d_model", "n_layers", "n_heads", "d_hidden", "n_positions"),
            (int, 1, _MOST_OF_A_MODEL),
        ),
        "pad": (int, 0, _MOST_OF_A_MODEL),
        "epsilon": (float, 0, 1),
    },
}
_FLAGS = {"HashedNgrams": ("join_letters",)}  # runs from before 2026-11-26 have none
_MOST_LABELS, _LONGEST_LABEL = 10_000, 1_000
_LONGEST_BETWEEN = 10
_TEMPERATURES = _SLOPES = (1e-3, 1e3)  # those that are fitted lie between 1/20 and 20
_LARGEST_OFFSET = 1e3  # of log-odds
_MOST_CONSTRUCTIONS = 1e6
_MOST_FACTS = 20_000  # of `prediction.out_of_domain`
_LARGEST_SHIFT = 50.0  # nats: a class of one text in more than there can be


def does_task(task: object, wanted: str) -> bool:
    """Whether a run trained for `task` does `wanted`: "classify" stands for one label a text and for several."""
    return task == wanted or (wanted, task) == ("classify", "multilabel")


class SchemaError(ValueError):
    """What is wrong with a file, and where in it."""


def check_model(facts: Mapping[str, Any], path: Path) -> None:
    """Raises InputError unless these are the facts of a model.json: labels, task, preprocessing, features, corpus."""

    def check() -> None:
        required = ("task", "label_names", "preprocessor", "features", "additive", "corpus")
        _keys(facts, "", required, ("format", "reading", "labels_between", "teaching", "constructions"))
        _one_of(facts["task"], "task", TASKS)
        _labels(facts["label_names"])
        for name, value in _object(facts["preprocessor"], "preprocessor").items():
            _kind(value, f"preprocessor.{name}", str, bool)
        _kind(facts.get("reading", ""), "reading", str)
        _features(_object(facts["features"], "features"))
        _kind(facts["additive"], "additive", bool)
        between = facts.get("labels_between", ",")
        _kind(between, "labels_between", str)
        _text(between, "labels_between")
        if not 0 < len(between) <= _LONGEST_BETWEEN or (facts["task"] != "multilabel" and "labels_between" in facts):
            raise SchemaError(f"labels_between is {_shown(between)}, of the task {facts['task']!r}")
        corpus = _object(facts["corpus"], "corpus")
        _keys(corpus, "corpus.", ("name", "fingerprint"), corpus)
        _texts(corpus, "corpus")
        _texts(_object(facts.get("teaching", {}), "teaching"), "teaching")
        constructions = facts.get("constructions", 1)
        _kind(constructions, "constructions", int)
        _number(constructions, "constructions", 1, _MOST_CONSTRUCTIONS)

    _named(check, path)


def check_calibration(found: Mapping[str, Any], label_names: Collection[str], path: Path) -> None:
    """Raises InputError unless this is a calibration.json for these labels."""

    def check() -> None:
        _keys(found, "", ("temperature", "thresholds"), ("prior_shift", "out_of_domain"))
        _number(found["temperature"], "temperature", *_TEMPERATURES)
        if "prior_shift" in found:
            _prior_shift(found["prior_shift"], len(label_names))
        _thresholds(found["thresholds"], label_names)
        if "out_of_domain" in found:
            _out_of_domain(_object(found["out_of_domain"], "out_of_domain"))

    _named(check, path)


def check_decisions(found: Mapping[str, Any], label_names: Collection[str], path: Path) -> None:
    """Raises InputError unless this is a calibration.json for these labels, of which a text may have several."""

    def check() -> None:
        _keys(found, "", ("decisions", "thresholds"))
        decisions = _object(found["decisions"], "decisions")
        _keys(decisions, "decisions.", label_names)
        for label, decision in decisions.items():
            where = f"decisions.{label}"
            _keys(_object(decision, where), f"{where}.", ("slope", "offset", "threshold"))
            _number(decision["slope"], f"{where}.slope", *_SLOPES)
            _number(decision["offset"], f"{where}.offset", -_LARGEST_OFFSET, _LARGEST_OFFSET)
            _number(decision["threshold"], f"{where}.threshold", 0.0, 1.0)
        _thresholds(found["thresholds"], label_names)

    _named(check, path)


def check_metrics(metrics: Mapping[str, Any], path: Path) -> None:
    """Raises InputError unless this is a metrics.json: names and numbers, and the number of weights."""

    def check() -> None:
        _keys(metrics, "", ("steps", "n_weights"), metrics)
        for name in ("steps", "n_weights"):
            _kind(metrics[name], name, int)
        _numbers(metrics, "")

    _named(check, path)


def _named(check: Callable[[], None], path: Path) -> None:
    try:
        check()
    except SchemaError as error:
        raise InputError(f"{path}: {error}; restore the file or train again") from error


def _labels(labels: object) -> None:
    if not isinstance(labels, list) or not 2 <= len(labels) <= _MOST_LABELS:
        raise SchemaError(f"label_names is {_shown(labels)} instead of a list of 2 to {_MOST_LABELS:,} labels")
    for label in labels:
        _kind(label, "label_names", str)
        _text(label, "label_names")
        if not 0 < len(label) <= _LONGEST_LABEL:
            raise SchemaError(f"label_names: a label of {len(label):,} characters")
    if len(set(labels)) < len(labels):
        raise SchemaError("label_names: a label stands twice")


def _thresholds(thresholds: object, label_names: Collection[str]) -> None:
    for precision, by_label in _object(thresholds, "thresholds").items():
        where = f"thresholds.{precision}"
        _number(_as_float(precision, where), where, 0.0, 1.0)
        for label, threshold in _object(by_label, where).items():
            _one_of(label, where, label_names)
            _number(threshold, f"{where}.{label}", 0.0, 1.0)


def _out_of_domain(found: Mapping[str, Any]) -> None:
    _keys(found, "out_of_domain.", ("offset", "weights"))
    weights = found["weights"]
    if not isinstance(weights, list) or not 1 <= len(weights) <= _MOST_FACTS:
        raise SchemaError(f"out_of_domain.weights is {_shown(weights)} instead of a list of numbers")
    for each in (*weights, found["offset"]):
        _number(each, "out_of_domain", -_LARGEST_OFFSET, _LARGEST_OFFSET)


def _prior_shift(shift: object, n_classes: int) -> None:
    if not isinstance(shift, list) or len(shift) != n_classes:
        raise SchemaError(f"prior_shift is {_shown(shift)} instead of a list of {n_classes:,} numbers, one a label")
    for each in shift:
        _number(each, "prior_shift", -_LARGEST_SHIFT, _LARGEST_SHIFT)


def _features(features: Mapping[str, Any]) -> None:
    kind = features.get("kind")
    _kind(kind, "features.kind", str)
    _one_of(kind, "features.kind", _FEATURES)
    settings, flags = _FEATURES[str(kind)], _FLAGS.get(str(kind), ())
    _keys(features, "features.", ("kind", *settings), flags)
    for name in features.keys() & {*flags}:
        _kind(features[name], f"features.{name}", bool)
    for name, (number, least, most) in settings.items():
        _kind(features[name], f"features.{name}", number)
        _number(features[name], f"features.{name}", least, most)


def _keys(found: Mapping[str, Any], where: str, required: Iterable[str], optional: Iterable[str] = ()) -> None:
    required = tuple(required)
    for name in required:
        if name not in found:
            raise SchemaError(f"{where}{name} is missing")
    unknown = found.keys() - {*required, *optional}
    if unknown:
        raise SchemaError(f"{where}{min(unknown)!r:.60} is not known here")


def _object(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise SchemaError(f"{where} is {_shown(value)} instead of an object")
    return value


def _kind(value: object, where: str, *kinds: type) -> None:
    if type(value) not in kinds:  # True is no number here
        raise SchemaError(f"{where} is {_shown(value)} instead of {' or '.join(kind.__name__ for kind in kinds)}")


def _texts(found: Mapping[str, Any], where: str) -> None:
    for name, value in found.items():
        _kind(value, f"{where}.{name}", str)
        _text(value, f"{where}.{name}")


def _text(value: str, where: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise SchemaError(f"{where} holds half a character (a lone surrogate)") from error


def _one_of(value: object, where: str, known: Collection[str]) -> None:
    if value not in known:
        raise SchemaError(f"{where} is {_shown(value)} instead of one of {', '.join(known)[:100]}")


def _number(value: object, where: str, least: float, most: float) -> None:
    if type(value) not in (int, float) or not least <= value <= most:  # type: ignore[operator]  # NaN fails too
        raise SchemaError(f"{where} is {_shown(value)} instead of a number from {least:g} to {most:g}")


def _numbers(value: object, where: str) -> None:
    if isinstance(value, dict):
        for name, each in value.items():
            _numbers(each, f"{where}.{name}" if where else name)
        return
    _kind(value, where, int, float)
    if isinstance(value, float) and not math.isfinite(value) and not where.endswith("difference"):
        raise SchemaError(f"{where} is {value}")


def _as_float(text: str, where: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise SchemaError(f"{where!r:.60} names no precision") from error


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
