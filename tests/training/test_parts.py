"""What is known before training: how many tokens of unseen texts the vocabulary has, and what batches hold."""

import numpy as np
import pytest
from paths import ROOT

from sentiment.batching.batches import Batches
from sentiment.corpora import load_corpus
from sentiment.errors import InputError
from sentiment.recipe.recipe import read_recipe
from sentiment.training.parts import build_parts


def _parts(corpus, *bindings):
    config = ROOT / "configs" / "mean.gin"
    return build_parts(read_recipe(config, bindings), corpus, config)


def _known_share(corpus, *bindings):
    return _parts(corpus, *bindings).known_share


def test_the_share_of_known_validation_tokens(tmp_path):
    path = tmp_path / "moods.csv"
    rows = [f"common qq{chr(97 + row // 26)}{chr(97 + row % 26)}qq,{'ab'[row % 2]}" for row in range(60)]
    path.write_text("\n".join(["text,label", *rows]))
    corpus = load_corpus(str(path))
    assert _known_share(corpus) == 0.5, "common is known, what each text has alone is not"
    filled = ("Recipe.features = @FixedLength", "FixedLength.length = 9")
    assert _known_share(corpus, *filled) == 0.5, "what texts are filled up with is no token"
    assert _known_share(corpus, "Recipe.features = @HashedNgrams") is None


def test_batches_of_a_length_pool_hold_the_same_texts_with_less_padding(tmp_path):
    path = tmp_path / "texts.csv"
    path.write_text("\n".join(["text,label", *(f"{'word ' * (n % 25 + 1)}x{n},{'ab'[n % 2]}" for n in range(200))]))
    corpus = load_corpus(str(path))
    drawn, pooled = (_parts(corpus, "Recipe.batch_size = 8", f"Recipe.length_pool = {n}") for n in (1, 10))
    rows = [each.sampler.rows(0, 10) for each in (drawn, pooled)]
    np.testing.assert_array_equal(np.sort(rows[0]), np.sort(rows[1]))
    padded = [
        sum(batch.inputs.size for batch in Batches(each.train, each.sampler).many(range(10)))
        for each in (drawn, pooled)
    ]
    assert padded[1] < 0.7 * padded[0]
    with pytest.raises(InputError, match=r"Recipe\.length_pool = 0: must be 1 or more"):
        _parts(corpus, "Recipe.length_pool = 0")
