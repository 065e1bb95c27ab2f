"""Tables in any dialect come back equal, or are refused with a flag that works when it is pasted."""

import bz2
import csv
import gzip
import io
import lzma
import re
import shlex
import warnings
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment.corpora.readers import ReadOptions, read_table
from sentiment.errors import InputError

LABELS = ("negative", "positive", "neutral")
WORDS = st.sampled_from(
    [
        "good",
        "bad",
        "café",
        "naïve",
        "it's",
        "“so”",
        "£5",
        '"',
        '""',
        "'",
        ",",
        ";",
        "\t",
        "|",
        "\n",
        "\r\n",
        "\\",
        "a,b",
    ]
)
# A word in front: a cell of nothing but quotes means different texts in different dialects, and no sniffer can know.
TEXTS = st.lists(WORDS, min_size=1, max_size=7).map(lambda words: " ".join(["so", *words]))
ANY_TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=30).filter(str.strip)


def packed(data: bytes, compression: str) -> bytes:
    if compression == ".zip":
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("inside.csv", data)
        return file.getvalue()
    if compression == ".zst":
        from backports import zstd

        return zstd.compress(data)
    return {"": bytes, ".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}[compression](data)


def flags_in(message: str) -> list[dict[str, str]]:
    """Returns what a message offers to paste, one reading of the file after the other."""
    found = re.findall(r"--(delimiter|quoting|header|encoding) ('[^']*'|\S+)", message)
    return [{flag: shlex.split(value.rstrip(":,"))[0]} for flag, value in found]


def rows_of(path, flags: dict[str, str]) -> list[tuple]:
    table = read_table(path, ReadOptions(**flags))
    if table.left_out and flags:  # the other of two flags that a message offers
        return []
    assert not table.left_out, table.left_out
    return list(zip(table.texts, table.labels, strict=True))


def comes_back_or_is_refused_with_a_flag_that_works(path, rows, depth: int = 0, flags: dict | None = None) -> bool:
    try:
        found = rows_of(path, flags or {})
    except InputError as error:
        offered = flags_in(str(error)) if depth < 3 else []
        if not offered and not depth:
            raise AssertionError(f"no flag in: {error}") from error
        return any(
            comes_back_or_is_refused_with_a_flag_that_works(path, rows, depth + 1, (flags or {}) | more)
            for more in offered
        )
    if depth == 0:
        assert found == rows
    return found == rows


DIALECTS = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from(",;\t|"),
        "quoting": st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
        "quotechar": st.sampled_from('"""\''),
        "lineterminator": st.sampled_from(["\n", "\r\n", "\r\n", "\r"]),
    }
)
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"])
COMPRESSIONS = st.sampled_from(["", "", "", ".gz", ".bz2", ".xz", ".zst", ".zip"])


@settings(max_examples=150)
@given(st.lists(st.tuples(TEXTS, st.sampled_from(LABELS)), min_size=1, max_size=12), DIALECTS, ENCODINGS, COMPRESSIONS)
def test_a_table_written_by_csv_in_any_dialect_comes_back(tmp_path_factory, rows, dialect, encoding, compression):
    if dialect["lineterminator"] == "\r":  # the ends of lines of old Macs: csv leaves line feeds in cells unquoted
        rows = [(text.replace("\n", "."), label) for text, label in rows]
    file = io.StringIO(newline="")
    csv.writer(file, **dialect).writerows([("text", "label"), *rows])
    path = tmp_path_factory.mktemp("any") / f"own.csv{compression}"
    path.write_bytes(packed(file.getvalue().encode(encoding), compression))
    assert comes_back_or_is_refused_with_a_flag_that_works(path, rows)


@settings(max_examples=60)
@given(st.lists(st.tuples(TEXTS, st.sampled_from(LABELS)), min_size=1, max_size=12), st.sampled_from(",;\t|"))
def test_a_table_written_with_backslashes_comes_back(tmp_path_factory, rows, delimiter):
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, escapechar="\\", doublequote=False, lineterminator="\n")
    writer.writerows([("text", "label"), *rows])
    path = tmp_path_factory.mktemp("any") / "own.csv"
    path.write_text(file.getvalue(), newline="")
    assert comes_back_or_is_refused_with_a_flag_that_works(path, rows)


@settings(max_examples=60)
@given(st.lists(st.tuples(ANY_TEXTS, st.sampled_from(LABELS)), min_size=1, max_size=8), st.sampled_from([",", "\t"]))
def test_any_characters_come_back(tmp_path_factory, rows, delimiter):
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows([("text", "label"), *rows])
    path = tmp_path_factory.mktemp("any") / ("own.csv" if delimiter == "," else "own.tsv")
    path.write_bytes(file.getvalue().encode())
    assert comes_back_or_is_refused_with_a_flag_that_works(path, rows)


@settings(max_examples=50)
@given(
    st.lists(st.tuples(TEXTS, st.sampled_from(LABELS)), min_size=1, max_size=12),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    st.sampled_from(["", ".gz", ".bz2", ".xz", ".zip"]),
    st.booleans(),
)
def test_a_table_written_by_pandas_comes_back(tmp_path_factory, rows, delimiter, encoding, compression, index):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    if encoding == "utf-16":  # pandas says itself that it loses the byte order mark
        compression = ""
    path = tmp_path_factory.mktemp("any") / f"own.csv{compression}"
    pandas.DataFrame(rows, columns=["text", "label"]).to_csv(path, sep=delimiter, encoding=encoding, index=index)
    assert comes_back_or_is_refused_with_a_flag_that_works(path, rows)


SINGLY = ["it's fine", "a, b; c|d\te", "''", "two\nlines", '""', '"x"', '" "', '"",""', 'say "so"']


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_double_quotes_alone_are_a_text_where_single_ones_quote(tmp_path, delimiter, quoting):
    rows = [(text, LABELS[n % 2]) for n, text in enumerate([*SINGLY, *(f"so it goes {n}" for n in range(8))])]
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, quotechar="'", quoting=quoting).writerows([("text", "label"), *rows])
    path = tmp_path / "own.csv"
    path.write_text(file.getvalue(), newline="")
    assert rows_of(path, {}) == rows


STRAY = [("text", "label"), *((f"{'Fine' if n % 2 else 'Awful'} film {n}", LABELS[n % 2]) for n in range(20))]


@pytest.mark.parametrize("places", [(3, 4), (3, 9), (5,), (18,), (2, 3, 4, 5)])
def test_stray_quotes_are_text_and_no_two_rows_merge(tmp_path, places):
    rows = [(text + '"' if n in places[1::2] else '"' + text if n in places else text, label)
            for n, (text, label) in enumerate(STRAY)]  # fmt: skip
    path = tmp_path / "own.tsv"
    path.write_text("".join(f"{text}\t{label}\n" for text, label in rows))
    assert rows_of(path, {}) == rows[1:]


def test_quotes_that_hold_delimiters_and_line_breaks_are_no_stray_ones(tmp_path):
    rows = [(f"a film, not too bad\nand a half {n}", LABELS[n % 2]) for n in range(9)] + [("fine", "negative")]
    file = io.StringIO(newline="")
    csv.writer(file).writerows([("text", "label"), *rows])
    path = tmp_path / "own.csv"
    path.write_text(file.getvalue(), newline="")
    assert rows_of(path, {}) == rows


def test_a_stray_quote_far_below_the_sample_costs_its_row_alone(tmp_path):
    rows = [f"some words to make the line a bit longer {n}\t{LABELS[n % 2]}" for n in range(30_000)]
    rows[29_000], rows[29_001] = '"' + rows[29_000], rows[29_001].replace("\t", '"\t')
    path = tmp_path / "own.tsv"
    path.write_text("\n".join(["text\tlabel", *rows]) + "\n")
    table = read_table(path)
    assert len(table.texts) + len(table.left_out) == 30_000
    assert [(each.line, each.reason) for each in table.left_out] == [(29_002, "broken line")]
