"""The delimiter and quoting of a file's cells: every candidate is tried on a sample and scored by consistency.

DuckDB's and Python's own sniffers lose rows to stray quotes and take first rows for headers (`docs/data.md` has the
comparison); where two readings of a file fit equally well, this one says so and names the flag that decides.
"""

import dataclasses
import re
from collections.abc import Sequence

from sentiment.corpora.readers.columns import KNOWN_NAMES, looks_like_labels
from sentiment.corpora.readers.delimited import Dialect
from sentiment.corpora.readers.lines import Line
from sentiment.corpora.readers.options import command
from sentiment.corpora.readers.sample import Reading, read_sample, spilled
from sentiment.errors import InputError

DELIMITERS = (",", "\t", ";", "|")
_FEW = 200  # lines, or a fifth of the sample, by which most delimiters are ruled out
_WHOLE = 0.99  # of the lines: a reading that explains so many is taken as it is
_CONSISTENT = 0.9  # the least share of lines that a candidate must explain
_TABLES = {".csv": ",", ".tsv": "\t", ".tab": "\t", ".psv": "|"}


def sniff(
    name: str, suffix: str, sample: Sequence[Line], wanted: set[str], delimiter: str = "", quoting: str = "auto"
) -> Reading | None:
    """Returns the best reading of a sample as cells between delimiters; None where it is none: lines of text.

    Args:
        name: what messages call the file.
        suffix: its ending. A .csv or .tsv file is a table in any case.
        sample: its first lines.
        wanted: names of columns that the user gave, case-folded.
        delimiter, quoting: as in `ReadOptions`.

    Raises:
        InputError: two readings fit equally well; with the flag that decides.
    """
    best = _sniff(name, suffix, sample, wanted, delimiter, quoting)
    if best and best.doubt:
        flag = best.doubt.partition("say which with ")[2].partition(" or ")[0]
        raise InputError(f"{name}: {best.doubt}, {command(name, flag)}")
    return best


def _sniff(
    name: str, suffix: str, sample: Sequence[Line], wanted: set[str], delimiter: str, quoting: str
) -> Reading | None:
    there = [each for each in DELIMITERS if any(each in line.text for line in sample)]
    if _wrapping("".join(line.text for line in sample[:2]), " "):  # R's write.table
        there.append(" ")
    if delimiter:
        return _read(sample, delimiter, quoting, wanted)
    certain = suffix in _TABLES
    few = sample[: max(_FEW, len(sample) // 5)]
    if len(few) < len(sample):  # a delimiter that doesn't explain half of these can't explain 90% of all
        there = [each for each in there if _TABLES.get(suffix) == each or _may_fit(_read(few, each, quoting, wanted))]
    readings = [_read(sample, each, quoting, wanted) for each in there]
    fitting = [each for each in readings if each.dialect.width > 1 and each.consistency >= _CONSISTENT]
    ranked = sorted(fitting, key=lambda each: _rank(each, suffix, wanted), reverse=True)
    if not certain:
        ranked = [each for each in ranked if _is_table(each, wanted)]
    if len(ranked) > 1 and _rank(ranked[0], suffix, wanted)[:3] == _rank(ranked[1], suffix, wanted)[:3]:
        _refuse_unless_preferred(name, ranked, suffix)
    if ranked:
        return ranked[0]
    if not certain:
        return None
    best = max(readings, key=lambda each: (each.dialect.delimiter == _TABLES[suffix], each.consistency), default=None)
    one_column = _read(sample, _TABLES[suffix], quoting, wanted)
    return one_column if best is None or one_column.consistency >= best.consistency else best


def _may_fit(reading: Reading) -> bool:
    return reading.dialect.width > 1 and reading.consistency >= 0.5


def _refuse_unless_preferred(name: str, ranked: list[Reading], suffix: str) -> None:
    preferred = _TABLES.get(suffix)
    if preferred and any(each.dialect.delimiter == preferred for each in ranked):
        ranked.sort(key=lambda each: each.dialect.delimiter != preferred)
        return
    example = command(name, f"--delimiter {_flag(ranked[0].dialect.delimiter)}")
    flags = " or ".join(f"--delimiter {_flag(each.dialect.delimiter)}" for each in ranked)
    raise InputError(f"{name}: its cells may end at {_shown(ranked)}: say which with {flags}, {example}")


def _shown(ranked: list[Reading]) -> str:
    return " or at ".join(repr(each.dialect.delimiter) for each in ranked)


def _flag(delimiter: str) -> str:
    return "tab" if delimiter == "\t" else f"'{delimiter}'"


def _rank(reading: Reading, suffix: str, wanted: set[str]) -> tuple:
    names = reading.names
    asked = len(names & (wanted or {"text", "label"}))
    known = len(names & KNOWN_NAMES)
    labels = any(looks_like_labels(column) for column in zip(*reading.rows, strict=True))
    preferred = reading.dialect.delimiter == _TABLES.get(suffix, "\t")
    return asked, known, labels, preferred, round(reading.consistency, 2), reading.dialect.width


def _is_table(reading: Reading, wanted: set[str]) -> bool:
    """Whether a file of unknown kind is a table: by its header, or a column of labels beside texts."""
    names = reading.names
    if names & (wanted | {"text", "label"}) or len(names & KNOWN_NAMES) > 1:
        return True
    if reading.dialect.delimiter == "\t":
        return reading.consistency >= _WHOLE or looks_like_labels([row[0] for row in reading.rows])
    columns = [list(column) for column in zip(*reading.rows, strict=True)]
    spaced = [any(cell[:1] == " " for cell in column) for column in columns]
    labels = [looks_like_labels(column) and not space for column, space in zip(columns, spaced, strict=True)]
    return reading.consistency >= _WHOLE and len(reading.rows) > 3 and any(labels) and not all(labels)


def _read(sample: Sequence[Line], delimiter: str, quoting: str, wanted: set[str]) -> Reading:
    """Returns the reading with the quoting that fits best; where none fits, with a column that spills."""
    best = _quoted(sample, delimiter, quoting)
    if best.consistency >= _WHOLE:
        return best
    chosen = best.dialect.quoting
    unsure = quoting == "auto" and len(delimiter) == 1 and chosen in ("double", "none") and not best.proven
    either = ("double", "none") if unsure else (chosen,)
    others = [spilled(sample, Dialect(delimiter, each), wanted) for each in either]
    return min(filter(None, (best, *others)), key=lambda each: each.broken)


def _quoted(sample: Sequence[Line], delimiter: str, quoting: str) -> Reading:
    """Returns the reading with the quoting that fits best."""
    if quoting != "auto" or len(delimiter) > 1:
        return read_sample(sample, Dialect(delimiter, "none" if len(delimiter) > 1 else quoting))
    text = "".join(line.text for line in sample)
    if quote := _wrapping(text, delimiter):
        return dataclasses.replace(read_sample(sample, Dialect(delimiter, quote)), proven=True)
    plain = read_sample(sample, Dialect(delimiter, "none"))
    double = read_sample(sample, Dialect(delimiter, "double"))
    best = _double_or_none(plain, double) if '"' in text else double
    if "'" in text and _are_cells_of_single_quotes(plain):
        single = read_sample(sample, Dialect(delimiter, "single"))
        if single.broken <= best.broken and _explains(plain, single):
            best = single
    if "\\" in text and (best.broken or _all_escapes(text, delimiter)):
        escaped = read_sample(sample, Dialect(delimiter, "backslash"))
        if escaped.broken < best.broken:
            best = escaped
        elif escaped.broken == best.broken and escaped.rows != best.rows and _all_escapes(text, delimiter):
            told = "its backslashes may be text or may take the meaning from what follows them: say which with"
            best = dataclasses.replace(best, doubt=f"{told} --quoting {best.dialect.quoting} or --quoting backslash")
    return best


def _wrapping(text: str, delimiter: str) -> str:
    """Returns "double" or "single" where such quotes stand around every cell of the first line, and nowhere else."""
    first = next((line for line in text.splitlines() if line.strip()), "").strip("\ufeff")
    for quote, name in (('"', "double"), ("'", "single")):
        if all(re.fullmatch(f"{quote}[^{quote}]+{quote}", cell) for cell in first.split(delimiter)):
            return name
    return ""


def _double_or_none(plain: Reading, double: Reading) -> Reading:
    suspect = sum(map(len, double.stray)) if plain.consistency >= _WHOLE else 0
    if plain.broken > double.broken:  # quotes explain lines that are broken without them
        return dataclasses.replace(double, proven=True)
    if not suspect:
        return plain if plain.broken < double.broken else double
    if double.broken:  # and the other way round
        return plain
    verdict = _strays(plain, double)
    if verdict is None:
        line = double.stray[0][0].text.strip()[:40]
        told = f"quotes may be text or may hold line breaks, as in {line!r}: say which with"
        return dataclasses.replace(double, doubt=f"{told} --quoting none or --quoting double")
    return plain if verdict else double


def _strays(plain: Reading, double: Reading) -> bool | None:
    """Whether quotes that span lines are text: the lines then hold labels that other lines hold too.

    None where there is no column of labels to tell by.
    """
    merged = [line for lines in double.stray for line in lines]
    texts = {line.text.rstrip("\r\n") for line in merged}
    cut = [_plain_cells(line, plain) for line in merged]
    others = [row for row in plain.rows if plain.dialect.delimiter.join(row) not in texts]
    spaced = [
        any(cell[:1] == " " for line in lines for cell in _plain_cells(line, plain)[1:]) for lines in double.stray
    ]
    if all(spaced) and not any(cell[:1] == " " for row in others for cell in row[1:]):
        return False  # in prose a space comes after a comma
    for place in range(plain.dialect.width):
        column = [row[place] for row in others]
        if len(column) > 3 and looks_like_labels(column):
            known = {cell.strip() for cell in column}
            hits = sum(row[place].strip() in known for row in cut)
            if hits == len(cut):
                return True
            if hits <= len(cut) / 2:
                return False
    return None


def _plain_cells(line: Line, plain: Reading) -> list[str]:
    return line.text.rstrip("\r\n").split(plain.dialect.delimiter)


def _are_cells_of_single_quotes(plain: Reading) -> bool:
    """Whether single quotes are no apostrophes: they stand around cells, and doubled inside."""
    inside = [cell.replace("''", "") for row in plain.rows for cell in row if "'" in cell]
    return all("'" not in cell[1:-1] for cell in inside)


def _explains(plain: Reading, single: Reading) -> bool:
    """Whether single quotes around cells explain something."""
    wrapped = all(len(cell) > 1 and cell[0] == cell[-1] == "'" for cell in plain.cells)
    doubled = any(cell[0] == cell[-1] == "'" and "''" in cell[1:-1] for cell in plain.cells if len(cell) > 2)
    return wrapped or doubled or single.broken < plain.broken


def _all_escapes(text: str, delimiter: str) -> bool:
    """Whether every backslash stands before what it may take the meaning from."""
    place = text.find("\\")
    while place >= 0:
        if text[place + 1 : place + 2] not in ("\\", '"', delimiter, "\n", "\r"):
            return False
        place = text.find("\\", place + 2)
    return True
