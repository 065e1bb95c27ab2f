"""Labels as files have them -> the classes of a corpus: mapped, folded, counted and put in order."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from sentiment.corpora.label_doubts import doubts
from sentiment.corpora.options import CorpusOptions
from sentiment.corpora.polarity import polarity
from sentiment.corpora.readers.coded import as_array, counted
from sentiment.errors import InputError

OTHER = "other"  # the class that rare ones are merged into
NO_CLASS = -1
_SHOWN = 12
_RATING = re.compile(r"([-+]?\d+(?:\.\d+)?)\s*(?:stars?)?", re.IGNORECASE)


class Classes(NamedTuple):
    """The classes of some rows.

    Attributes:
        names: of the classes, in order.
        of_row: <int32>[n] the class of each row, `NO_CLASS` for a row that is left out; of rows that may have several
            <bool>[n, n_classes].
        notes: what was done to the labels, a line each.
    """

    names: tuple[str, ...]
    of_row: np.ndarray
    notes: tuple[str, ...]


def make_classes(
    source: str, labels: Sequence[str], given_names: Sequence[str] | None, options: CorpusOptions
) -> Classes:
    """Makes classes of labels.

    Args:
        source: what messages call the file.
        labels: n labels.
        given_names: the classes in the file's own order, where it gives one.
        options: `label_map`, `min_per_class` and `rare` are used.

    Raises:
        InputError: a mapped label isn't there, or no row is left.
    """
    counts = counted(labels)
    mapped, notes = _mapped(source, counts, options.label_map)
    folded, folding = _folded(_renamed(counts, mapped))
    rare, rareness = _without_rare(_renamed(_renamed(counts, mapped), folded), options)
    final = {label: rare[folded[name]] if name else "" for label, name in mapped.items()}
    names = order_labels({name for name in final.values() if name}, given_names)
    if not names:
        raise InputError(f"{source}: no row is left; keep some labels with --map, or lower --min-per-class")
    place = {name: number for number, name in enumerate(names)} | {"": NO_CLASS}
    of_label = {label: place[name] for label, name in final.items()}
    of_row = as_array(labels, lambda label: of_label.get(label, NO_CLASS), np.int32)
    return Classes(names, of_row, (*notes, *folding, *rareness, *doubts(_renamed(counts, final)).values()))


def _renamed(counts: Counter[str], names: Mapping[str, str]) -> Counter[str]:
    """Returns the counts under other names; those named "" are left out."""
    found: Counter[str] = Counter()
    for label, count in counts.items():
        if names[label]:
            found[names[label]] += count
    return found


def make_sets(
    source: str, labels: Sequence[Sequence[str]], given_names: Sequence[str] | None, options: CorpusOptions
) -> tuple[Classes, np.ndarray]:
    """Makes classes of the labels of texts that may have several; arguments and errors as for `make_classes`.

    Returns:
        The classes, and <bool>[n] which rows are used: not those of which every label is left out.
    """
    lengths = np.array(list(map(len, labels)))
    flat = make_classes(source, [name for each in labels for name in each], given_names, options)
    found = flat.of_row != NO_CLASS
    sets = np.zeros((len(labels), len(flat.names)), bool)
    sets[np.repeat(np.arange(len(labels)), lengths)[found], flat.of_row[found]] = True
    used = sets.any(axis=1) | (lengths == 0)
    lost = f"{(~used).sum():,} rows had no other label than those: left out"
    return Classes(flat.names, sets, flat.notes if used.all() else (*flat.notes, lost)), used


def mapped_counts(source: str, counts: Counter[str], label_map: Mapping[str, str]) -> Counter[str]:
    """Returns counts of labels under the names that `--map` gives them. Raises InputError as `make_classes`."""
    return _renamed(counts, _mapped(source, counts, label_map)[0])


def order_labels(names: set[str], given: Sequence[str] | None = None) -> tuple[str, ...]:
    """Orders label names: as given; else negative, neutral, positive; numbers and ratings by value; or by alphabet."""
    if given is not None and names <= set(given):
        return tuple(name for name in dict.fromkeys(given) if name in names)
    if all(polarity(name) is not None for name in names):
        return tuple(sorted(names, key=lambda name: (polarity(name), name)))
    ratings = {name: float(found[1]) for name in names if (found := _RATING.fullmatch(name))}
    if len(ratings) == len(names):
        return tuple(sorted(names, key=lambda name: (ratings[name], name)))
    return tuple(sorted(names))


def _mapped(source: str, counts: Counter[str], given: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Returns label -> label after the map, "" where it is left out, and notes."""
    if unknown := sorted(set(given) - set(counts)):
        raise InputError(f"--map {unknown[0]}: {source} has no such label; it has {listed(counts)}")
    notes = [
        f"label {name} {f'taken for {meant}' if meant else f'left out: {counts[name]:,} rows'}"
        for name, meant in given.items()
    ]
    return {name: given.get(name, name) for name in counts}, notes


def _folded(counts: Counter[str]) -> tuple[dict[str, str], list[str]]:
    """Returns label -> the most frequent of its spellings, which differ in case or space alone, and notes."""
    spellings: dict[str, list[str]] = {}
    for name in counts:
        spellings.setdefault(" ".join(name.split()).casefold(), []).append(name)
    folded: dict[str, str] = {}
    notes = []
    for group in spellings.values():
        best = min(group, key=lambda name: (-counts[name], name != name.casefold(), name))
        folded |= dict.fromkeys(group, best)
        if others := sorted(set(group) - {best}):
            spelt = ", ".join(f"{name!r} ({counts[name]:,} rows)" for name in others)
            notes.append(f"label {best!r} is also spelt {spelt}: taken for one class")
    return folded, notes


def _without_rare(counts: Counter[str], options: CorpusOptions) -> tuple[dict[str, str], list[str]]:
    """Returns label -> itself, `OTHER`, or "" where it is left out, and notes."""
    rare = sorted(name for name, count in counts.items() if count < options.min_per_class)
    if not rare:
        return {name: name for name in counts}, []
    fate = OTHER if options.rare == "merge" else ""
    rows = sum(counts[name] for name in rare)
    done = f"merged into {OTHER!r}" if options.rare == "merge" else "left out"
    note = f"{len(rare):,} labels with fewer than {options.min_per_class:,} rows {done}: {rows:,} rows, {listed(rare)}"
    return {name: name for name in counts} | dict.fromkeys(rare, fate), [note]


def listed(names: Sequence[str] | Counter[str]) -> str:
    """Returns the first dozen names, and how many more there are."""
    shown = [name if len(name) <= 40 else name[:40] + "..." for name in list(names)[:_SHOWN]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more:,} more" if more else "")
