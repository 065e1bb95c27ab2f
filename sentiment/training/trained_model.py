"""A finished run, loaded: token lists in, log-probabilities out, through Trax."""

import functools
import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import jax
import numpy as np

from sentiment.batching.batches import Batches, Examples
from sentiment.batching.samplers import OnePass
from sentiment.config import Config, read_config
from sentiment.corpora import Corpus
from sentiment.encoding.encoder import Encoder, encoder_from
from sentiment.encoding.vocabulary import Vocabulary
from sentiment.errors import InputError
from sentiment.execution.long_work import LongWork
from sentiment.execution.worker_processes import map_texts
from sentiment.prediction.calibration import Calibration
from sentiment.prediction.decisions import Decisions, calibration_of
from sentiment.prediction.predictor import Predictor
from sentiment.prediction.texts import as_texts
from sentiment.recipe.recipe import Recipe
from sentiment.storage.run_directory import RunDirectory
from sentiment.storage.tensors import load_tensors
from sentiment.text.preprocessor import Preprocessor
from sentiment.text.reading import preprocessor_of
from sentiment.training.compile.full_float32 import full_float32
from sentiment.training.named_leaves import named_leaves, with_leaves
from sentiment.training.parallel.backend import begin_backend, set_up_backend
from sentiment.training.tokenise import tokenise
from sentiment.trax_runtime import fastmath, shapes, tl

BATCH_SIZE = 256  # of evaluation and prediction: what a batch's companions are never matters, only the speed


@dataclass(frozen=True)
class TrainedModel:
    """A model with everything that it was trained with.

    Attributes:
        run: where it lies.
        config: its settings.
        recipe: what it was made of.
        preprocessor: text -> tokens.
        vocabulary: the tokens that it knows.
        encoder: tokens -> the ids that it takes: the vocabulary, or n-grams over it.
        label_names: its classes, in the order of its outputs.
        corpus: name, provenance and fingerprint of what it was trained on.
        calibration: temperature and thresholds, or where a text may have several labels each label's decision.
        model: the layers, with the trained weights.
        labels_between: what the training file had between the labels of a text; "" where a text has one.
        predictor: what answers in the layers' place; None: they do.
    """

    run: RunDirectory
    config: Config
    recipe: Recipe
    preprocessor: Preprocessor
    vocabulary: Vocabulary
    encoder: Encoder
    label_names: tuple[str, ...]
    corpus: dict
    calibration: Calibration | Decisions
    model: tl.Serial
    labels_between: str = ""
    predictor: Predictor | None = None

    @classmethod
    def load(cls, path: str | Path, task: str = "classify") -> "TrainedModel":
        """Loads a finished run.

        Raises:
            InputError: a file of it is missing, altered or cut short, it was trained for another task, or the device
                that JAX was asked for can't be used.
        """
        run = RunDirectory(Path(path))
        run.verify()
        set_up_backend()
        begin_backend()
        facts = run.facts(task)
        config = read_config(run.config)
        recipe = config.make("Recipe")
        vocabulary = Vocabulary.load(run.vocabulary)
        encoder = encoder_from(facts["features"], vocabulary, lambda: (run.read(run.tokenizer), run.tokenizer))
        label_names = tuple(facts["label_names"])
        model = recipe.layers(encoder, len(label_names), mode="eval")
        _restore(model, run.weights)
        preprocessor = preprocessor_of(facts, run.path)
        calibration = calibration_of(run)
        made = (run, config, recipe, preprocessor, vocabulary, encoder, label_names)
        return cls(*made, facts["corpus"], calibration, model, facts.get("labels_between", ""))

    def __repr__(self) -> str:
        return f"TrainedModel({str(self.run.path)!r}, labels {', '.join(self.label_names)})"

    def __reduce__(self) -> tuple[Callable[..., "TrainedModel"], tuple[Path, str]]:
        # Pickled by path, as a Predictor is.
        return type(self).load, (self.run.path.resolve(), self.recipe.task)

    def log_probabilities(self, token_lists: Sequence[Sequence[str]]) -> np.ndarray:
        """Returns a classifier's <float32>[n_texts, n_classes], in the order of the texts.

        Where a text may have several classes they are [n_texts, n_classes, 2] (`layers.EachClass`).
        """
        examples = Examples.encode(token_lists, np.zeros(len(token_lists)), self.encoder)
        one_pass = pass_over(len(examples))
        batches = Batches(examples, one_pass, self.recipe.buckets)
        work, outputs = LongWork("answers", "batches", one_pass.steps), []
        for step in range(one_pass.steps):
            outputs.append(np.asarray(self.apply(batches.batch(step).inputs)))
            work.advance(1)
        shape = (len(self.label_names), 2) if self.recipe.several else (len(self.label_names),)
        return np.concatenate([*outputs, np.empty((0, *shape), np.float32)])[: len(examples)]

    def deployed(self, int8: bool = False) -> "TrainedModel":
        """Returns the classifier as it is deployed: its ONNX model answers, or where it has none the layers as before.

        Args:
            int8: takes the model with weights of 8 bits.

        Raises:
            InputError: as `Predictor.load` does.
        """
        if self.run.onnx.name not in self.run.sha256:
            return self
        return replace(self, predictor=Predictor.load(self.run.path, int8))

    def probabilities(self, texts: Iterable[str]) -> np.ndarray:
        """Returns a classifier's <float64>[n_texts, n_classes], calibrated. Takes and raises what a Predictor does."""
        if self.predictor is not None:
            found = map_texts(self.predictor.outcomes, as_texts(texts), "answers", processes=1)
            none = self.predictor.outcomes([])
            return np.concatenate([each.probabilities for each in itertools.chain([none], found)])
        return self.calibration.probabilities(self.log_probabilities(tokenise(self.preprocessor, as_texts(texts))))

    @property
    def least(self) -> np.ndarray:
        """<float64>[n_classes]: where a text may have several classes, the least probability at which each is given."""
        return self.calibration.least(None, self.label_names)

    @functools.cached_property
    def apply(self):
        """The model as a compiled function: inputs <int32>[batch, length] -> log-probabilities.

        All devices share a batch, as `pass_over` makes them.
        """
        rng = fastmath.random.get_prng(0)
        mesh = jax.sharding.Mesh(np.array(jax.local_devices()), ("batch",))
        rows = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec("batch"))

        @full_float32
        def outputs(inputs):
            return self.model.pure_fn(inputs, self.model.weights, self.model.state, rng)[0]

        return jax.jit(outputs, in_shardings=rows)

    def check_same(self, corpus: Corpus) -> None:
        """Raises InputError if this isn't the corpus, or the splits, that the model was trained on."""
        if corpus.fingerprint() != self.corpus["fingerprint"]:
            raise InputError(
                f"{corpus.name}: differs from the data that {self.run.path} was trained on, so texts of its training "
                f"split may be among those to test; give --corpus {corpus.name} to evaluate on it all the same"
            )


def pass_over(n_examples: int) -> OnePass:
    """Returns every example once, in batches of at most some `BATCH_SIZE` that all devices can share."""
    n_devices = jax.local_device_count()
    return OnePass(n_examples, -(-min(BATCH_SIZE, max(1, n_examples)) // n_devices) * n_devices)


def named_weights(model: tl.Serial) -> dict[str, np.ndarray]:
    """Returns a model's weights and layer states by name: "weights/0.Embedding_9088_256/"."""
    return {name: np.asarray(leaf) for name, leaf in named_leaves(_by_layer(model))}


def _by_layer(model: tl.Serial) -> dict:
    return {
        part: {f"{n}.{layer.name}": getattr(layer, part) for n, layer in enumerate(model.sublayers)}
        for part in ("weights", "state")
    }


def _restore(model: tl.Serial, path: Path) -> None:
    model.init(shapes.ShapeDtype((1, 1), np.int32))
    tensors, _ = load_tensors(path)
    restored = with_leaves(_by_layer(model), tensors)
    if restored is None:
        raise InputError(f"{path}: weights of another model than config.gin describes; train again")
    model.weights, model.state = (
        tuple(restored[part][f"{n}.{layer.name}"] for n, layer in enumerate(model.sublayers))
        for part in ("weights", "state")
    )
