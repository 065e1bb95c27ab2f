"""Texts come in any form that Python has them in; what is no text is refused with its position and a remedy."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.prediction.texts import as_texts

TEXTS = ["so happy", "", "two\tparts 😀", "crying"]


def forms() -> dict:
    """Returns `TEXTS` in every form but that of a file on disk."""
    pandas = pytest.importorskip("pandas", reason="needs pandas: make dev")
    return {
        "list": TEXTS,
        "tuple": tuple(TEXTS),
        "generator": (text for text in TEXTS),
        "map": map(str.lower, TEXTS),
        "iterator": iter(TEXTS),
        "keys": dict.fromkeys(TEXTS).keys(),
        "array": np.array(TEXTS),
        "array of objects": np.array(TEXTS, object),
        "series": pandas.Series(TEXTS),
        "series with an index": pandas.Series(TEXTS, index=[9, 7, 8, 7]),
        "series of objects": pandas.Series(TEXTS, dtype=object),
        "category": pandas.Series(TEXTS, dtype="category"),
        "column": pandas.DataFrame({"text": TEXTS})["text"],
        "file in memory": io.StringIO("\n".join(TEXTS)),
    }


def test_every_form_gives_the_same_strings():
    for name, form in forms().items():
        found = as_texts(form)
        assert found == TEXTS, name
        assert {type(text) for text in found} == {str}, name


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_an_open_file_gives_its_lines_without_their_ends(tmp_path, line_end):
    (tmp_path / "texts.txt").write_bytes(line_end.join(TEXTS).encode())
    with (tmp_path / "texts.txt").open(encoding="utf-8") as file:
        assert as_texts(file) == TEXTS


@given(st.lists(st.text()))
def test_any_strings_come_back(texts):
    assert as_texts(texts) == as_texts(iter(texts)) == as_texts(np.array(texts, object)) == texts


@pytest.mark.parametrize(
    ("given_", "message"),
    [
        ("one text", r"one str alone, 'one text': put it into a list, \[text\]"),
        (np.str_("one"), "one str alone"),
        (b"bytes", r"bytes alone: decode it and put it into a list, \[text.decode\('utf-8'\)\]"),
        (None, r"NoneType \(None\) holds no texts: give a list of strings"),
        (float("nan"), r"float \(nan\) holds no texts"),
        (5, r"int \(5\) holds no texts"),
        ({"a": "text"}, r"a mapping \(dict\): give its values, list\(texts.values\(\)\)"),
        (np.array([["a", "b"]]), "an array of 2 dimensions: give one of 1"),
        (np.array("a"), "an array of 0 dimensions"),
        (["fine", None], r"texts\[1\] is missing \(None\): leave it out"),
        (iter(["a", "b", float("nan")]), r"texts\[2\] is missing \(nan\): leave it out, as series.dropna\(\) does"),
        (np.array(["a", np.nan], object), r"texts\[1\] is missing \(nan\)"),
        ([b"bytes", "a"], r"texts\[0\] is bytes: decode it first, text.decode\('utf-8'\), or open the file as text"),
        (np.array([b"a"]), r"texts\[0\] is bytes_: decode it first"),
        (io.BytesIO(b"a\nb"), r"texts\[0\] is bytes: .*open the file as text"),
        (["a", ["b"]], r"texts\[1\] is of type list \(\['b'\]\): each text is one str"),
        ((text for text in ("a", 5)), r"texts\[1\] is of type int \(5\): each text is one str; str\(...\) makes one"),
    ],
)
def test_what_is_no_text_is_a_type_error_with_position_and_remedy(given_, message):
    with pytest.raises(TypeError, match=message) as raised:
        as_texts(given_)
    assert "\n" not in str(raised.value)


def test_tables_and_missing_values_of_pandas_and_arrow_are_refused():
    pandas = pytest.importorskip("pandas", reason="needs pandas: make dev")
    pyarrow = pytest.importorskip("pyarrow", reason="needs pyarrow: make dev")
    for table in (pandas.DataFrame({"text": TEXTS}), pyarrow.table({"text": TEXTS})):
        with pytest.raises(TypeError, match=r"a table \(\w+\): name the column that holds the texts"):
            as_texts(table)
    for series in (
        pandas.Series(["a", None]),
        pandas.Series(["a", pandas.NA], dtype="string"),
        pandas.Series(["a", pandas.NaT], dtype=object),
    ):
        with pytest.raises(TypeError, match=r"texts\[1\] is missing"):
            as_texts(series)
    with pytest.raises(TypeError, match=r"texts\[0\] is of type int"):
        as_texts(pandas.Series([1, 2]))
