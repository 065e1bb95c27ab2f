"""Options of reading a file: its columns, and its dialect, which else is sniffed."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, fields

from sentiment.errors import InputError

QUOTINGS = ("auto", "double", "single", "backslash", "none")
HEADERS = ("auto", "first", "none")
ONE_LABEL = "none"  # of `labels_between`
_NAMED_DELIMITERS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "}


@dataclass(frozen=True, kw_only=True)
class DialectOptions:
    """How a file is written; what is left at its default is sniffed.

    Attributes:
        encoding: a codec's name, such as "latin-1"; "" is sniffed.
        delimiter: one or more characters, or "tab"; "" is sniffed.
        quoting: one of `QUOTINGS`. "double": a cell in double quotes may hold delimiters, line breaks and doubled
            quotes; "single": the same with single quotes; "backslash": a backslash takes the meaning from what
            follows it; "none": quotes are text.
        header: one of `HEADERS`: whether the first row names the columns.
        sheet: of an Excel file, by name; "" is the first one.
        path: where in a JSON file the records are, such as "data.items"; "" is sniffed.
        labels_between: what stands between the labels of a text that has several, such as ","; "none": a cell is one
            label, also with a separator in it; "" is sniffed.

    Raises InputError for a value that can't be used.
    """

    encoding: str = ""
    delimiter: str = ""
    quoting: str = "auto"
    header: str = "auto"
    sheet: str = ""
    path: str = ""
    labels_between: str = ""

    def __post_init__(self) -> None:
        for name in ("delimiter", "labels_between"):
            given = getattr(self, name)
            object.__setattr__(self, name, _NAMED_DELIMITERS.get(given, given))
        for flag, value, allowed in (("quoting", self.quoting, QUOTINGS), ("header", self.header, HEADERS)):
            if value not in allowed:
                raise InputError(f"--{flag} {value}: give one of {', '.join(allowed)}")
        if self.encoding:
            _check_encoding(self.encoding)
        if len(self.delimiter) > 1 and self.quoting not in ("auto", "none"):
            raise InputError(f"--delimiter {self.delimiter!r}: of several characters it takes --quoting none")
        if set(self.delimiter) & set("\r\n\"'\\"):
            raise InputError(f"--delimiter {self.delimiter!r}: line breaks, quotes and backslashes delimit no cells")


@dataclass(frozen=True, kw_only=True)
class ReadOptions(DialectOptions):
    """How to read a file: its dialect, and which columns hold what.

    Attributes:
        text: the columns of the texts, by name, by number (the first is 1) or, in JSON, by path ("body.text"); the
            cells of several are joined by a space. () stands for "text", or what the kind of file gives.
        label: the column of the labels, named as `text`; None stands for "label", or what the kind of file gives.
        split: the column that says which split a row belongs to; None stands for one that is called "split", "fold",
            "subset" or the like, and holds nothing but names of splits.
    """

    text: tuple[str, ...] = ()
    label: str | None = None
    split: str | None = None

    def flags(self) -> list[str]:
        """Returns the words of a command line that say the same."""
        said = {each.name: getattr(self, each.name) for each in fields(self)}
        said |= {"text": ",".join(self.text), "split-column": said.pop("split")}
        said["delimiter"] = "tab" if self.delimiter == "\t" else self.delimiter
        given = {name: value for name, value in said.items() if value and value != "auto"}
        return [word for name, value in given.items() for word in (f"--{name}", value)]


def columns_in(named: str | Sequence[str] | None) -> tuple[str, ...]:
    """Returns the columns of a flag such as `--text title,body`, or of a list of them; "" and None give none."""
    if not isinstance(named, str):
        return tuple(named or ())
    return tuple(name.strip() for name in named.split(",") if name.strip())


def command(name: str, flags: str) -> str:
    """Returns the end of a message: a command that works when it is pasted; `name` is the file's."""
    return f"as in: sentiment corpus {shlex.quote(name) if name != 'standard input' else '-'} {flags}"


def for_source(message: str, name: str, source: str) -> str:
    """Returns a message about a file whose command names the source that the file is a part of."""
    return message.replace(f"sentiment corpus {shlex.quote(name)} ", f"sentiment corpus {shlex.quote(source)} ")


def _check_encoding(name: str) -> None:
    try:
        b"xxxx".decode(name, "ignore")
    except (LookupError, ValueError) as error:
        known = "utf-8, latin-1, utf-16, windows-1251 or gb18030"
        raise InputError(f"--encoding {name}: unknown: give one such as {known}") from error
