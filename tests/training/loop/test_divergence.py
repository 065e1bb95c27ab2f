"""What a training that diverged leaves to be looked at."""

import json
from dataclasses import replace

from paths import ROOT

from sentiment.corpora import load_corpus
from sentiment.recipe.recipe import read_recipe
from sentiment.training.loop.divergence import DivergedError, write_batches
from sentiment.training.parts import build_parts


class EveryExample:
    """A sampler whose one batch holds all."""

    def __init__(self, n: int):
        self.n = n

    def rows(self, _step: int) -> range:
        return range(self.n)


def test_a_copy_without_emoticons_is_written_with_the_text_that_it_is_made_of(tmp_path):
    rows = [f"text number {number} {':)' if number % 2 else ''},{'ab'[number % 2]}" for number in range(40)]
    (tmp_path / "moods.csv").write_text("\n".join(["text,label", *rows]))
    corpus = load_corpus(str(tmp_path / "moods.csv"))
    recipe = replace(read_recipe(ROOT / "configs" / "mean.gin"), stripped_copies=True)
    parts = build_parts(recipe, corpus, "a config")
    assert len(parts.train) == len(parts.rows) > len(corpus.splits["train"])
    sampler = EveryExample(len(parts.train))
    path = write_batches(tmp_path, DivergedError(3, "a loss of nan"), corpus, parts.rows, parts.train, sampler)
    batches = json.loads(path.read_text("utf-8"))["batches"]
    assert [batch["step"] for batch in batches] == [2, 3]
    for number, example in enumerate(batches[0]["examples"]):
        assert example["text"] == corpus.texts[example["row"]]
        assert example["label"] == corpus.label_names[parts.train.labels[number]]
        assert example["ids"] == list(parts.train.ids[parts.train.starts[number] : parts.train.starts[number + 1]])
    copies = batches[0]["examples"][len(corpus.splits["train"]) :]
    assert copies
    assert all(":)" in copy["text"] for copy in copies)
