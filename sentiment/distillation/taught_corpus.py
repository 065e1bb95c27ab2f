"""Teachers' answers and labelled rows -> one corpus, on which `train` trains as on any other."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sentiment.corpora import Corpus, Provenance
from sentiment.corpora.corpus import Teaching, class_counts
from sentiment.corpora.in_memory import SHARES
from sentiment.corpora.splits import split_rows
from sentiment.distillation.teachers import Teacher, mean_answers, softened
from sentiment.distillation.texts import Unlabelled, new_texts, sha256_of_texts
from sentiment.errors import InputError
from sentiment.recipe.distillation import Distillation

_HELD_OUT = 20  # one text of so many calibrates the student,
_MOST_HELD_OUT = 2000  # and as many of all at most


@dataclass(frozen=True, eq=False)
class _Rows:
    """Texts with their labels, <int32>[N], what is learned of them, <float32>[N, n_classes], and their splits."""

    texts: list[str]
    labels: np.ndarray
    targets: np.ndarray
    splits: dict[str, np.ndarray]


def make_taught_corpus(
    teachers: Sequence[Teacher],
    sources: Sequence[Unlabelled],
    labelled: Corpus | None,
    settings: Distillation,
    seed: int = 0,
    progress: Callable[[int, int], None] = lambda done, n_texts: None,
) -> Corpus:
    """Has the teachers label the texts of sources, and puts the labelled rows, if any, before them.

    Labelled rows are learned by their labels, and validate; without any, a tenth of the texts validates, with the
    teachers' labels. Some texts are in no split: the teachers' answers for them calibrate the student.

    Args:
        teachers: of the same classes.
        sources: of texts without labels.
        labelled: a corpus with the teachers' classes, in any order; None: there is none.
        settings: what is taken of the answers.
        seed: of the split, where there are no labelled rows.
        progress: is called with (how many answers there are, how many there will be).

    Raises:
        InputError: the classes differ from the teachers'; there is nothing to learn from the texts; a process was
            killed.
        OSError: the cache can't be written.
    """
    names = _label_names(teachers, labelled)
    texts, n_known = new_texts(sources, labelled)
    if not texts:
        raise InputError(f"{_listed(sources)}: every text is labelled already: name other --texts")
    validating = labelled.split("validation")[0] if labelled else []
    n_answers = len(teachers) * (len(texts) + len(validating))
    answers = mean_answers(teachers, [*texts, *validating], names, lambda done: progress(done, n_answers))
    rows = _taught(texts, answers[: len(texts)], settings, seed if labelled is None else None)
    n_taught, n_unsure = len(rows.splits["train"]), len(texts) - len(rows.texts)
    if labelled:
        rows = _beside(labelled, answers[len(texts) :], rows)
    _check_classes(rows, names, sources)
    return Corpus(
        name=labelled.name if labelled else sources[0].name,
        texts=tuple(rows.texts),
        labels=rows.labels,
        label_names=names,
        splits=rows.splits,
        provenance=_provenance(sources, labelled),
        notes=tuple(_notes(sources, labelled, n_taught, n_known, n_unsure)),
        bad_rows=labelled.bad_rows if labelled else (),
        teaching=Teaching(rows.targets, _facts(teachers, texts, labelled, settings)),
    )


def _label_names(teachers: Sequence[Teacher], labelled: Corpus | None) -> tuple[str, ...]:
    theirs = teachers[0].label_names
    if labelled is None:
        return theirs
    if labelled.several or set(labelled.label_names) != set(theirs):
        own = "several labels a text" if labelled.several else f"labels {', '.join(labelled.label_names)}"
        raise InputError(
            f"{labelled.name}: {own}, and {teachers[0].run.path} answers {', '.join(theirs)}: rename a file's labels "
            "or leave them out with --map, or name another --corpus"
        )
    return labelled.label_names


def _taught(texts: Sequence[str], answers: np.ndarray, settings: Distillation, seed: int | None) -> _Rows:
    """Returns the texts that are learned; what validates, if `seed` splits them; and what calibrates, in no split."""
    labels = answers.argmax(axis=1)
    splits = {"train": np.arange(len(texts))} if seed is None else split_rows(texts, labels, seed, SHARES)
    step = max(_HELD_OUT, -(-len(splits["train"]) // _MOST_HELD_OUT))
    splits["train"] = np.delete(splits["train"], np.s_[step - 1 :: step])
    trains = np.zeros(len(texts), bool)
    trains[splits["train"]] = True
    used = ~trains | (answers.max(axis=1) >= settings.confidence)
    place = np.cumsum(used) - 1
    return _Rows(
        list(itertools.compress(texts, used)),
        labels[used],
        np.where(trains[:, None], softened(answers, settings.temperature), answers)[used],
        {name: place[rows[used[rows]]] for name, rows in splits.items()},
    )


def _beside(labelled: Corpus, of_validation: np.ndarray, taught: _Rows) -> _Rows:
    """Returns the labelled rows, then the taught ones, which train."""
    targets = np.eye(len(labelled.label_names), dtype=np.float32)[labelled.labels]
    targets[labelled.splits["validation"]] = of_validation
    train = np.concatenate([labelled.splits["train"], len(labelled.texts) + taught.splits["train"]])
    return _Rows(
        [*labelled.texts, *taught.texts],
        np.concatenate([labelled.labels, taught.labels]),
        np.concatenate([targets, taught.targets]),
        labelled.splits | {"train": train},
    )


def _check_classes(rows: _Rows, names: tuple[str, ...], sources: Sequence[Unlabelled]) -> None:
    counts = class_counts(rows.labels[rows.splits["train"]], len(names))
    if np.count_nonzero(counts) < 2 or not len(rows.splits["validation"]):
        found = f"{names[counts.argmax()]} alone" if counts.any() else "none sure enough"
        raise InputError(
            f"{_listed(sources)}: the {counts.sum():,} texts to train on are {found}: name more --texts, lower "
            "--confidence, or name labelled rows with --corpus"
        )


def _provenance(sources: Sequence[Unlabelled], labelled: Corpus | None) -> Provenance:
    every = [*([labelled.provenance] if labelled else []), *(source.provenance for source in sources)]
    of_texts = [f"texts of {source.provenance.source}" for source in sources]
    return Provenance(
        source="; ".join([*([labelled.provenance.source] if labelled else []), *of_texts]),
        version=", ".join(dict.fromkeys(each.version for each in every)),
        sha256=" ".join(each.sha256 for each in every),
        licence="; ".join(dict.fromkeys(each.licence for each in every)),
        note=labelled.provenance.note if labelled else "every label is its teachers'",
    )


def _notes(
    sources: Sequence[Unlabelled], labelled: Corpus | None, n_taught: int, n_known: int, n_unsure: int
) -> Iterator[str]:
    yield from labelled.notes if labelled else ()
    for source in sources:
        yield from source.notes
    beside = f" beside {len(labelled.splits['train']):,} labelled ones" if labelled else ""
    yield f"{n_taught:,} texts are taught{beside}"
    if n_known:
        yield f"{n_known:,} texts left out: near-duplicates of a labelled text, or of one before"
    if n_unsure:
        yield f"{n_unsure:,} texts left out: the teachers are less sure of them than --confidence"
    if labelled is None:
        yield "validation is on the teachers' labels: its accuracy is agreement with them, not truth"


def _facts(
    teachers: Sequence[Teacher], texts: Sequence[str], labelled: Corpus | None, settings: Distillation
) -> dict[str, str]:
    return {
        "teachers": "; ".join(f"{teacher.run.path.name}, SHA-256 {teacher.sha256}" for teacher in teachers),
        "texts": f"{len(texts):,}, SHA-256 {sha256_of_texts(texts)}",
        "temperature": f"{settings.temperature:g}",
        "confidence": f"{settings.confidence:g}",
        "validated on": "labelled rows" if labelled else "the teachers' labels",
    }


def _listed(sources: Sequence[Unlabelled]) -> str:
    return ", ".join(source.name for source in sources)
