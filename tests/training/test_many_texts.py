"""A corpus that several processes prepare is the one that one prepares: splits, ids, vocabulary, weights."""

import hashlib

import numpy as np
import pytest
from paths import ROOT

from sentiment.config import read_config
from sentiment.corpora import Corpus, load_corpus
from sentiment.corpora.near_duplicates import normalise
from sentiment.training.parts import Parts, build_parts
from sentiment.training.train import train

N_ROWS = 20_000


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """A file in the form of Sentiment140: six quoted columns, no header, latin-1."""
    words = ["so", "good", "BAD", "day", "@you", "http://a.b/c", "5", "café", ":)", "isn't", "#tag", "...", "&amp;"]
    draw = np.random.default_rng(0)
    made = tmp_path_factory.mktemp("many") / "many.csv"
    with made.open("w", encoding="latin-1") as file:
        for row in range(N_ROWS):
            text = " ".join([*draw.choice(words, 6).tolist(), f"w{draw.integers(3000)}"])
            file.write(f'"{row % 2 * 4}","{row}","Mon Apr 06","NO_QUERY","me","{text}"\n')
    return made


def prepared(path, patched, few: int) -> tuple[Corpus, Parts]:
    patched.setattr("sentiment.execution.worker_processes._FEW_TEXTS", few)
    patched.setattr("sentiment.execution.worker_processes.available_cores", lambda: 2)
    patched.setattr("sentiment.corpora.readers.all_cores.available_cores", lambda: 2)
    patched.setattr("sentiment.corpora.readers.all_cores._LARGE", few * 70)  # bytes
    corpus = load_corpus(str(path), "6", "1")
    config = ROOT / "configs" / "mean.gin"
    recipe = read_config(config, ["mean_classifier.d_embedding = 4"], config.parent).make("Recipe")
    return corpus, build_parts(recipe, corpus, config)


def digest(corpus: Corpus, parts: Parts) -> str:
    found = hashlib.sha256(corpus.fingerprint().encode() + parts.vocabulary.to_bytes())
    for examples in (parts.train, parts.validation):
        for array in (examples.ids, examples.starts, examples.labels):
            found.update(str(array.dtype).encode() + array.tobytes())
    return found.hexdigest()


def test_several_processes_prepare_what_one_does(path, monkeypatch):
    one, several = (prepared(path, monkeypatch, few) for few in (N_ROWS * 2, 1))
    assert digest(*one) == digest(*several)
    corpus, parts = several
    assert len(corpus.texts) == N_ROWS
    # What they are by themselves: the tokens of each text, in the order of the split's rows.
    config = read_config(ROOT / "configs" / "mean.gin", [], ROOT / "configs")
    tokens = [config.make("Recipe").preprocessor(corpus.texts[row]) for row in corpus.splits["train"]]
    np.testing.assert_array_equal(
        parts.train.ids[:-1], np.concatenate([parts.vocabulary.encode(each) for each in tokens])
    )
    forms = [{normalise(corpus.texts[row]) for row in rows} for rows in corpus.splits.values()]
    assert sum(map(len, forms)) == len(set.union(*forms))


def test_weights_trained_on_it_are_the_same(path, tmp_path, monkeypatch):
    weights = []
    for few in (N_ROWS * 2, 1):
        monkeypatch.setattr("sentiment.execution.worker_processes._FEW_TEXTS", few)
        bindings = [f"load_corpus.source = '{path}'", "load_corpus.text_column = '6'", "load_corpus.label_column = '1'"]
        bindings += ["Recipe.steps = 3", "mean_classifier.d_embedding = 4", "Recipe.eval_every = 3"]
        run = train("mean", bindings, tmp_path / str(few))
        weights.append(hashlib.sha256(run.weights.read_bytes()).hexdigest())
    assert weights[0] == weights[1]
