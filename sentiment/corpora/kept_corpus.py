"""A corpus as a Parquet file that any tool reads, and that gives the same corpus back, to the fingerprint."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment.corpora.corpus import SPLIT_NAMES, Corpus, Provenance
from sentiment.corpora.readers.arrow_file import batches, open_arrow
from sentiment.errors import InputError
from sentiment.storage.files import open_whole

if TYPE_CHECKING:
    import arro3.core as ac

_FACTS = "sentiment"  # in the metadata: name, labels and provenance


def keep_corpus(corpus: Corpus, path: Path) -> None:
    """Writes texts, labels and splits, in columns of these names, and the rest as metadata. Raises OSError."""
    import arro3.core as ac
    from arro3.io import write_parquet

    splits: list[str | None] = [None] * len(corpus.texts)
    for name, rows in corpus.splits.items():
        for row in rows.tolist():
            splits[row] = name
    names = {"label": {"names": list(corpus.label_names), "_type": "ClassLabel"}}
    metadata = {
        "huggingface": json.dumps({"info": {"features": names}}),  # the names of classes, for other programs
        _FACTS: json.dumps(
            {"name": corpus.name, "labels": list(corpus.label_names), "provenance": asdict(corpus.provenance)}
        ),
    }
    columns = [_texts(corpus), ac.Array(corpus.labels), ac.Array(splits, type=ac.DataType.utf8())]
    table = ac.Table.from_arrays(columns, names=["text", "label", "split"])
    with open_whole(path) as file:
        write_parquet(table.with_schema(table.schema.with_metadata(metadata)), file)


def read_kept_corpus(path: Path) -> Corpus:
    """Reads what `keep_corpus` wrote.

    Raises:
        InputError: it is damaged, or another file.
        OSError: it can't be read.
    """
    reader = open_arrow(path, path)
    metadata: dict[Any, Any] = dict(reader.schema.metadata or {})
    columns: dict[str, list[Any]] = {name: [] for name in ("text", "label", "split")}
    try:
        facts = json.loads(metadata[_FACTS.encode()])
        for batch in batches(reader, path):
            for name, cells in columns.items():
                cells.extend(batch.column(name).to_pylist())
        splits = {name: [row for row, of in enumerate(columns["split"]) if of == name] for name in SPLIT_NAMES}
        return Corpus(
            facts["name"],
            tuple(text if isinstance(text, str) else text.decode("utf-8", "surrogatepass") for text in columns["text"]),
            np.array(columns["label"], np.int32),
            tuple(facts["labels"]),
            {name: np.array(rows, np.int64) for name, rows in splits.items() if rows},
            Provenance(**facts["provenance"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: no corpus that a training kept, or an altered one: train again") from error


def _texts(corpus: Corpus) -> "ac.Array":
    import arro3.core as ac

    try:
        return ac.Array(corpus.texts, type=ac.DataType.utf8())
    except UnicodeEncodeError:  # half a surrogate pair, which a program's string can hold
        return ac.Array([text.encode("utf-8", "surrogatepass") for text in corpus.texts], type=ac.DataType.binary())
