"""What a corpus holds, before anything is trained on it: counts, lengths, duplicates, licence and examples."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sentiment.corpora.corpus import Corpus, Provenance
from sentiment.corpora.near_duplicates import group_rows
from sentiment.terminal import harmless

_EXAMPLE_CHARACTERS = 120
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\s]+")


@dataclass(frozen=True)
class Lengths:
    """The distribution of the texts' lengths; the 95th percentile is a length that a text really has."""

    median: float
    p95: int
    longest: int


@dataclass(frozen=True)
class Description:
    """Facts about a corpus.

    Attributes:
        rows: the number of texts.
        rows_by_split: for each split, the number of rows of each class, in the order of `label_names`; a text with
            several labels counts for each.
        rows_of: for each split, the number of rows.
        characters, words: lengths of the texts; words are what white space separates.
        empty: texts of nothing but white space.
        exact_duplicates: rows whose very text an earlier row has.
        near_duplicates: rows whose normalised text (`normalise`) an earlier row has; these include the exact.
        conflicting: normalised texts that carry more than one label, or set of labels.
        crossing: normalised texts that stand in more than one split.
        examples: a few texts of each class, by label name, shortened to one line.
    """

    name: str
    rows: int
    label_names: tuple[str, ...]
    rows_by_split: dict[str, tuple[int, ...]]
    rows_of: dict[str, int]
    characters: Lengths
    words: Lengths
    empty: int
    exact_duplicates: int
    near_duplicates: int
    conflicting: int
    crossing: int
    examples: dict[str, tuple[str, ...]]
    provenance: Provenance


def describe(corpus: Corpus, examples: int = 3) -> Description:
    """Computes a description with up to `examples` texts of each class, evenly spaced through the corpus."""
    groups = group_rows(corpus.texts)
    split_of = {int(row): name for name, rows in corpus.splits.items() for row in rows}
    labels = [corpus.label_of(row) for row in range(len(corpus.texts))]
    return Description(
        name=corpus.name,
        rows=len(corpus.texts),
        label_names=corpus.label_names,
        rows_by_split={name: tuple(corpus.counts(rows).tolist()) for name, rows in corpus.splits.items()},
        rows_of={name: len(rows) for name, rows in corpus.splits.items()},
        characters=_lengths([len(text) for text in corpus.texts]),
        words=_lengths([len(text.split()) for text in corpus.texts]),
        empty=sum(not text.strip() for text in corpus.texts),
        exact_duplicates=len(corpus.texts) - len(set(corpus.texts)),
        near_duplicates=len(corpus.texts) - len(groups),
        conflicting=sum(len({labels[row] for row in rows}) > 1 for rows in groups.values()),
        crossing=sum(len({split_of[row] for row in rows if row in split_of}) > 1 for rows in groups.values()),
        examples={name: _examples(corpus, label, examples) for label, name in enumerate(corpus.label_names)},
        provenance=corpus.provenance,
    )


def facts(description: Description) -> list[tuple[str, str]]:
    """Returns the facts about a whole corpus, as pairs of a name and a value."""
    provenance = description.provenance
    pairs = [
        ("corpus", description.name),
        ("rows", f"{description.rows:,}"),
        ("characters", _lengths_in_words(description.characters)),
        ("words", _lengths_in_words(description.words)),
        ("empty texts", f"{description.empty:,}"),
        ("exact duplicates", f"{description.exact_duplicates:,} rows repeat a text"),
        ("near duplicates", f"{description.near_duplicates:,} rows repeat a normalised text"),
        ("conflicting labels", f"{description.conflicting:,} normalised texts carry more than one label"),
        ("crossing splits", f"{description.crossing:,} normalised texts stand in more than one split"),
        ("source", provenance.source),
        ("version", provenance.version),
        ("sha256", provenance.sha256),
        ("licence", provenance.licence),
        ("note", provenance.note),
    ]
    return [(name, value) for name, value in pairs if value]


def plain_lines(description: Description) -> list[str]:
    """Renders a description as lines of plain text, for pipes and logs."""
    lines = [f"{name}: {value}" for name, value in facts(description)]
    for split, counts in description.rows_by_split.items():
        classes = ", ".join(f"{count:,} {name}" for name, count in zip(description.label_names, counts, strict=True))
        lines.append(f"{split}: {description.rows_of[split]:,} rows: {classes}")
    lines += [f"example of {name}: {text}" for name, texts in description.examples.items() for text in texts]
    return [harmless(line, newline=False) for line in lines]


def print_tables(description: Description) -> None:
    """Renders a description as tables on a terminal."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    # Texts of a corpus are shown as they are: as `Text`, their square brackets are no markup.
    about = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for name, value in facts(description):
        about.add_row(Text(name, style="bold"), Text(harmless(value), overflow="fold"))
    splits = Table(title="Rows", title_justify="left")
    splits.add_column("split")
    for name in (*description.label_names, "all"):
        splits.add_column(Text(harmless(name)), justify="right")
    for split, counts in description.rows_by_split.items():
        splits.add_row(split, *(f"{count:,}" for count in (*counts, description.rows_of[split])))
    examples = Table("label", "text", title="Examples", title_justify="left")
    for name, texts in description.examples.items():
        for text in texts:
            examples.add_row(Text(harmless(name)), Text(harmless(text)))
    Console().print(about, splits, examples, sep="\n\n")


def _lengths(values: Sequence[int]) -> Lengths:
    if not values:
        return Lengths(0.0, 0, 0)
    p95 = np.percentile(values, 95, method="inverted_cdf")
    return Lengths(float(np.median(values)), int(p95), max(values))


def _lengths_in_words(lengths: Lengths) -> str:
    return f"median {lengths.median:g}, 95% have at most {lengths.p95:,}, longest {lengths.longest:,}"


def _examples(corpus: Corpus, label: int, count: int) -> tuple[str, ...]:
    rows = np.flatnonzero(corpus.has(label))
    if len(rows) > count:
        rows = rows[np.arange(count) * len(rows) // count]
    return tuple(_shortened(corpus.texts[int(row)]) for row in rows)


def _shortened(text: str) -> str:
    # Control characters could move the cursor or colour the terminal.
    line = _UNPRINTABLE.sub(" ", text).strip()
    return line if len(line) <= _EXAMPLE_CHARACTERS else line[: _EXAMPLE_CHARACTERS - 3] + "..."
