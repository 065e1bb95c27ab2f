"""A small run, which all tests of bulk prediction predict with."""

import pytest
from paths import FIXTURES, ROOT


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    from sentiment.training.train import train

    bindings = ["Recipe.steps = 20", f"load_corpus.source = '{FIXTURES / 'moods.csv'}'"]
    bindings += ["load_corpus.label_column = 'mood'", "mean_classifier.d_embedding = 8"]
    return train(ROOT / "configs" / "mean.gin", bindings, tmp_path_factory.mktemp("bulk") / "run").path
