"""onnxruntime sees only what our emitter writes: no foreign operator, no file, no loop, no other run's model."""

import contextlib
import json
import shutil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.errors import InputError
from sentiment.export.graph import onnx
from sentiment.prediction.onnx_check import OPERATORS, check_onnx
from sentiment.prediction.onnx_session import OnnxSession
from sentiment.prediction.predictor import Predictor
from sentiment.storage.files import sha256_of


@pytest.fixture
def model(small_run):
    parsed = onnx.ModelProto()
    parsed.ParseFromString((small_run / "model.onnx").read_bytes())
    return parsed


def _refusal(data) -> str:
    with pytest.raises(InputError) as raised:
        OnnxSession(data if isinstance(data, bytes) else data.SerializeToString(), "model.onnx")
    assert str(raised.value).startswith("model.onnx: ")
    return str(raised.value)


def test_an_exported_model_passes_and_tells_how_many_ids_it_looks_up(small_run):
    vocabulary = (small_run / "vocabulary.txt").read_text().count("\n")
    for name in ("model.onnx", "model.int8.onnx"):
        assert check_onnx((small_run / name).read_bytes(), name).tables == {vocabulary}


@pytest.mark.parametrize("operator", ["Loop", "If", "Scan", "ConstantOfShape", "StringNormalizer", "Foreign"])
def test_an_operator_that_we_never_write_is_refused(model, operator):
    assert operator not in OPERATORS
    model.graph.node[0].op_type = operator
    assert f"the operator '{operator}'" in _refusal(model)


def test_an_operator_of_elsewhere_is_refused(model):
    model.graph.node[0].domain = "com.example"
    assert "field 7 of NodeProto" in _refusal(model)
    model.graph.node[0].ClearField("domain")
    model.opset_import.add(domain="com.microsoft", version=1)
    assert "operator set" in _refusal(model)


def test_a_weight_in_another_file_is_refused(model, tmp_path, monkeypatch):
    secret = tmp_path / "secret.bin"
    weight = model.graph.initializer[0]
    secret.write_bytes(np.full(len(weight.raw_data), 7, np.uint8).tobytes())
    monkeypatch.chdir(tmp_path)
    weight.ClearField("raw_data")
    weight.data_location = onnx.TensorProto.EXTERNAL
    weight.external_data.add(key="location", value="secret.bin")
    assert "of TensorProto" in _refusal(model)


def test_graphs_within_a_graph_and_functions_are_refused(model):
    node = model.graph.node[0].attribute.add(name="body", type=onnx.AttributeProto.GRAPH)
    node.g.name = "inner"
    assert "field 6 of AttributeProto" in _refusal(model)
    del model.graph.node[0].attribute[-1]
    model.functions.add(name="Gather")
    assert "field 25 of ModelProto" in _refusal(model)
    model.ClearField("functions")
    model.training_info.add()
    assert "field 20 of ModelProto" in _refusal(model)


def test_two_graphs_in_a_model_are_refused(model):
    assert "2 graphs" in _refusal(model.SerializeToString() * 2)


def test_a_weight_of_another_size_than_it_says_is_refused(model):
    model.graph.initializer[0].dims[0] += 1
    assert "another size" in _refusal(model)


@given(st.data())
def test_any_bytes_are_refused_or_a_model(small_run, data):
    whole = bytearray((small_run / "model.onnx").read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, min(300, len(whole) - 1)) | st.integers(0, len(whole) - 1))] = data.draw(
            st.integers(0, 255)
        )
    changed = bytes(whole[: data.draw(st.just(len(whole)) | st.integers(0, len(whole)))])
    with contextlib.suppress(InputError):
        OnnxSession(changed, "model.onnx")(np.ones((1, 2), np.int32))


def _forged(run, folder, **files):
    # A copy with other files, for which its manifest vouches.
    shutil.copytree(run, folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    for name, data in files.items():
        path = folder / name.replace("__", ".")
        path.write_bytes(data)
        manifest["sha256"][path.name] = sha256_of(path)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def test_another_runs_files_are_refused(small_run, tmp_path):
    lines = (small_run / "vocabulary.txt").read_bytes().splitlines(keepends=True)
    facts = json.loads((small_run / "model.json").read_text())
    more = facts | {"label_names": [*facts["label_names"], "more"]}
    forged = {
        "so of another run": {"vocabulary__txt": b"".join(lines[:-1])},
        "3 outputs for 4 labels": {"model__json": json.dumps(more).encode()},
        "3 outputs for 2 labels": {"model__json": json.dumps(facts | {"label_names": ["a", "b"]}).encode()},
    }
    for number, (words, files) in enumerate(forged.items()):
        with pytest.raises(InputError, match=words):
            Predictor.load(_forged(small_run, tmp_path / str(number), **files))
