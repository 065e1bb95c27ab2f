"""Records as annotation tools export them, made plain: what was chosen for a text becomes its label.

Of Label Studio's JSON and Prodigy's JSON lines. (Doccano's, and Label Studio's CSV and JSON-MIN, are plain already.)
"""

from collections import Counter
from typing import Any, TypeGuard

_VALUES = ("choices", "rating")  # of Label Studio's controls: those that say something of a whole text


def plain(record: Any) -> Any:
    """Returns the record that an annotation tool's record stands for; any other record as it is.

    Of Label Studio: the task's `data`, and a column for each control, by its name, as in its CSV export. What most
    annotations say counts, or those alone that are marked as the truth; where as many say something else, there is no
    label, and none where a task was skipped.

    Of Prodigy: `label`, or what was chosen of its options, where the answer is "accept"; else there is no label.
    """
    if not isinstance(record, dict):
        return record
    annotations = record.get("annotations", record.get("completions"))
    if isinstance(record.get("data"), dict) and _of_label_studio(annotations):
        return record["data"] | _agreed(annotations)
    if record.get("answer") in ("accept", "reject", "ignore") and ("_task_hash" in record or "_input_hash" in record):
        return _of_prodigy(record)
    return record


def _of_label_studio(annotations: Any) -> TypeGuard[list[dict[str, Any]]]:
    return isinstance(annotations, list) and all(
        isinstance(each, dict) and isinstance(each.get("result"), list) for each in annotations
    )


def _agreed(annotations: list[dict[str, Any]]) -> dict[str, Any]:
    given = [each for each in annotations if not each.get("was_cancelled")]
    given = [each for each in given if each.get("ground_truth")] or given
    votes: dict[str, Counter[tuple]] = {}
    for each in given:
        for name, labels in _chosen(each["result"]).items():
            votes.setdefault(name, Counter())[tuple(labels)] += 1
    return {name: _winner(counts) for name, counts in votes.items()}


def _chosen(result: list[Any]) -> dict[str, list[Any]]:
    """Returns what an annotation says: a control's name -> labels, in one order whichever was clicked first."""
    found: dict[str, list[Any]] = {}
    for part in result:
        value = part.get("value") if isinstance(part, dict) else None
        kind = next((kind for kind in _VALUES if isinstance(value, dict) and kind in value), None)
        if kind is None or value is None:
            continue
        labels = value[kind] if isinstance(value[kind], list) else [value[kind]]
        own = found.setdefault(str(part.get("from_name", "label")), [])
        own.extend(label for label in labels if isinstance(label, str | int | float))
    return {name: sorted(labels, key=str) for name, labels in found.items()}


def _winner(votes: Counter[tuple]) -> Any:
    (labels, count), *others = votes.most_common(2)
    if others and others[0][1] == count:
        return None
    return _one_or_all(list(labels))


def _of_prodigy(record: dict[str, Any]) -> dict[str, Any]:
    rest = {key: value for key, value in record.items() if key not in ("answer", "accept", "options", "label")}
    label = record.get("accept", record.get("label")) if record["answer"] == "accept" else None
    return rest | {"label": _one_or_all(label)}


def _one_or_all(labels: Any) -> Any:
    return labels[0] if isinstance(labels, list) and len(labels) == 1 else labels
