"""How good a run is on its validation split: what a search and a cross-validation compare."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from sentiment.corpora import Corpus
from sentiment.evaluation.evaluate_run import Question
from sentiment.storage.run_directory import RunDirectory
from sentiment.training.trained_model import TrainedModel

Metric = Literal["accuracy", "macro_f1", "cross_entropy"]


@dataclass(frozen=True)
class Score:
    """A run's validation accuracy and cross-entropy, as training prints them, and macro-F1, as `evaluate` does."""

    NAMES: ClassVar[tuple[Metric, ...]] = ("accuracy", "macro_f1", "cross_entropy")

    accuracy: float
    macro_f1: float
    cross_entropy: float

    @staticmethod
    def label(name: str) -> str:
        """Returns a metric's name as it is printed."""
        return {"macro_f1": "macro-F1"}.get(name, name.replace("_", "-"))

    def line(self) -> str:
        """Returns all of them in a line."""
        return "   ".join(f"{self.label(name)} {getattr(self, name):.4f}" for name in self.NAMES)

    def cells(self) -> list[str]:
        """Returns all of them in full, in the order of NAMES."""
        return [repr(getattr(self, name)) for name in self.NAMES]


def score_of(run: RunDirectory, corpus: Corpus) -> Score:
    """Scores a finished run on the validation split of the corpus that it was trained on. Raises InputError."""
    measured = run.measured()
    model = TrainedModel.load(run.path).deployed()
    macro_f1 = Question("validation", corpus).sample(model).evaluate(model).metrics()["macro_f1"]
    return Score(measured["validation_accuracy"], macro_f1, measured["validation_cross_entropy"])
