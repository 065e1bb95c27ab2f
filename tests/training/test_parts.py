"""What is known before training: how many of the tokens that it never saw the vocabulary has."""

from paths import ROOT

from sentiment.corpora import load_corpus
from sentiment.recipe.recipe import read_recipe
from sentiment.training.parts import build_parts


def _known_share(corpus, *bindings):
    config = ROOT / "configs" / "mean.gin"
    return build_parts(read_recipe(config, bindings), corpus, config).known_share


def test_the_share_of_known_validation_tokens(tmp_path):
    path = tmp_path / "moods.csv"
    rows = [f"common qq{chr(97 + row // 26)}{chr(97 + row % 26)}qq,{'ab'[row % 2]}" for row in range(60)]
    path.write_text("\n".join(["text,label", *rows]))
    corpus = load_corpus(str(path))
    assert _known_share(corpus) == 0.5, "common is known, what each text has alone is not"
    filled = ("Recipe.features = @FixedLength", "FixedLength.length = 9")
    assert _known_share(corpus, *filled) == 0.5, "what texts are filled up with is no token"
    assert _known_share(corpus, "Recipe.features = @HashedNgrams") is None
