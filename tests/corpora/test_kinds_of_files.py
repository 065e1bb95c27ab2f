"""Files of any kind give the same corpus, with texts and labels as they are."""

import contextlib
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from table_files import LABELS, ROWS, TEXTS, csv_bytes, jsonl_bytes, parquet_bytes

from sentiment.corpora import load_corpus
from sentiment.errors import InputError


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("own.csv", csv_bytes()),
        ("own.TSV", csv_bytes(delimiter="\t")),
        ("own.jsonl", jsonl_bytes()),
        ("own.parquet", parquet_bytes()),
        ("bom.csv", b"\xef\xbb\xbf" + csv_bytes()),
        ("bom.jsonl", b"\xef\xbb\xbf" + jsonl_bytes()),
        ("unix.csv", csv_bytes().replace(b"\r\n", b"\n")),
        ("mac.csv", csv_bytes().replace(b"\r\n", b"\r")),
        ("blank_lines.csv", csv_bytes().replace(b"\r\n", b"\r\n\r\n")),
        ("blank_lines.jsonl", jsonl_bytes().replace(b"\n", b"\n\n")),
        ("spaces.csv", csv_bytes([(text, f" {label} ") for text, label in ROWS], header=(" text", "label "))),
        ("wide.csv", csv_bytes([(1, text, "x", label) for text, label in ROWS], header=("id", "text", "by", "label"))),
    ],
)
def test_each_kind_of_file_gives_the_same_corpus(write, name, data):
    corpus = load_corpus(write(name, data))
    assert corpus.name == name
    assert corpus.texts == tuple(TEXTS)
    assert corpus.label_names == ("negative", "neutral", "positive")
    assert [corpus.label_names[label] for label in corpus.labels] == LABELS
    assert sorted(np.concatenate(list(corpus.splits.values())).tolist()) == list(range(12))
    assert corpus.provenance.licence == "the user's own"
    assert len(corpus.provenance.sha256) == 64


def test_the_columns_are_named_by_the_caller(write):
    path = write("own.csv", csv_bytes(header=("Tweet", "mood")))
    assert load_corpus(path, "Tweet", "mood").texts == tuple(TEXTS)


def test_quotes_newlines_and_emoji_in_cells_arrive_as_they_are(write):
    odd = ['she said "yes", twice', "two\nlines", "two\r\nlines", "😂👏🏽", "tab\there", " spaces ", "é", "=1+1", "''"]
    rows = [(text, "ab"[place % 2]) for place, text in enumerate(odd)]
    assert load_corpus(write("odd.csv", csv_bytes(rows))).texts == tuple(odd)
    assert load_corpus(write("odd.tsv", csv_bytes(rows, delimiter="\t"))).texts == tuple(odd)
    assert load_corpus(write("odd.jsonl", jsonl_bytes(rows))).texts == tuple(odd)
    separators = ["a\u2028b", "c\x85d", "e\x0bf", "g\x1ch"] * 2
    rows = [(f"{text}{place}", "ab"[place % 2]) for place, text in enumerate(separators)]
    raw = "".join(json.dumps({"text": text, "label": label}, ensure_ascii=False) + "\n" for text, label in rows)
    assert load_corpus(write("separators.jsonl", raw.encode())).texts == tuple(text for text, _ in rows)


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1).filter(str.strip),
        min_size=1,
        max_size=8,
    )
)
def test_any_text_survives_a_csv_and_a_jsonl_file(tmp_path_factory, texts):
    rows = [(text, "a") for text in texts] + [(f"other {place}", "ab"[place % 2]) for place in range(6)]
    folder = tmp_path_factory.mktemp("any")
    for name, data in {"any.csv": csv_bytes(rows), "any.jsonl": jsonl_bytes(rows)}.items():
        (folder / name).write_bytes(data)
        assert load_corpus(str(folder / name)).texts == tuple(text for text, _ in rows)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([0, 1], ("0", "1")),
        ([True, False], ("false", "true")),
        ([-1, 10, 2], ("-1", "2", "10")),
        ([0.5, 1.0], ("0.5", "1.0")),
        (["pos", "neg"], ("neg", "pos")),
        (["Positive", "Negative", "Neutral"], ("Negative", "Neutral", "Positive")),
        (["joy", "anger", "positive"], ("anger", "joy", "positive")),
        (["😂", "😭"], ("😂", "😭")),
    ],
)
def test_labels_become_strings_in_a_sensible_order(write, labels, expected):
    rows = [(f"text {place}", labels[place % len(labels)]) for place in range(12)]
    for name, data in {
        "own.jsonl": jsonl_bytes(rows),
        "own.parquet": parquet_bytes([text for text, _ in rows], [label for _, label in rows]),
    }.items():
        assert load_corpus(write(name, data)).label_names == expected


def test_a_dictionary_encoded_text_column_is_text(write):
    import pyarrow as pa

    encoded = pa.array(TEXTS).dictionary_encode()
    assert load_corpus(write("own.parquet", parquet_bytes(encoded))).texts == tuple(TEXTS)


@given(st.integers(0, 10**6), st.binary(max_size=40), st.booleans())
def test_a_parquet_file_damaged_anywhere_is_refused_in_one_line_or_read(tmp_path_factory, place, damage, cut):
    data = parquet_bytes()
    place %= len(data)
    path = tmp_path_factory.mktemp("damaged") / "own.parquet"
    path.write_bytes(data[:place] + damage + (b"" if cut else data[place + len(damage) :]))
    with contextlib.suppress(InputError):  # no other error, and no panic, which isn't even an Exception
        load_corpus(str(path))


def test_what_arro3_itself_would_say_of_a_damaged_footer_is_not_printed(write, capfd):
    data = parquet_bytes()
    with pytest.raises(InputError, match=r"own\.parquet: no readable Parquet file"):
        load_corpus(write("own.parquet", data[:-200] + b"\xff" * 192 + data[-8:]))
    assert capfd.readouterr().err == ""
