"""Describes a corpus: counts, classes, lengths, duplicates, empty texts, leaks, licence, provenance, a few examples."""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from sentiment.commands.file_flags import FileFlags, with_file_flags
from sentiment.corpora import KNOWN_CORPORA, Corpus, check_source, choose_corpus, load_corpus
from sentiment.corpora.bad_rows import left_out
from sentiment.corpora.describe import describe, plain_lines, print_tables
from sentiment.corpora.labels import mapped_counts
from sentiment.corpora.prepared_folder import is_prepared
from sentiment.corpora.readers import Table, read_table
from sentiment.corpora.readers.proposals import command_with_labels
from sentiment.corpora.tables import corpus_of
from sentiment.evaluation.leak_audit import audit_leaks
from sentiment.storage.csv_bytes import csv_bytes
from sentiment.storage.files import write_whole

_SOURCE = f"{', '.join(KNOWN_CORPORA)}, auto, or a file, folder, pattern or - of texts and labels"


@with_file_flags()
def main(
    source: Annotated[str, typer.Argument(help=_SOURCE)] = "auto",
    *,
    files: FileFlags,
    seed: Annotated[int, typer.Option(help="Decides which rows go to which split.")] = 0,
    examples: Annotated[int, typer.Option(min=0, help="Texts to show of each class.")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="Counts and dialect as one JSON object.")] = False,
    save: Annotated[Path | None, typer.Option(help="Write texts, labels and splits to this CSV file.")] = None,
) -> None:
    """Describes a corpus before anything is trained on it."""
    if source == "auto":
        source, reason = choose_corpus()
        typer.echo(reason, err=True)
    check_source(source)
    options = files.options()
    if source in KNOWN_CORPORA or is_prepared(source):
        _tell(load_corpus(source, files.text, files.label, seed, options), None, examples, as_json, save)
        return
    reading = options.reading(files.text, files.label)
    table = read_table(source, reading)
    if _can_be_split(table):
        corpus = corpus_of(source, table, reading, options, seed, read_table)  # its notes say what was sniffed
        _tell(corpus, table, examples, as_json, save)
        return
    notes = left_out(source, table, options.bad_rows)
    typer.echo(table.said(), err=True)
    if not table.labelled and (command := command_with_labels(source, reading)):
        typer.echo(f"labels may be there: {command}", err=True)
    labels = mapped_counts(source, _label_counts(table), options.label_map)
    facts = _facts(table, labels, Counter(split for split in table.splits if split is not None))
    typer.echo(json.dumps(facts, ensure_ascii=False) if as_json else "\n".join([*notes, *_lines(facts)]))


def _can_be_split(table: Table) -> bool:
    """Whether a table has labels of two classes or more."""
    return len({name.casefold() for name in _label_counts(table)}) > 1


def _tell(corpus: Corpus, table: Table | None, examples: int, as_json: bool, save: Path | None) -> None:
    if save is not None:
        write_whole(save, _as_csv(corpus))
        typer.echo(f"{len(corpus.texts):,} rows in {save}", err=as_json)
    if as_json:
        if table is not None:
            typer.echo(table.said(), err=True)
        counts = zip(corpus.label_names, corpus.counts().tolist(), strict=True)
        labels = {name: count for name, count in counts if count}
        splits = {name: len(rows) for name, rows in corpus.splits.items()}
        typer.echo(json.dumps(_facts(table, labels, splits, len(corpus.texts)), ensure_ascii=False))
    if as_json or save is not None:
        return
    description = describe(corpus, examples)
    if sys.stdout.isatty():
        print_tables(description)
    else:
        typer.echo("\n".join(plain_lines(description)))
    audit = audit_leaks(corpus)
    typer.echo("\n".join(audit.lines() if audit else ["leak audit: too few texts"]))


def _facts(table: Table | None, labels: dict[str, int], splits: dict[str, int], rows: int | None = None) -> dict:
    """Returns what `--json` prints; without a table, of a corpus that is known by name."""
    reasons = Counter(each.reason for each in table.left_out) if table else {}
    return {
        "rows": rows if rows is not None or table is None else len(table.texts),
        "left_out": dict(reasons),
        "labels": dict(sorted(labels.items())),
        "splits": dict(splits),
        "dialect": table.dialect if table else {},
    }


def _label_counts(table: Table) -> Counter[str]:
    """Returns how many texts have each label; a text of several counts for each."""
    found: Counter[str] = Counter()
    for label in table.labels:
        found.update(label if isinstance(label, list) else [label] if label is not None else [])
    return found


def _lines(facts: dict) -> list[str]:
    lines = [f"rows: {facts['rows']:,}"]
    for name in ("left_out", "labels", "splits"):
        counts = ", ".join(f"{count:,} {each}" for each, count in facts[name].items())
        lines.append(f"{name.replace('_', ' ')}: {counts or 'none'}")
    return lines


def _as_csv(corpus: Corpus) -> bytes:
    split_of = {int(row): name for name, rows in corpus.splits.items() for row in rows}
    if corpus.several and not corpus.labels.any(axis=1).all():  # an empty cell would be a missing label
        head, labels = list(corpus.label_names), corpus.labels.astype(int).astype(str).tolist()
    else:
        head, labels = ["label"], [[corpus.label_of(row)] for row in range(len(corpus.texts))]
    splits = [split_of.get(row, "") for row in range(len(labels))]
    rows = ([text, *label, split] for text, label, split in zip(corpus.texts, labels, splits, strict=True))
    return csv_bytes([["text", *head, "split"], *rows])
