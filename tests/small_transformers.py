"""Tiny random transformers, written in Hugging Face's layout, and BERT in plain NumPy to compare with."""

import json
import math

import numpy as np
import safetensors.numpy

SMALL = {
    "model_type": "bert",
    "vocab_size": 40,
    "hidden_size": 8,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 16,
    "max_position_embeddings": 24,
    "type_vocab_size": 2,
    "hidden_act": "gelu",
    "layer_norm_eps": 1e-12,
    "pad_token_id": 0,
}
PIECES = ["good", "bad", "day", "very", "happy", "sad", "not", "##ly", "##ness", "@", "user", "http", "!", ":", ")"]


def roberta(config=SMALL):
    return config | {"model_type": "roberta", "pad_token_id": 1, "max_position_embeddings": 26, "type_vocab_size": 1}


def write_transformer(folder, config=SMALL, seed=0, prefix=""):
    """Writes config.json, tokenizer.json and model.safetensors into a folder; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "tokenizer.json").write_text(json.dumps(word_piece(config)))
    tensors = {f"{prefix}{name}": array for name, array in random_tensors(config, seed).items()}
    (folder / "model.safetensors").write_bytes(safetensors.numpy.save(tensors))
    return folder


def word_piece(config=SMALL):
    pad = config["pad_token_id"]
    special = {"[PAD]": pad, "[UNK]": 1 - pad, "[CLS]": 2, "[SEP]": 3}
    vocabulary = special | {piece: n for n, piece in enumerate([*PIECES, *"aeiounstlr"], start=4)}
    return {
        "version": "1.0",
        "truncation": {"max_length": 5, "strategy": "LongestFirst", "stride": 0, "direction": "Right"},
        "padding": None,
        "added_tokens": [_added(name, n) for name, n in special.items()],
        "normalizer": {
            "type": "BertNormalizer",
            "clean_text": True,
            "handle_chinese_chars": True,
            "strip_accents": None,
            "lowercase": True,
        },
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]},
        "decoder": None,
        "model": {
            "type": "WordPiece",
            "unk_token": "[UNK]",
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": vocabulary,
        },
    }


def _added(name, n):
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    return {"id": n, "content": name, "special": True, **flags}


def random_tensors(config=SMALL, seed=0):
    random = np.random.default_rng(seed)
    d, hidden = config["hidden_size"], config["intermediate_size"]

    def draw(*shape):
        return random.normal(0, 0.3, shape).astype(np.float32)

    def norm(name):
        return {f"{name}.LayerNorm.weight": 1 + draw(d), f"{name}.LayerNorm.bias": draw(d)}

    def dense(name, d_in, d_out):
        return {f"{name}.weight": draw(d_out, d_in), f"{name}.bias": draw(d_out)}

    tensors = {
        "embeddings.word_embeddings.weight": draw(config["vocab_size"], d),
        "embeddings.position_embeddings.weight": draw(config["max_position_embeddings"], d),
        "embeddings.token_type_embeddings.weight": draw(config["type_vocab_size"], d),
        **norm("embeddings"),
    }
    for n in range(config["num_hidden_layers"]):
        layer = f"encoder.layer.{n}"
        for name in ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"):
            tensors |= dense(f"{layer}.{name}", d, d)
        tensors |= dense(f"{layer}.intermediate.dense", d, hidden) | dense(f"{layer}.output.dense", hidden, d)
        tensors |= norm(f"{layer}.attention.output") | norm(f"{layer}.output")
    return tensors


def mean_vectors(config, tensors, ids):
    """The mean vector of one text's ids after the embeddings and each layer, in float64: Devlin et al.'s formulas."""
    t = {name: array.astype(np.float64) for name, array in tensors.items()}
    first = config["pad_token_id"] + 1 if config["model_type"] == "roberta" else 0
    x = t["embeddings.word_embeddings.weight"][ids] + t["embeddings.token_type_embeddings.weight"][0]
    x = x + t["embeddings.position_embeddings.weight"][first : first + len(ids)]
    x = _norm(t, "embeddings", x, config)
    means = [x.mean(axis=0)]
    for n in range(config["num_hidden_layers"]):
        layer = f"encoder.layer.{n}"
        x = _norm(t, f"{layer}.attention.output", x + _attention(t, layer, x, config), config)
        hidden = _dense(t, f"{layer}.intermediate.dense", x)
        hidden = hidden * (1 + np.vectorize(math.erf)(hidden / math.sqrt(2))) / 2
        x = _norm(t, f"{layer}.output", x + _dense(t, f"{layer}.output.dense", hidden), config)
        means.append(x.mean(axis=0))
    return means


def _attention(t, layer, x, config):
    d = config["hidden_size"] // config["num_attention_heads"]
    queries, keys, values = (_dense(t, f"{layer}.attention.self.{name}", x) for name in ("query", "key", "value"))
    mixed = []
    for head in range(config["num_attention_heads"]):
        own = slice(head * d, head * d + d)
        shares = np.exp(queries[:, own] @ keys[:, own].T / math.sqrt(d))
        mixed.append(shares / shares.sum(axis=1, keepdims=True) @ values[:, own])
    return _dense(t, f"{layer}.attention.output.dense", np.concatenate(mixed, axis=1))


def _dense(t, name, x):
    return x @ t[f"{name}.weight"].T + t[f"{name}.bias"]


def _norm(t, name, x, config):
    x = x - x.mean(axis=1, keepdims=True)
    x = x / np.sqrt((x**2).mean(axis=1, keepdims=True) + config["layer_norm_eps"])
    return x * t[f"{name}.LayerNorm.weight"] + t[f"{name}.LayerNorm.bias"]
