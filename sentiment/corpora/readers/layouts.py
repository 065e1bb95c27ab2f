"""Which files of a folder, an archive or a pattern belong together, and what their names say of label and split."""

import glob
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from sentiment.corpora.polarity import polarity
from sentiment.corpora.readers.label_names import LISTS, MAPPING, beside
from sentiment.corpora.readers.unpacked import STDIN, PlainFile, unpack
from sentiment.corpora.readers.values import split_name
from sentiment.download.addresses import fetched, is_address
from sentiment.errors import InputError

TABLES = (".csv", ".tsv", ".tab", ".psv", ".jsonl", ".ndjson", ".json", ".parquet", ".xlsx", ".xls", ".ods")
_PACKED = (".gz", ".bz2", ".xz", ".zst")
_NO_DATA = (".md", ".py", ".pdf", ".html", ".bib", ".yaml", ".yml", ".toml", ".lock", ".crc", ".sha256", ".png", ".log")
_NO_DATA_STEMS = ("readme", "license", "licence", "copying", "citation", "changelog", "dataset_infos", "_success")
_TEXTS = frozenset(("text", "texts", "sentence", "sentences", "tweets", "input", "seq", "in"))  # SNIPS has seq.in
_LABELS = frozenset(("label", "labels", "target", "targets", "gold"))
_UNLABELLED = frozenset(("unsup", "unlabeled", "unlabelled"))
_MOST_FILES = 2_000_000
_SUFFIX = re.compile(r"[._-]+")


@dataclass(frozen=True)
class Part:
    """One file of a source, or the documents of one class.

    Attributes:
        file: the file; of documents the first.
        split: the split that its place says, or None.
        label: the label that its place says, or None.
        labels: the file of its labels, line by line, or None.
        documents: files each of which is a text.
        maybe_class: the label that its name says if its lines turn out to be bare texts.
    """

    file: PlainFile
    split: str | None = None
    label: str | None = None
    labels: PlainFile | None = None
    documents: tuple[PlainFile, ...] = ()
    maybe_class: str | None = None


@dataclass(frozen=True)
class Layout:
    """The parts of a source in order, the file that names its labels' numbers, and the files that were passed over."""

    parts: tuple[Part, ...]
    mapping: PlainFile | None = None
    passed_over: tuple[str, ...] = ()


def find_layout(source: str, folder: Path) -> Layout:
    """Finds the parts of a source: a file, "-", a folder, a pattern, an archive or ARCHIVE/MEMBER.

    Args:
        source: as a user names it; an address (`download.addresses`) too.
        folder: an empty one, for what must be unpacked.

    Raises:
        InputError: there is no such thing, no data in it, or it is uncertain what belongs together.
    """
    if is_address(source):
        return _at_address(source, folder)
    path = Path(source)
    if source != STDIN and path.is_dir():
        return _of_files(source, _entries(path))
    if source != STDIN and not path.exists() and any(each in source for each in "*?["):
        matches = sorted(map(Path, glob.glob(source, recursive=True)), key=_natural)  # noqa: PTH207 - a user's pattern
        files = [match for match in matches if match.is_file()]
        if not files:
            raise InputError(f"{source}: no file fits this pattern: check the folder")
        return _of_files(source, [(PurePosixPath(each.name), _plain(each)) for each in files], beside(files[0]))
    plain = unpack(path, folder)
    if len(plain) == 1:
        return Layout((Part(plain[0]),), beside(path) if source != STDIN and path.is_file() else None)
    archive = Path("standard input") if source == STDIN else path
    return _of_files(source, [(PurePosixPath(Path(each.name).relative_to(archive).as_posix()), each) for each in plain])


def _entries(folder: Path) -> list[tuple[PurePosixPath, PlainFile]]:
    found = []
    for path in sorted(folder.rglob("*"), key=_natural):
        inside = PurePosixPath(path.relative_to(folder).as_posix())
        if path.is_file() and not any(part.startswith((".", "__MACOSX")) for part in inside.parts):
            found.append((inside, _plain(path)))
            if len(found) > _MOST_FILES:
                raise InputError(f"{folder}: over {_MOST_FILES:,} files: name a folder with fewer")
    return found


def _at_address(address: str, folder: Path) -> Layout:
    """Returns the layout of a copy in the cache, whose files are called by their addresses."""
    copy = fetched(address)
    try:
        layout = find_layout(str(copy.path), folder)
    except InputError as error:
        raise InputError(copy.named(str(error))) from error

    def named(plain: PlainFile) -> PlainFile:
        return replace(plain, name=copy.named(plain.name))

    parts = (
        replace(
            part,
            file=named(part.file),
            labels=part.labels and named(part.labels),
            documents=tuple(map(named, part.documents)),
        )
        for part in layout.parts
    )
    return replace(layout, parts=tuple(parts), mapping=layout.mapping and named(layout.mapping))


def _plain(path: Path) -> PlainFile:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    packed = len(suffixes) > 1 and suffixes[-1] in _PACKED
    return PlainFile(str(path), path, suffixes[-2] if packed else path.suffix.lower())


def _natural(path: Path) -> list[tuple[bool, int, str]]:
    parts = re.split(r"(\d+)", str(path))
    return [(part.isdigit(), int(part) if part.isdigit() and len(part) < 19 else 0, part) for part in parts]


_Entries = Sequence[tuple[PurePosixPath, PlainFile]]


def _of_files(source: str, entries: _Entries, names: PlainFile | None = None) -> Layout:
    """Returns the layout of some files, by the names of labels that lie beside them, where none of them has such."""
    entries = [entry for entry in entries if _is_data(entry[0])]
    naming = [plain for name, plain in entries if name.name.lower() in (MAPPING, *LISTS)]
    mapping = naming[0] if 0 < len(naming) < len(entries) else names
    entries = [entry for entry in entries if entry[1] is not mapping]
    for find in (_saved_dataset, _parallel, _class_folders, _splits, _class_files, _alike):
        if parts := find(source, entries):
            used = {each.name for part in parts for each in (part.file, part.labels, *part.documents) if each}
            passed_over = tuple(str(name) for name, plain in entries if plain.name not in used)
            return Layout(tuple(parts), mapping, passed_over)
    shown = ", ".join(str(name) for name, _ in entries[:8])
    if not entries:
        raise InputError(f"{source}: no data file in it: name a file, or a folder of files")
    raise InputError(f"{source}: can't tell what belongs together of {shown}: name one, as {source.rstrip('/')}/NAME")


def _is_data(name: PurePosixPath) -> bool:
    about = name.stem.lower().startswith(_NO_DATA_STEMS) or "readme" in _words(name)  # rt-polaritydata.README.1.0.txt
    return name.suffix.lower() not in _NO_DATA and not about


def _saved_dataset(source: str, entries: _Entries) -> list[Part]:
    """Hugging Face's `save_to_disk`: a folder a split, or one, each with .arrow files."""
    arrow = [(name, plain) for name, plain in entries if name.suffix == ".arrow"]
    if not arrow or not any(name.name in ("state.json", "dataset_info.json") for name, _ in entries):
        return []
    return [Part(plain, split=split_name(name.parent.name) if name.parent.name else None) for name, plain in arrow]


def _parallel(source: str, entries: _Entries) -> list[Part]:
    """A file of texts beside a file of labels: train_text.txt and train_labels.txt, or x.text and x.labels."""
    labels = {_without(name, _LABELS): plain for name, plain in entries if _words(name) & _LABELS}
    found = []
    for name, plain in entries:
        if (_words(name) & _TEXTS) and (key := _without(name, _TEXTS)) in labels:
            found.append(Part(plain, _split_of(name), labels=labels[key]))
    return _in_order(found)


def _words(name: PurePosixPath) -> set[str]:
    return set(_SUFFIX.split(name.name.lower()))


def _without(name: PurePosixPath, words: frozenset[str]) -> tuple[str, ...]:
    left = tuple(word for word in _SUFFIX.split(name.name.lower()) if word not in words and word != "txt")
    return (str(name.parent), *left)


def _split_of(name: PurePosixPath) -> str | None:
    """Returns the split that a file's name, or the nearest folder's above it, tells."""
    for part in (_stem(name), *(above.name for above in name.parents)):
        if found := split_name(part):
            return found
    return None


def _stem(name: PurePosixPath) -> str:
    stem = name.name
    while (suffix := PurePosixPath(stem).suffix.lower()) in (*TABLES, *_PACKED, ".txt", ".data", ".label", ".arrow"):
        stem = stem[: -len(suffix)]
    return stem


def _class_folders(source: str, entries: _Entries) -> list[Part]:
    """A folder a class, each text a file, with train and test above them, if there are any."""
    folders: dict[PurePosixPath, list[PlainFile]] = defaultdict(list)
    for name, plain in entries:
        bare = name.suffix.lower() not in (*TABLES, *_PACKED, ".arrow")
        above = name.parent.name
        if len(name.parts) > 1 and bare and above.lower() not in _UNLABELLED and not split_name(above):
            folders[name.parent].append(plain)
    classes = {folder.name for folder in folders}
    n_files = sum(map(len, folders.values()))
    if len(classes) < 2 or n_files < 2 * len(folders) or n_files < len(entries) / 2:
        return []
    found = []
    for folder, files in folders.items():
        split = next((named for above in folder.parents if (named := split_name(above.name))), None)
        found.append(Part(files[0], split, label=folder.name, documents=tuple(files)))
    return _in_order(found)


def _splits(source: str, entries: _Entries) -> list[Part]:
    """Files whose names, or whose folders' names, are splits: train.tsv, dev.tsv; train-00000-of-00002.parquet."""
    found = [(name, Part(plain, _split_of(name), maybe_class=_class_of(name))) for name, plain in entries]
    named = [(name, part) for name, part in found if part.split]
    suffixes = Counter(part.file.suffix for _, part in named)
    if not named or len({part.split for _, part in named}) < 2:
        return []
    if len(suffixes) > 1 and len({_stem(name) for name, _ in named}) < len(named):
        kinds = ", ".join(suffix or "(no suffix)" for suffix in suffixes)
        suffix = max(suffixes, key=lambda each: (bool(each), suffixes[each]))
        below = "**/" if any(len(name.parts) > 1 for name, _ in named) else ""
        pattern = f"{source.rstrip('/')}/{below}*{suffix}"
        raise InputError(f"{source}: the same splits as {kinds}: name those to read, as '{pattern}'")
    return _in_order([part for _, part in named])


def _class_files(source: str, entries: _Entries) -> list[Part]:
    """A file a class, one text a line: the class is the suffix (rt.positive), or its name says so (positive.txt)."""
    suffixes = [name.suffix.lower() for name, _ in entries]
    known = (*TABLES, *_PACKED, ".txt", ".arrow", "")
    if len(entries) > 1 and len(set(suffixes)) == len(suffixes) and not set(suffixes) & set(known):
        return [Part(plain, label=name.suffix[1:]) for name, plain in entries]
    if len(entries) > 1 and all(suffix in (".txt", "") for suffix in suffixes):
        classes = [_class_of(name) for name, _ in entries]
        if None not in classes and len(set(classes)) > 1:
            return [Part(plain, label=label) for (_, plain), label in zip(entries, classes, strict=True)]
    return []


def _class_of(name: PurePosixPath) -> str | None:
    found = [word for word in _SUFFIX.split(name.name) if polarity(word) is not None]
    return found[0] if len(found) == 1 else None


def _alike(source: str, entries: _Entries) -> list[Part]:
    """Files of one kind, one after the other."""
    kinds = Counter(plain.suffix for _, plain in entries)
    if len(kinds) == 1 or (len(entries) == 1):
        return [Part(plain, _split_of(name)) for name, plain in entries]
    tables = [kind for kind in kinds if kind in TABLES]
    if len(tables) == 1:
        return [Part(plain, _split_of(name)) for name, plain in entries if plain.suffix == tables[0]]
    return []


def _in_order(parts: list[Part]) -> list[Part]:
    order = ("train", "validation", "test", None)
    return sorted(parts, key=lambda part: order.index(part.split))
