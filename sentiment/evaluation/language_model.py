"""A trained language model: how well it predicts held-out texts, and texts sampled from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import jax
import numpy as np

from sentiment.batching.batches import Batches, Examples, next_tokens
from sentiment.corpora import Corpus
from sentiment.encoding.vocabulary import Vocabulary
from sentiment.errors import InputError
from sentiment.evaluation.trigram import Trigram
from sentiment.layers import one_step, recurrent_cell
from sentiment.training.compile.full_float32 import full_float32
from sentiment.training.trained_model import TrainedModel, pass_over

_NEVER_SAMPLED = (Vocabulary.PAD, Vocabulary.UNKNOWN)


@dataclass(frozen=True)
class LanguageModel:
    """A model trained to predict the next token."""

    trained: TrainedModel

    @classmethod
    def load(cls, path: str | Path) -> "LanguageModel":
        """Loads a run. Raises InputError as `TrainedModel.load` does."""
        return cls(TrainedModel.load(path, "next_token"))

    def perplexity(self, texts: Sequence[np.ndarray]) -> float:
        """Returns exp of the mean negative log-probability of every token and every text's end.

        Args:
            texts: <int32>[length] token ids each.
        """
        starts = np.concatenate([[0], np.cumsum([len(text) for text in texts])])
        ids = np.concatenate([*texts, [Vocabulary.PAD]]).astype(np.int32)
        examples = Examples(ids, starts, np.zeros(len(texts), np.int32))
        one_pass = pass_over(len(examples))
        batches = Batches(examples, one_pass, self.trained.recipe.buckets, next_tokens)
        total = count = 0.0
        for step in range(one_pass.steps):
            inputs, targets, weights = batches.batch(step)
            logs = np.asarray(self.trained.apply(inputs))
            picked = np.take_along_axis(logs, targets[..., None], axis=-1)[..., 0].astype(np.float64)
            total -= float((picked * weights).sum())
            count += float(weights.sum())
        return float(np.exp(total / count))

    def beside_trigram(self, corpus: Corpus, split: str) -> tuple[float, float]:
        """Returns the perplexity of a split, and that of a trigram model of the training split, on the same ids."""
        train, held_out = (
            [self.trained.vocabulary.encode(self.trained.preprocessor(text)) for text in corpus.split(part)[0]]
            for part in ("train", split)
        )
        return self.perplexity(held_out), Trigram(train, len(self.trained.vocabulary)).perplexity(held_out)

    def sample(
        self, prompt: str = "", seed: int = 0, temperature: float = 1.0, top_k: int | None = None, longest: int = 30
    ) -> str:
        """Returns a text that begins with the prompt, drawn token by token; equal for equal arguments.

        Args:
            prompt: the first words, as the model's preprocessor sees them.
            seed: of the draw.
            temperature: below 1 makes likely tokens likelier; 0 takes the likeliest.
            top_k: draw among the k likeliest tokens only; None: among all.
            longest: most tokens, the prompt's included.

        Raises:
            InputError: a temperature below 0, or a top_k or length below 1.
        """
        if temperature < 0 or (top_k is not None and top_k < 1) or longest < 1:
            raise InputError("a sample needs a temperature of 0 or more, and top-k and length of 1 or more")
        tokens = self.trained.preprocessor(prompt)
        generator = np.random.default_rng(seed)
        advance, states = self._stepper()
        logs, states = advance(Vocabulary.END, states)
        for token in self.trained.vocabulary.encode(tokens):
            logs, states = advance(int(token), states)
        while len(tokens) < longest:
            drawn = _draw(logs, generator, temperature, top_k)
            if drawn == Vocabulary.END:
                break
            tokens.append(self.trained.vocabulary.tokens[drawn])
            logs, states = advance(drawn, states)
        return " ".join(tokens)

    def _stepper(self):
        model = self.trained.model
        step = one_step(model)
        weights, state = (tuple(getattr(layer, part) for layer in step.sublayers) for part in ("weights", "state"))
        rng = jax.random.PRNGKey(0)

        @full_float32
        def outputs(inputs):
            return step.pure_fn(inputs, weights, state, rng)[0]

        compiled = jax.jit(outputs)

        def advance(token: int, states: tuple):
            logs, *states = compiled((np.array([token], np.int32), *states))
            return np.asarray(logs[0], np.float64), tuple(states)

        return advance, recurrent_cell(model).zero_states(1)


def _draw(logs: np.ndarray, generator: np.random.Generator, temperature: float, top_k: int | None) -> int:
    logs = logs.copy()
    logs[list(_NEVER_SAMPLED)] = -np.inf
    if top_k is not None:
        logs[np.argsort(-logs, kind="stable")[top_k:]] = -np.inf
    if temperature == 0:
        return int(np.argmax(logs))
    scaled = (logs - logs.max()) / temperature
    shares = np.exp(scaled)
    return int(generator.choice(len(shares), p=shares / shares.sum()))
