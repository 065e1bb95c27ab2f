"""Describes a corpus: counts, classes, lengths, duplicates, empty texts, leaks, licence, provenance, a few examples."""

import sys
from typing import Annotated

import typer

from sentiment.corpora import KNOWN_CORPORA, choose_corpus, load_corpus
from sentiment.corpora.describe import describe, plain_lines, print_tables
from sentiment.evaluation.leak_audit import audit_leaks

_SOURCE = f"{', '.join(KNOWN_CORPORA)}, auto, or the path of a .csv, .tsv, .jsonl or .parquet file"


def main(
    source: Annotated[str, typer.Argument(help=_SOURCE)] = "auto",
    text: Annotated[str | None, typer.Option(help="a file's column of texts [default: text]")] = None,
    label: Annotated[str | None, typer.Option(help="a file's column of labels [default: label]")] = None,
    seed: Annotated[int, typer.Option(help="decides which rows go to which split")] = 0,
    examples: Annotated[int, typer.Option(min=0, help="texts to show of each class")] = 3,
) -> None:
    """Describes a corpus before anything is trained on it."""
    if source == "auto":
        source, reason = choose_corpus()
        typer.echo(reason, err=True)
    corpus = load_corpus(source, text, label, seed)
    description = describe(corpus, examples)
    if sys.stdout.isatty():
        print_tables(description)
    else:
        typer.echo("\n".join(plain_lines(description)))
    audit = audit_leaks(corpus)
    typer.echo("\n".join(audit.lines() if audit else ["leak audit: too few texts"]))
