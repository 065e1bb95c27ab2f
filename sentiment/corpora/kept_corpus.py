"""A corpus as a Parquet file that any tool reads, and that gives the same corpus back, to the fingerprint."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment.corpora.corpus import SPLIT_NAMES, Corpus, Provenance, Teaching
from sentiment.corpora.readers.arrow_file import batches, open_arrow
from sentiment.errors import InputError
from sentiment.storage.files import open_whole

if TYPE_CHECKING:
    import arro3.core as ac

_FACTS = "sentiment"  # in the metadata: name, labels and provenance


def keep_corpus(corpus: Corpus, path: Path) -> None:
    """Writes texts, labels, splits and teachers' answers as columns, and the rest as metadata. Raises OSError."""
    import arro3.core as ac
    from arro3.io import write_parquet

    splits: list[str | None] = [None] * len(corpus.texts)
    for name, rows in corpus.splits.items():
        for row in rows.tolist():
            splits[row] = name
    names: dict[str, object] = {"names": list(corpus.label_names), "_type": "ClassLabel"}
    features = {"label": {"feature": names, "_type": "Sequence"} if corpus.several else names}
    facts = {"name": corpus.name, "labels": list(corpus.label_names), "provenance": asdict(corpus.provenance)}
    if corpus.several:
        facts["labels_between"] = corpus.labels_between
    if corpus.teaching is not None:
        facts["teaching"] = corpus.teaching.facts
    metadata = {
        "huggingface": json.dumps({"info": {"features": features}}),  # the names of classes, for other programs
        _FACTS: json.dumps(facts),
    }
    columns = {"text": _texts(corpus), "label": _labels(corpus), "split": ac.Array(splits, type=ac.DataType.utf8())}
    if corpus.teaching is not None:
        columns["answers"] = _answers(corpus.teaching.answers)
    table = ac.Table.from_arrays(list(columns.values()), names=list(columns))
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
        if "teaching" in facts:
            columns["answers"] = []
        for batch in batches(reader, path):
            for name, cells in columns.items():
                cells.extend(batch.column(name).to_pylist())
        names = tuple(facts["labels"])
        several = "labels_between" in facts
        splits = {name: [row for row, of in enumerate(columns["split"]) if of == name] for name in SPLIT_NAMES}
        return Corpus(
            facts["name"],
            tuple(text if isinstance(text, str) else text.decode("utf-8", "surrogatepass") for text in columns["text"]),
            _sets(columns["label"], len(names)) if several else np.array(columns["label"], np.int32),
            names,
            {name: np.array(rows, np.int64) for name, rows in splits.items() if rows},
            Provenance(**facts["provenance"]),
            labels_between=facts["labels_between"] if several else ",",
            teaching=Teaching(np.array(columns["answers"], np.float32), facts["teaching"])
            if "answers" in columns
            else None,
        )
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise InputError(f"{path}: no corpus that a training kept, or an altered one: train again") from error


def _labels(corpus: Corpus) -> "ac.Array":
    """Returns the column of class numbers; of texts that may have several, of lists of them."""
    import arro3.core as ac

    if not corpus.several:
        return ac.Array(corpus.labels)
    ends = np.concatenate([[0], corpus.labels.sum(axis=1).cumsum()]).astype(np.int32)
    return ac.list_array(ac.Array(ends), ac.Array(np.nonzero(corpus.labels)[1].astype(np.int32)))


def _answers(answers: np.ndarray) -> "ac.Array":
    """Returns the column of lists of probabilities."""
    import arro3.core as ac

    ends = np.arange(0, answers.size + 1, answers.shape[1], dtype=np.int32)
    return ac.list_array(ac.Array(ends), ac.Array(answers.ravel()))


def _sets(lists: list[list[int]], n_labels: int) -> np.ndarray:
    """Returns <bool>[N, n_labels] of the lists of class numbers."""
    found = np.zeros((len(lists), n_labels), bool)
    for row, labels in enumerate(lists):
        found[row, labels] = True
    return found


def _texts(corpus: Corpus) -> "ac.Array":
    import arro3.core as ac

    try:
        return ac.Array(corpus.texts, type=ac.DataType.utf8())
    except UnicodeEncodeError:  # half a surrogate pair, which a program's string can hold
        return ac.Array([text.encode("utf-8", "surrogatepass") for text in corpus.texts], type=ac.DataType.binary())
