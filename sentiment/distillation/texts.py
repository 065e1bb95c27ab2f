"""The texts that teachers label: of files and known corpora, each once, and none that is labelled already."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sentiment.corpora import KNOWN_CORPORA, Corpus, CorpusOptions, Provenance, check_source, load_corpus
from sentiment.corpora.bad_rows import left_out
from sentiment.corpora.near_duplicates import normalise_all
from sentiment.corpora.readers import read_table
from sentiment.errors import InputError


@dataclass(frozen=True)
class Unlabelled:
    """Texts of one source.

    Attributes:
        name: what the user called it, without folders.
        texts: in the source's order.
        provenance: where they come from.
        notes: how the source was read, a line each.
    """

    name: str
    texts: Sequence[str]
    provenance: Provenance
    notes: tuple[str, ...] = ()


def read_texts(source: str, text: str | None, options: CorpusOptions) -> Unlabelled:
    """Reads the texts of a source; labels that it has are not looked at.

    Args:
        source: a known corpus, of which the training texts are taken; or what `read_table` takes, without rows of a
            validation or test split, if it has such.
        text: the column of texts in a file.
        options: how a file is read.

    Raises:
        InputError: as `load_corpus` and `read_table` do; or there are no such texts.
    """
    if source in KNOWN_CORPORA:
        corpus = load_corpus(source)
        return Unlabelled(source, corpus.split("train")[0], corpus.provenance)
    check_source(source)
    table = read_table(source, options.reading(text))
    notes = (table.said(), *left_out(source, table, options.bad_rows))
    texts = [text for text, split in zip(table.texts, table.splits, strict=True) if split in (None, "train")]
    if not texts:
        raise InputError(f"{source}: no text to label: add some, or check its column of splits")
    provenance = Provenance(source, "local file", table.sha256, "the user's own")
    return Unlabelled(Path(source).name or source, texts, provenance, notes)


def new_texts(sources: Iterable[Unlabelled], labelled: Corpus | None) -> tuple[list[str], int]:
    """Returns the sources' texts, and how many were left out: near-duplicates of another, or of a labelled text.

    Texts are near-duplicates if `near_duplicates.normalise` makes them one: what validates or tests is never taught.
    """
    texts = [text for source in sources for text in source.texts]
    seen = set(normalise_all(labelled.texts)) if labelled else set()
    kept = []
    for text, form in zip(texts, normalise_all(texts), strict=True):
        if form not in seen:
            seen.add(form)
            kept.append(text)
    return kept, len(texts) - len(kept)


def sha256_of_texts(texts: Sequence[str]) -> str:
    """Returns the SHA-256 of texts in their order."""
    digest = hashlib.sha256()
    for text in texts:
        data = text.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()
