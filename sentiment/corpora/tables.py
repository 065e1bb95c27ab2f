"""The user's own corpus: files of texts and labels, read by `readers`, with the splits that they have or we cut."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sentiment.corpora.bad_rows import contradictions, left_out
from sentiment.corpora.corpus import Corpus, Provenance, class_counts
from sentiment.corpora.given_splits import keep_splits, rows_by_split
from sentiment.corpora.in_memory import MEMORY, NAME
from sentiment.corpora.label_doubts import doubts
from sentiment.corpora.labels import NO_CLASS, Classes, listed, make_classes, make_sets
from sentiment.corpora.no_labels import refuse_unlabelled, refuse_unlikely
from sentiment.corpora.options import CorpusOptions
from sentiment.corpora.readers import Frame, LeftOut, ReadOptions, Table, read_frame, read_table
from sentiment.corpora.readers.coded import changed, distinct, joined, kept, repeated, where
from sentiment.corpora.splits import split_rows
from sentiment.errors import InputError


def load(
    source: str | Frame | Mapping[str, Frame],
    text_column: str | Sequence[str] | None,
    label_column: str | None,
    seed: int,
    options: CorpusOptions,
) -> Corpus:
    """Reads files into a corpus to train on: with the splits that they give, else split by `splits.split_rows`.

    Args:
        source: a file, a folder or what else `readers.read_table` takes; or what a program holds: a table, or tables by
            their splits.
        text_column, label_column: the columns; None: those called "text" and "label", or the file's only ones.
        seed: of the split.
        options: what else the user says.

    Raises:
        InputError: in one line, with file, rows and remedy, all that is wrong with the files.
        OSError: they can't be read.
    """
    reading = options.reading(text_column, label_column)
    table = read_table(source, reading) if isinstance(source, str) else read_frame(source, reading)
    source = source if isinstance(source, str) else table.name
    return corpus_of(source, table, reading, options, seed, read_table)


TableReader = Callable[[str, ReadOptions], Table]


def corpus_of(
    source: str, table: Table, reading: ReadOptions, options: CorpusOptions, seed: int, read: TableReader
) -> Corpus:
    """Makes a corpus to train on of a source's table, as `load` says; `read` reads the files of other splits."""
    if options.min_per_class == 1:  # else the user knows that there are rare ones
        refuse_unlikely(source, table, reading)
    labelled = _read(source, table, reading, options, read)
    given = {split for split in distinct(labelled.table.splits) if split is not None}
    if given in (set(), {"train"}):
        _check_classes(source, labelled.classes, labelled)
        splits = split_rows(labelled.table.texts, labelled.classes, seed, options.portions())
        _check_splits(source, labelled, splits)
        notes: tuple[str, ...] = ()
    elif "train" not in given:
        raise InputError(f"{source}: its rows are all of {' and '.join(sorted(given))}: name a file that trains")
    else:
        splits, notes = keep_splits(
            labelled.table.texts, labelled.classes, labelled.table.splits, seed, options.portions()
        )
        _check_classes(source, labelled.classes[splits["train"]], labelled, "training ")
    return labelled.corpus(splits, (*notes, *_absent(labelled, splits)))


def load_examples(source: str, text_column: str | None, label_column: str | None, options: CorpusOptions) -> Corpus:
    """Reads files into a corpus to evaluate on: any classes, and no splits but those that the files give.

    Args and errors as for `load`.
    """
    reading = options.reading(text_column, label_column)
    labelled = _read(source, read_table(source, reading), reading, options, read_table)
    return labelled.corpus(rows_by_split(labelled.table.splits), ())


def held_in_memory(corpus: Corpus) -> Corpus:
    """Returns a corpus that comes from no file with the name and provenance that say so."""
    provenance = replace(corpus.provenance, source=MEMORY.source, version=MEMORY.version)
    return replace(corpus, name=NAME, provenance=provenance)


@dataclass(frozen=True, eq=False)
class _Labelled:
    """The rows of a table that have a class.

    Attributes:
        table: of N rows.
        source: what the user called it.
        classes: <int32>[N], indices into `label_names`, or <bool>[N, n_classes] where a text may have several.
        notes: what was done so far.
        contradicting: rows with the same text as another, and another label.
    """

    table: Table
    source: str
    classes: np.ndarray
    label_names: tuple[str, ...]
    notes: tuple[str, ...]
    contradicting: tuple[LeftOut, ...]

    def corpus(self, splits: dict[str, np.ndarray], notes: Sequence[str]) -> Corpus:
        """Returns the corpus with these splits, and notes beside the table's own."""
        all_notes = (*self.notes, *notes)
        return Corpus(
            name=self.table.name,
            texts=self.table.texts,
            labels=self.classes,
            label_names=self.label_names,
            splits=splits,
            provenance=Provenance(self.source, "local file", self.table.sha256, "the user's own", "; ".join(all_notes)),
            notes=all_notes,
            bad_rows=(*self.table.left_out, *self.contradicting),
            labels_between=self.table.labels_between,
        )

    def counts(self, rows: np.ndarray) -> np.ndarray:
        """Returns <int64>[n_classes]: how many of some rows have each label."""
        return class_counts(self.classes[rows], len(self.label_names))


def _read(source: str, table: Table, reading: ReadOptions, options: CorpusOptions, read: TableReader) -> _Labelled:
    between = reading.labels_between or table.dialect.get("labels_between", "")
    beside = replace(reading, split=None, labels_between=between)
    for split, path in (("test", options.test), ("validation", options.validation)):
        if path:
            table = _joined(table, split, read(path, beside))
    if not table.texts and not table.left_out:
        raise InputError(f"{source}: no row: add texts")
    notes = [table.said(), *left_out(source, table, options.bad_rows)]
    refuse_unlabelled(source, table, reading)
    notes += [*_several(table), *_unlabelled(table)]
    table = _rows(table, where(table.labels, lambda label: label is not None))
    classes, used = _classes(source, table, options)
    contradicting = contradictions(table, *_compared(classes, used, table.labels_between))
    if contradicting:
        n = len(contradicting)
        notes.append(f"{n:,} rows have the text of another row and another label; they are used all the same")
    of_row = classes.of_row if np.all(used) else classes.of_row[used]
    of_row.setflags(write=False)  # the corpus takes it as it is then
    return _Labelled(_rows(table, used), source, of_row, classes.names, (*notes, *classes.notes), contradicting)


def _classes(source: str, table: Table, options: CorpusOptions) -> tuple[Classes, np.ndarray]:
    """Returns the classes of a table whose rows all have labels, and <bool>[n] which rows are used."""
    if table.several:
        sets = [label if isinstance(label, list) else [str(label)] for label in table.labels]
        return make_sets(source, sets, table.label_names, options)
    names = changed(table.labels, lambda label: label[0] if isinstance(label, list) else str(label))
    classes = make_classes(source, names, table.label_names, options)
    return classes, classes.of_row != NO_CLASS


def _compared(classes: Classes, used: np.ndarray, between: str) -> tuple[np.ndarray, Callable[[int], str]]:
    """Returns <int>[n], a number for each row by which labels are compared, -1 where it isn't used; and their names."""
    if classes.of_row.ndim == 1:
        return classes.of_row, lambda row: classes.names[classes.of_row[row]]
    _, number = np.unique(np.packbits(classes.of_row, axis=1), axis=0, return_inverse=True)
    return np.where(
        used, number.reshape(-1), -1
    ), lambda row: between.join(itertools.compress(classes.names, classes.of_row[row])) or "no label"


def _several(table: Table) -> Iterator[str]:
    if table.indicators:
        yield _of_indicators(table)
    elif table.several:
        n = sum(isinstance(label, list) and len(label) > 1 for label in table.labels)
        between = table.dialect.get("labels_between")
        where = f", with {between!r} between them" if between else ""
        yield (
            f"{n:,} of {len(table.labels):,} texts have several labels{where}: each label is decided by itself; "
            "--labels-between none takes each combination for one label"
        )


def _of_indicators(table: Table) -> str:
    held = f"the labels are {len(table.indicators):,} columns of 0 and 1"
    sets = [label for label in table.labels if isinstance(label, list)]
    given = set(itertools.chain.from_iterable(sets))
    never = [name for name in table.indicators if name not in given]
    held += f", no row has a 1 of {listed(never)}" * bool(never)
    if not table.several:
        return f"{held}: one 1 a row, so one label a text"
    n = sum(len(each) > 1 for each in sets)
    return (
        f"{held}: {n:,} of {len(sets):,} texts have several labels and {sets.count([]):,} none; each label is decided "
        "by itself; --label NAME takes one column alone"
    )


def _unlabelled(table: Table) -> Iterator[str]:
    if unlabelled := np.count_nonzero(where(table.labels, lambda label: label is None)):
        given = zip(table.splits, table.labels, strict=True)
        without = sorted({split for split, label in given if label is None and split})
        of = f" of {' and '.join(without)}" if without else ""
        yield f"{unlabelled:,} rows{of} have no label: not used; `sentiment predict --input` gives them one"


def _joined(table: Table, split: str, added: Table) -> Table:
    """Returns a table with the rows of another, which are of `split`; its own train where it has no splits."""
    if split in distinct(table.splits):
        raise InputError(f"{table.name}: has {split} rows of its own: leave --{split} out, or name a file without")
    own = table.splits if table.has_splits else repeated("train", table.splits)
    return replace(
        table,
        texts=joined(table.texts, added.texts),
        labels=joined(table.labels, added.labels),
        splits=joined(own, repeated(split, added.splits)),
        lines=joined(table.lines, added.lines),
        files=joined(table.files, added.files),
        left_out=(*table.left_out, *added.left_out),
        sha256=f"{table.sha256} {added.sha256}",
    )


def _rows(table: Table, mask: Sequence[bool] | np.ndarray) -> Table:
    if np.all(mask):
        return table
    return replace(
        table,
        texts=kept(table.texts, mask),
        labels=kept(table.labels, mask),
        splits=kept(table.splits, mask),
        lines=kept(table.lines, mask),
        files=kept(table.files, mask),
    )


def _check_classes(source: str, classes: np.ndarray, labelled: _Labelled, kind: str = "") -> None:
    counts = class_counts(classes, len(labelled.label_names))
    if np.count_nonzero(counts) < 2:
        name = _short(labelled.label_names[int(counts.argmax())])
        raise InputError(f"{source}: all {len(classes):,} {kind}rows are labelled {name}: add rows of another class")


def _check_splits(source: str, labelled: _Labelled, splits: dict[str, np.ndarray]) -> None:
    names = labelled.label_names
    counts = np.array([labelled.counts(rows) for rows in splits.values()])
    rare = np.flatnonzero(counts.min(axis=0) == 0)
    if len(names) > 1 and len(rare):
        rarest = rare[counts[:, rare].sum(axis=0).argmin()]
        more = f" (and {len(rare) - 1:,} more)" if len(rare) > 1 else ""
        of_all = Counter(dict(zip(names, counts.sum(axis=0).tolist(), strict=True)))
        doubt = doubts(of_all).get(names[rarest])
        raise InputError(
            f"{source}: label {_short(names[rarest])}{more} has {counts[:, rarest].sum()} row(s), and not one for each "
            f"of {', '.join(splits)}: give every class at least {len(splits)} texts that differ, leave rare ones out "
            f"with --min-per-class {len(splits)}, or check which column --label names" + (f"; {doubt}" if doubt else "")
        )


def _absent(labelled: _Labelled, splits: dict[str, np.ndarray]) -> list[str]:
    """Returns a line for each split without a text of some class."""
    notes = []
    for split, rows in splits.items():
        absent = np.flatnonzero(labelled.counts(rows) == 0)
        if len(absent):
            names = ", ".join(_short(labelled.label_names[place]) for place in absent[:5])
            notes.append(f"{split} has no text of {names}" + (f" and {len(absent) - 5:,} more" * (len(absent) > 5)))
    return notes


def _short(name: str) -> str:
    return repr(name if len(name) <= 40 else name[:40] + "...")
