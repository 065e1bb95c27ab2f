"""Many texts are answered in two steps: the same answers to the bit, and a model's parts of two runs are refused."""

import json
import shutil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from paths import FIXTURES, ROOT

from sentiment import Predictor, train
from sentiment.encoding.ragged import Ragged
from sentiment.errors import InputError
from sentiment.export import pooling_to_onnx, to_onnx
from sentiment.layers import (
    Convolutions,
    Embedding,
    KnownAndLearned,
    MaskedMax,
    MaskedMean,
    Negation,
    Opposites,
    masked_serial,
)
from sentiment.prediction.onnx_session import OnnxSession
from sentiment.storage.files import sha256_of
from sentiment.trax_runtime import shapes, tl

N_IDS = 12


def _model(seed, *first, widths=(1, 2, 3), filters=5):
    model = masked_serial(*first, Convolutions(widths, filters), MaskedMax(), tl.Dense(3), tl.LogSoftmax())
    model.rng = np.array([0, seed], np.uint32)
    model.init(shapes.ShapeDtype((1, 1), np.int32))
    return model


def _known():
    known = np.random.default_rng(0).normal(size=(N_IDS, 6)).astype(np.float16)
    known[:, 5] = 0
    known[[3, 7], 5] = 1  # negations
    known[4, 5] = -1  # ends a clause
    return KnownAndLearned(known, n_learned=8, d_learned=3)


MODELS = {
    "embedding": lambda: _model(0, Embedding(N_IDS, 6, mask_zero=True)),
    "wide windows": lambda: _model(1, Embedding(N_IDS, 6, mask_zero=True), widths=(4, 7, 1)),
    "negation": lambda: _model(2, _known(), Negation(5, None, n_scores=4, clauses=True)),
    "rated negation": lambda: _model(3, _known(), Negation(5, 2, n_scores=4, clauses=False)),
    "opposites": lambda: _model(4, _known(), Opposites(5, 2, n_scores=4)),
}
TEXTS = st.lists(st.lists(st.integers(1, N_IDS - 1), max_size=9), min_size=1, max_size=40)


@pytest.fixture(scope="module", params=MODELS)
def sessions(request):
    model = MODELS[request.param]()
    whole, pooling = to_onnx(model, vectors=True), pooling_to_onnx(model, vectors=True)
    return OnnxSession(whole), OnnxSession(whole, pooling=(pooling, "pooling"))


@given(TEXTS)
def test_two_steps_give_the_same_bits(sessions, lists):
    texts = Ragged.of([np.array(ids, np.int32) for ids in lists])
    for one, two in zip(*(session.with_vectors(texts) for session in sessions), strict=True):
        np.testing.assert_array_equal(one, two)


def test_texts_with_negations_and_without_tokens_are_answered_in_one_step(sessions):
    texts = Ragged.of([np.array(ids, np.int32) for ids in ([], *[[5, 6]] * 9, [5, 3], [4, 8, 5])])
    fit = sessions[1]._by_token.begin(texts).fit
    assert not fit[0]
    assert fit[1:10].all()
    assert fit[11]
    assert fit[10] == ("reaches" not in sessions[1]._model.outputs)


def test_few_texts_whose_tokens_do_not_recur_are_answered_in_one_step(sessions):
    assert sessions[1]._by_token.begin(Ragged.of([np.array([5, 6, 8], np.int32)] * 2)) is None


def test_other_models_have_no_second_step():
    mean = masked_serial(Embedding(N_IDS, 6, mask_zero=True), MaskedMean(), tl.Dense(3), tl.LogSoftmax())
    assert pooling_to_onnx(mean) is None


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    source = [f"load_corpus.source = '{FIXTURES / 'moods.csv'}'", "load_corpus.label_column = 'mood'"]
    settings = [*source, "Recipe.steps = 20", "cnn_classifier.filters = 8"]
    return train(ROOT / "configs" / "cnn.gin", settings, tmp_path_factory.mktemp("runs") / "cnn").path


def test_a_run_of_convolutions_answers_many_texts_in_two_steps(run):
    texts = ["so happy today", "what a sad day", "happy day"] * 20
    predictor = Predictor.load(run)
    assert predictor.session._by_token.begin(predictor.encoder.encode_texts(predictor.preprocessor.tokenised(texts)))
    alone = [predictor.outcomes([text]).probabilities for text in texts]
    np.testing.assert_array_equal(predictor.outcomes(texts).probabilities, np.concatenate(alone))


def test_a_second_step_that_was_changed_answers_or_is_refused_in_a_line(run, tmp_path):
    changed = tmp_path / "changed"
    shutil.copytree(run, changed)
    texts = ["so happy today", "what a sad day", "happy day"] * 20
    second, first = ((run / name).read_bytes() for name in ("model.pooling.onnx", "model.onnx"))
    said_of_parts = range(first.index(b"part_0", len(first) - 1200), len(first))  # the outputs' names and sizes
    changes = [("model.pooling.onnx", data) for data in (b"", second[:100], pooling_to_onnx(MODELS["embedding"]()))]
    changes += [("model.pooling.onnx", _with_byte(second, at)) for at in range(0, len(second), 7)]
    changes += [("model.onnx", _with_byte(first, at)) for at in said_of_parts]
    refused = 0
    for name, data in changes:
        for each in ("model.pooling.onnx", "model.onnx"):
            shutil.copy(run / each, changed / each)
        (changed / name).write_bytes(data)
        manifest = json.loads((run / "manifest.json").read_text())
        manifest["sha256"][name] = sha256_of(changed / name)
        (changed / "manifest.json").write_text(json.dumps(manifest))
        refused += (said := _refusal(changed, texts)) is not None
        assert "onnx: " in (said or "onnx: ")
    assert refused > 20


def _refusal(run, texts):
    try:
        assert Predictor.load(run).outcomes(texts).probabilities.shape == (60, 3)
    except InputError as error:
        return str(error)
    return None


def _with_byte(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]
