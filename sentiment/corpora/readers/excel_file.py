"""Excel files, through python-calamine (2.4 MB, which reads .xlsx, .xls, .xlsb and .ods)."""

from collections.abc import Iterator, Sequence
from itertools import islice

from sentiment.corpora.readers.columns import wanted_names
from sentiment.corpora.readers.formats import Record
from sentiment.corpora.readers.headers import has_header, rows_above
from sentiment.corpora.readers.options import ReadOptions
from sentiment.corpora.readers.unpacked import PlainFile
from sentiment.errors import InputError

_HEAD = 1000
SUFFIXES = (".xlsx", ".xls", ".xlsb", ".xlsm", ".ods")


class ExcelFile:
    """One sheet of a workbook; offsets are rows of the sheet."""

    class_names: dict[str, tuple[str, ...]] = {}  # noqa: RUF012 - a sheet has none

    def __init__(self, plain: PlainFile, options: ReadOptions):
        self._plain = plain
        self._rows, sheet = _sheet(plain, options.sheet)
        filled, wanted = [_strings(row) for row in self._rows if any(cell != "" for cell in row)], wanted_names(options)
        above = rows_above(filled, wanted, options.header)
        filled = filled[above:]
        self.named = bool(filled) and has_header(plain.name, filled[:_HEAD], wanted, options.header)
        self._beginning = above + self.named  # rows that aren't empty
        width = max(map(len, filled), default=0)
        names = [cell.strip() for cell in filled[0]] if self.named else list(map(str, range(1, width + 1)))
        self.columns = tuple(names)
        self.head: Sequence[Sequence[object]] = filled[1:_HEAD] if self.named else filled[:_HEAD]
        self.size = len(self._rows)
        self.dialect: dict[str, object] = {"kind": "Excel", "sheet": sheet, "header": self.named} | (
            {"above": above} if above else {}
        )

    def records(self, offset: int = 0, line: int = 0) -> Iterator[Record]:
        """Yields the rows that aren't empty, from an offset on, as `Format.records` does."""
        passed, beginning = 0, self._beginning if offset == 0 else 0
        for number, row in enumerate(islice(self._rows, offset, None), start=offset + 1):
            empty = all(cell == "" for cell in row)
            if beginning or empty:
                beginning -= not empty
                passed += 1
                continue
            yield Record(number, _strings(row), passed + 1, passed + 1)
            passed = 0


def is_excel(plain: PlainFile) -> bool:
    """Whether a file is a workbook, by its name or its first bytes."""
    with plain.local.open("rb") as file:
        start = file.read(8)
    return plain.suffix in SUFFIXES or start.startswith((b"PK\3\4", b"\xd0\xcf\x11\xe0"))


def _sheet(plain: PlainFile, name: str) -> tuple[Sequence[Sequence[object]], str]:
    try:
        import python_calamine
    except ModuleNotFoundError as error:
        raise InputError(
            f"{plain.name}: Excel takes a package more: pip install python-calamine, or save it as CSV"
        ) from error
    try:
        book = python_calamine.load_workbook(str(plain.local))
        if name and name not in book.sheet_names:
            raise InputError(f"{plain.name}: no sheet {name!r}: name one of {', '.join(book.sheet_names)} with --sheet")
        chosen = name or book.sheet_names[0]
        return book.get_sheet_by_name(chosen).to_python(skip_empty_area=False), chosen
    except (python_calamine.CalamineError, OSError, IndexError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise InputError(f"{plain.name}: no readable Excel file ({error}): save it again, or as CSV") from error


def _strings(row: Sequence[object]) -> list[str]:
    # Excel keeps all numbers as floating point: 1 comes as 1.0.
    return [str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell) for cell in row]
