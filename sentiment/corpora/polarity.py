"""What the usual names of sentiment labels mean."""

_POLARITY = {"negative": -1, "neg": -1, "neutral": 0, "neu": 0, "positive": 1, "pos": 1}


def polarity(label_name: str) -> int | None:
    """Returns -1, 0 or 1 for a label called negative, neutral or positive (neg, neu, pos); None for any other."""
    return _POLARITY.get(label_name.casefold())
