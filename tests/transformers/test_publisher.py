"""all-MiniLM-L6-v2 in Trax beside its publisher's PyTorch: benchmarks/publisher_outputs.py wrote the numbers."""

import json

import numpy as np
from fetches import fetch_or_skip
from paths import FIXTURES

from sentiment.encoding.subwords import Subwords
from sentiment.encoding.vocabulary import Vocabulary
from sentiment.layers import MaskedMean, masked_serial
from sentiment.models.transformer import transformer_layers
from sentiment.trax_runtime import shapes


def test_ids_and_vectors_are_the_publishers():
    rows = json.loads((FIXTURES / "minilm_vectors.json").read_text("utf-8"))
    with fetch_or_skip("all-MiniLM-L6-v2"):
        encoder = Subwords.of_transformer(Vocabulary(Vocabulary.SPECIAL))
    ids = [encoder.encode(row["text"].split()) for row in rows]
    assert [each.tolist() for each in ids] == [row["ids"] for row in rows]
    batch = np.zeros((len(ids), max(map(len, ids))), np.int32)
    for own, padded in zip(ids, batch, strict=True):
        padded[: len(own)] = own
    model = masked_serial(*transformer_layers(encoder, encoder.source.weights, 0.0, 1.0, "eval"), MaskedMean())
    model.init(shapes.signature(batch))
    found = np.asarray(model(batch))
    np.testing.assert_allclose(found, [row["mean"] for row in rows], atol=1e-5)
