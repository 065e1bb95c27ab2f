"""A finished run, loaded: token lists in, log-probabilities out, through Trax."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sentiment.batches import Batches, Examples
from sentiment.corpora import Corpus
from sentiment.errors import InputError
from sentiment.recipe import read_recipe
from sentiment.run_directory import RunDirectory, read_json
from sentiment.samplers import OnePass
from sentiment.tensors import load_tensors
from sentiment.text import Preprocessor
from sentiment.trax_runtime import fastmath, shapes, tl
from sentiment.trees import named_leaves, with_leaves
from sentiment.vocabulary import Vocabulary

BATCH_SIZE = 256  # of evaluation and prediction: what a batch's companions are never matters, only the speed


@dataclass(frozen=True)
class TrainedModel:
    """A classifier with everything that it was trained with."""

    run: RunDirectory
    preprocessor: Preprocessor
    vocabulary: Vocabulary
    label_names: tuple[str, ...]
    corpus: dict
    buckets: tuple[int, ...]
    model: tl.Serial

    @classmethod
    def load(cls, path: str | Path) -> "TrainedModel":
        """Loads a run. Raises InputError where a file of it is missing, altered or cut short."""
        run = RunDirectory(Path(path))
        run.verify()
        facts = read_json(run.model)
        recipe = read_recipe(run.config)
        vocabulary = Vocabulary.load(run.vocabulary)
        label_names = tuple(facts["label_names"])
        model = recipe.model(vocabulary_size=len(vocabulary), n_classes=len(label_names), mode="eval")
        _restore(model, run.weights)
        preprocessor = Preprocessor.from_dict(facts["preprocessor"])
        return cls(run, preprocessor, vocabulary, label_names, facts["corpus"], recipe.buckets, model)

    def log_probabilities(self, token_lists: Sequence[Sequence[str]]) -> np.ndarray:
        """Returns <float32>[n_texts, n_classes], in the order of the texts."""
        examples = Examples.encode(token_lists, np.zeros(len(token_lists)), self.vocabulary)
        one_pass = OnePass(len(examples), min(BATCH_SIZE, max(1, len(examples))))
        batches = Batches(examples, one_pass, self.buckets)
        rng = fastmath.random.get_prng(0)
        apply = fastmath.jit(lambda inputs: self.model.pure_fn(inputs, self.model.weights, self.model.state, rng)[0])
        outputs = [np.asarray(apply(batches.batch(step).inputs)) for step in range(one_pass.steps)]
        return np.concatenate([*outputs, np.empty((0, len(self.label_names)), np.float32)])[: len(examples)]

    def check_same(self, corpus: Corpus) -> None:
        """Raises InputError if this isn't the corpus, or the splits, that the model was trained on."""
        if corpus.fingerprint() != self.corpus["fingerprint"]:
            raise InputError(
                f"{corpus.name}: differs from the data that {self.run.path} was trained on, so texts of its training "
                f"split may be among those to test; give --corpus {corpus.name} to evaluate on it all the same"
            )


def named_weights(model: tl.Serial) -> dict[str, np.ndarray]:
    """Returns a model's weights and layer states by name."""
    return {name: np.asarray(leaf) for name, leaf in named_leaves({"weights": model.weights, "state": model.state})}


def _restore(model: tl.Serial, path: Path) -> None:
    model.init(shapes.ShapeDtype((1, 1), np.int32))
    tensors, _ = load_tensors(path)
    restored = with_leaves({"weights": model.weights, "state": model.state}, tensors)
    if restored is None:
        raise InputError(f"{path}: weights of another model than config.gin describes; train again")
    model.weights, model.state = restored["weights"], restored["state"]
