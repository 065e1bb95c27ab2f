"""What the models of `quality.py` are compared with, and ours in the same form: texts and labels in, classes out."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from sentiment.corpora.corpus import Corpus, Provenance
from sentiment.evaluation.baselines import WORDS, TfidfLogistic
from sentiment.recipe.variants import find_config
from sentiment.training.train import train
from sentiment.training.trained_model import TrainedModel

EPOCHS = 25  # of fastText

Answers = Callable[[Sequence[str]], np.ndarray]  # texts -> class numbers


def ours(
    config: str, names: tuple[str, ...], texts: Sequence[str], labels: np.ndarray, bindings: Sequence[str], seed: int
) -> Answers:
    """Trains the config of that name. The last twentieth of the shuffled rows is its validation split."""
    order = np.random.default_rng(0).permutation(len(texts))
    held_out = len(texts) // 20
    splits = {"train": np.sort(order[held_out:]), "validation": np.sort(order[:held_out])}
    provenance = Provenance("benchmarks/quality.py", "", "", "")
    corpus = Corpus("quality", tuple(texts), labels, names, splits, provenance)
    settings = [f"Recipe.seed = {seed}", "Recipe.eval_every = 100000", "Recipe.checkpoint_every = 100000", *bindings]
    with tempfile.TemporaryDirectory() as folder:
        run = train(find_config(config), settings, Path(folder) / "run", corpus=corpus)
        model = TrainedModel.load(run.path)
    return lambda asked: model.probabilities(asked).argmax(axis=1)


def logistic(names: tuple[str, ...], texts: Sequence[str], labels: np.ndarray) -> Answers:
    """Fits TF-IDF with logistic regression, as every evaluation does."""
    model = TfidfLogistic(names, texts, labels)
    return lambda asked: model.probabilities(asked).argmax(axis=1)


def plain_logistic(texts: Sequence[str], labels: np.ndarray) -> Answers:
    """Fits TF-IDF with logistic regression as scikit-learn's users do: its words, which know no emoticon or hashtag.

    Words alone or pairs too, and C, are chosen by cross-validation on the training rows.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1000))
    choices = {"tfidfvectorizer__ngram_range": [(1, 1), (1, 2)], "logisticregression__C": [1, 10, 30]}
    return GridSearchCV(model, choices, cv=5).fit(texts, labels).predict


def fasttext(texts: Sequence[str], labels: np.ndarray, seed: int) -> Answers:
    """Trains fastText on words and pairs of words, tokenised as ours."""
    import fasttext as library

    words = replace(WORDS, stem=False)
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        lines = ((label, " ".join(words(text))) for text, label in zip(texts, labels, strict=True))
        file.writelines(
            f"__label__{label} {line}\n" for label, line in lines if line
        )  # an empty line gives fastText a loss of NaN
        file.flush()
        options = {"epoch": EPOCHS, "lr": 0.1, "wordNgrams": 2, "dim": 50, "bucket": 200_000, "minCount": 1}
        model = library.train_supervised(file.name, seed=seed, thread=1, verbose=0, **options)

    def answers(asked: Sequence[str]) -> np.ndarray:
        best = model.predict([" ".join(words(text)) for text in asked])[0]
        return np.array([int(labels[0].removeprefix("__label__")) for labels in best])

    return answers
