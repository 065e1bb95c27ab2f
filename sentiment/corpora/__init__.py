"""Corpora by name or from the user's own file.

A new source is one module with `load(seed: int) -> Corpus` and one line in `_SOURCES`. The modules are imported when
they are asked for: this package itself costs numpy and safetensors.
"""

import difflib
import importlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from sentiment.corpora.corpus import Corpus, Provenance
from sentiment.corpora.options import CorpusOptions
from sentiment.corpora.prepared_folder import is_prepared
from sentiment.corpora.readers import Frame
from sentiment.download.addresses import fetched, is_address
from sentiment.errors import InputError, UnavailableError

__all__ = ["KNOWN_CORPORA", "Corpus", "CorpusOptions", "Provenance", "check_source", "choose_corpus", "load_corpus"]

_SOURCES = {
    "twitter_samples": "sentiment.corpora.twitter_samples",
    "vader": "sentiment.corpora.vader",
    "crowdflower": "sentiment.corpora.crowdflower",
    "emoji": "sentiment.corpora.emoji",
}
KNOWN_CORPORA = tuple(_SOURCES)


def load_corpus(
    source: str | os.PathLike[str] | Frame | Mapping[str, Frame] = "auto",
    text: str | Sequence[str] | None = None,
    label: str | Sequence[str] | None = None,
    seed: int = 0,
    options: CorpusOptions | None = None,
) -> Corpus:
    """Loads a corpus to train on; the first use of a named one may fetch it.

    Args:
        source: a name of `KNOWN_CORPORA`, the path or address (as s3://bucket/tweets.csv) of a file or folder, that of
            a prepared corpus included, or "auto": what `choose_corpus` picks. Or a table in memory: a DataFrame of
            pandas or polars, a Table of pyarrow, a Hugging Face Dataset, or another that Arrow can read; or a
            dictionary of tables by their splits, as {"train": ..., "test": ...}.
        text: the column that holds the texts (default "text"), or several, which are joined: ["title", "body"], or
            "title,body".
        label: the column that holds the labels (default "label"), or several of 0 and 1, one for each label:
            ["toxic", "insult"], or "toxic,insult".
        seed: decides which rows go to which split; `twitter_samples` has the notebook's fixed split and ignores it.
        options: what else there is to say of files and tables: their splits, labels, flawed rows and dialect.

    Raises:
        InputError: an unknown name, a file or table that can't be used, a corpus that can't be fetched.
        OSError: a cache folder that can't be written.
    """
    if isinstance(source, os.PathLike):
        source = os.fspath(source)
    if label is not None and not isinstance(label, str):
        label = ",".join(label)
    if isinstance(source, str) and source == "auto":
        source, _ = choose_corpus()
    if isinstance(source, str) and source in _SOURCES:
        if text or label or options not in (None, CorpusOptions()):
            raise InputError(
                f"{source}: its columns, splits and labels are known: give --text, --label and flags such as --test "
                "with a file only"
            )
        return importlib.import_module(_SOURCES[source]).load(seed)
    if isinstance(source, str):
        check_source(source)
        if is_prepared(source):
            place = str(fetched(source).path) if is_address(source) else source
            return _prepared(place, bool(text or label or options not in (None, CorpusOptions())), seed)
    from sentiment.corpora import tables

    corpus = tables.load(source, text, label, seed, options or CorpusOptions())
    return corpus if isinstance(source, str) else tables.held_in_memory(corpus)


def _prepared(source: str, described: bool, seed: int) -> Corpus:
    from sentiment.corpora.prepared_folder import load_prepared

    if described:
        raise InputError(
            f"{source}: a prepared corpus, whose columns, splits and labels were settled when it was prepared: leave "
            "--text, --label and flags such as --test out"
        )
    corpus = load_prepared(source)
    if corpus.facts["seed"] != seed:
        raise InputError(
            f"{source}: prepared with load_corpus.seed = {corpus.facts['seed']}, and the config has {seed}: set it "
            "alike with --set, or prepare another folder"
        )
    return corpus


def check_source(source: str) -> None:
    """Raises InputError where a source is no known corpus, and names no file or folder either."""
    looks_like_path = Path(source).suffix or "/" in source or any(sign in source for sign in "*?[")
    if source not in KNOWN_CORPORA and not looks_like_path and source != "-" and not Path(source).exists():
        raise InputError(_unknown(source))


def choose_corpus() -> tuple[str, str]:
    """Picks `twitter_samples` when it can be had (on this machine or through NLTK's downloader), else `vader`.

    Returns:
        The corpus's name, and one line to print that says which and why.

    Raises:
        InputError: NLTK's data is there but broken.
    """
    from sentiment.corpora import twitter_samples

    try:
        place = twitter_samples.obtain()
    except UnavailableError as error:
        return "vader", f"Corpus vader, because {error}"
    return "twitter_samples", f"Corpus twitter_samples, the notebook's own, from {place}"


def _unknown(source: str) -> str:
    close = difflib.get_close_matches(source.lower(), KNOWN_CORPORA, n=1)
    meant = f"did you mean {close[0]}? " if close else ""
    return f"unknown corpus {source!r}: {meant}Known: {', '.join(KNOWN_CORPORA)}, auto, or a path to a file or folder"
