"""The texts to label: of files and known corpora, each once, none of those that are labelled."""

import numpy as np
import pytest

from sentiment.corpora import Corpus, CorpusOptions, Provenance
from sentiment.distillation.texts import Unlabelled, new_texts, read_texts, sha256_of_texts
from sentiment.errors import InputError

NOWHERE = Provenance("nowhere", "1", "0", "none")


def _source(*texts: str) -> Unlabelled:
    return Unlabelled("some", texts, NOWHERE)


def test_near_duplicates_of_labelled_texts_and_of_earlier_ones_are_left_out():
    labelled = Corpus(
        "own",
        ("What a day!", "Bad bad."),
        np.array([1, 0]),
        ("no", "yes"),
        {"train": np.array([0]), "validation": np.array([1])},
        NOWHERE,
    )
    sources = [_source("what a day", "BAD, bad", "new one"), _source("New   one!!", "another")]
    assert new_texts(sources, labelled) == (["new one", "another"], 3)
    assert new_texts(sources, None) == (["what a day", "BAD, bad", "new one", "another"], 1)


def test_a_file_gives_its_texts_whatever_its_labels_but_not_those_of_its_test(tmp_path):
    file = tmp_path / "tweets.csv"
    file.write_text("tweet,label,split\none,a,train\ntwo,,train\nthree,b,test\n")
    read = read_texts(str(file), "tweet", CorpusOptions(bad_rows="skip"))
    assert "three" not in read.texts
    assert read.texts[0] == "one"
    assert read.name == "tweets.csv"
    plain = tmp_path / "plain.txt"
    plain.write_text("one\ntwo\n")
    assert list(read_texts(str(plain), None, CorpusOptions()).texts) == ["one", "two"]


def test_a_source_without_a_text_to_label_is_refused(tmp_path):
    file = tmp_path / "tweets.csv"
    file.write_text("text,label,split\none,a,test\ntwo,b,test\n")
    with pytest.raises(InputError, match="no text to label"):
        read_texts(str(file), None, CorpusOptions())
    with pytest.raises(InputError, match="unknown corpus 'twiter_samples': did you mean twitter_samples"):
        read_texts("twiter_samples", None, CorpusOptions())


def test_the_hash_of_texts_tells_where_one_ends():
    assert sha256_of_texts(["ab", "c"]) != sha256_of_texts(["a", "bc"])
    assert sha256_of_texts(["a\ud800"]) == sha256_of_texts(["a\ud800"])
