"""Labels that may be no classes of their own: misspelt ones, and words for a label that is missing."""

import difflib
import re
import shlex
from collections import Counter

_MOST_LABELS = 100  # of more, nobody would read what may be misspelt
_RARE = 0.05  # of the rows of the label that is spelt like it
_ALIKE = 0.85  # difflib's ratio
_SHORTEST = 5  # characters: "joy" and "toy" are two words
# As programs and people write it; "none" may be a class.
_NOTHING = frozenset(("NA", "N/A", "n/a", "#N/A", "<NA>", "null", "NULL", "None", "undefined", "-", "--", "?", "."))


def doubts(counts: Counter[str]) -> dict[str, str]:
    """Returns label -> note, of the labels that may not be meant, each with the flag that mends it.

    Args:
        counts: of the classes, by their names.
    """
    notes: dict[str, str] = {}
    for name, count in counts.items():
        if name.strip() in _NOTHING:
            flag = shlex.quote(f"{name}=")
            notes[name] = f"label {name!r} ({count:,} rows) may say that there is none: --map {flag} leaves them out"
        elif len(counts) <= _MOST_LABELS and (meant := _meant(name, [o for o in counts if count <= _RARE * counts[o]])):
            flag = shlex.quote(f"{name}={meant}")
            notes[name] = f"label {name!r} ({count:,} rows) may be {meant!r} misspelt: --map {flag} mends it"
    return notes


def _meant(name: str, others: list[str]) -> str | None:
    """Returns the label that another may be meant for; numbered ones are never."""
    if len(name) < _SHORTEST:
        return None
    found = difflib.get_close_matches(name, [each for each in others if _bare(each) != _bare(name)], 1, _ALIKE)
    return found[0] if found else None


def _bare(name: str) -> str:
    return re.sub(r"\d", "", name)
