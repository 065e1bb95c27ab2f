"""What is to be prepared, written down first: a preparation that was cut off is gone on with under the same plan."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from sentiment.corpora.options import CorpusOptions
from sentiment.corpora.prepared_folder import FORMAT, PreparedFolder
from sentiment.corpora.readers import Reader, ReadOptions
from sentiment.errors import InputError
from sentiment.storage.files import write_whole
from sentiment.storage.manifest import read_json, to_json


@dataclass(frozen=True)
class Plan:
    """What is to be prepared.

    Attributes:
        sources: as the user names them, one after the other; those of other splits last.
        splits: of each source the split of all its rows, or None where its rows say.
        options: what the user says of the files.
        text, label: their columns.
        seed: of the splits.
        settings: `encoding_settings`.
        block_rows: of a block.
    """

    sources: tuple[str, ...]
    splits: tuple[str | None, ...]
    options: CorpusOptions
    text: str | None
    label: str | None
    seed: int
    settings: dict[str, str]
    block_rows: int

    @classmethod
    def of(
        cls,
        sources: Sequence[str],
        columns: tuple[str | None, str | None],
        options: CorpusOptions,
        seed: int,
        settings: dict[str, str],
        block_rows: int,
    ) -> "Plan":
        """Returns the plan for sources, and the files of other splits that the options name."""
        beside = [(path, name) for name in ("test", "validation") if (path := getattr(options, name))]
        names = (*sources, *(path for path, _ in beside))
        splits = (*[None] * len(sources), *(name for _, name in beside))
        return cls(names, splits, options, *columns, seed, settings, block_rows)

    def reading(self, source: int) -> ReadOptions:
        """Returns how a source is read."""
        reading = self.options.reading(self.text, self.label)
        return reading if self.splits[source] is None else replace(reading, split=None)

    def readers(self) -> list[Reader]:
        """Opens the sources. Raises InputError as `Reader` does."""
        return [Reader(source, self.reading(number)) for number, source in enumerate(self.sources)]

    def agree(self, folder: PreparedFolder, readers: Sequence[Reader]) -> None:
        """Writes the plan, or compares it with the folder's.

        Raises:
            InputError: the folder holds something else, or is of other data or settings.
            OSError: it can't be written.
        """
        plan = asdict(self) | {"files": [_files(reader) for reader in readers], "format": FORMAT}
        text = to_json(plan)
        if folder.plan.is_file():
            if folder.plan.read_text("utf-8") != text:
                raise InputError(f"{folder.path}: {_difference(read_json(folder.plan), plan)}; name another folder")
            return
        others = (path for path in folder.path.iterdir() if path.name != ".lock" and path.suffix != ".part")
        if any(others):
            raise InputError(f"{folder.path}: not empty and no prepared corpus: name another folder")
        write_whole(folder.plan, text)


def _files(reader: Reader) -> list[tuple[str, int, int]]:
    found = []
    for part in reader.layout.parts:
        for plain in part.documents or [each for each in (part.file, part.labels) if each]:
            path = Path(plain.name) if Path(plain.name).is_file() else plain.local
            known = path == Path(plain.name)
            found.append((plain.name, path.stat().st_size, path.stat().st_mtime_ns if known else 0))
    return found


def _difference(there: dict[str, Any], wanted: dict[str, Any]) -> str:
    if there.get("files") != [[list(each) for each in files] for files in wanted["files"]]:
        return "the source has changed, or is another, since its preparation began"
    return "prepared, or being prepared, with other settings"
