"""A tweet-sentiment trainer on JAX and Trax: corpus in, one directory that predicts out.

    from sentiment import Predictor, evaluate, load_corpus, train

Importing this package costs next to nothing: each name loads what it needs when it is first used.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # what type checkers see; a test compares it with the names below
    from sentiment.corpora import Corpus as Corpus
    from sentiment.corpora import load_corpus as load_corpus
    from sentiment.encoding.vocabulary import Vocabulary as Vocabulary
    from sentiment.errors import InputError as InputError
    from sentiment.evaluation import Evaluation as Evaluation
    from sentiment.evaluation import evaluate as evaluate
    from sentiment.prediction.answers import Prediction as Prediction
    from sentiment.prediction.predictor import Predictor as Predictor
    from sentiment.text.preprocessor import Preprocessor as Preprocessor
    from sentiment.training.estimator import TextClassifier as TextClassifier
    from sentiment.training.train import train as train
    from sentiment.training.trained_model import TrainedModel as TrainedModel

__version__ = "0.1.0"

_HOMES = {
    "Corpus": "sentiment.corpora",
    "Evaluation": "sentiment.evaluation",
    "InputError": "sentiment.errors",
    "Prediction": "sentiment.prediction.answers",
    "Predictor": "sentiment.prediction.predictor",
    "Preprocessor": "sentiment.text.preprocessor",
    "TextClassifier": "sentiment.training.estimator",
    "TrainedModel": "sentiment.training.trained_model",
    "Vocabulary": "sentiment.encoding.vocabulary",
    "evaluate": "sentiment.evaluation",
    "load_corpus": "sentiment.corpora",
    "train": "sentiment.training.train",
}
__all__ = [*_HOMES, "__version__"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
