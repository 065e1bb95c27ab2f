"""What the usual names of sentiment labels mean."""

from collections.abc import Sequence

_POLARITY = {"negative": -1, "neg": -1, "neutral": 0, "neu": 0, "positive": 1, "pos": 1}


def polarity(label_name: str) -> int | None:
    """Returns -1, 0 or 1 for a label called negative, neutral or positive (neg, neu, pos); None for any other."""
    return _POLARITY.get(label_name.casefold())


def labels_by_polarity(label_names: Sequence[str]) -> dict[int | None, int] | None:
    """Returns the number of the label of each polarity that there is, -1 and 1 and perhaps 0.

    None unless there are a negative and a positive label, and none but neutral beside them.
    """
    labels = {polarity(name): label for label, name in enumerate(label_names)}
    return labels if {-1, 1} <= set(labels) <= {-1, 0, 1} else None
