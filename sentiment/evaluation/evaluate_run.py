"""A finished run -> its scoreboard, on its own corpus or on another."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sentiment.corpora import Corpus, load_corpus
from sentiment.errors import InputError
from sentiment.evaluation.labels import Neutral
from sentiment.evaluation.scoreboard import Scoreboard, fill_scoreboard
from sentiment.evaluation.scoring import Sample, seen_in_training, take_sample
from sentiment.recipe.recipe import read_corpus
from sentiment.training.trained_model import TrainedModel


@dataclass(frozen=True)
class Question:
    """What a run is asked to show.

    Attributes:
        split: "train", "validation" or "test".
        corpus: a known name or a file, other than the run's own; "": its own.
        text, label: a file's columns.
        given: corpus label -> model label, where the names don't tell.
        neutral: "drop" or "keep", where only one side has a neutral class.
    """

    split: str = "validation"
    corpus: str = ""
    text: str | None = None
    label: str | None = None
    given: Mapping[str, str] = field(default_factory=dict)
    neutral: Neutral = "drop"

    def data(self, model: TrainedModel) -> Corpus:
        """Returns the corpus. Raises InputError as `load_corpus` and `check_same` do."""
        if self.corpus:
            return load_corpus(self.corpus, self.text, self.label)
        corpus, _ = read_corpus(model.config)
        model.check_same(corpus)
        return corpus

    def sample(self, model: TrainedModel) -> Sample:
        """Returns the examples to score. Raises InputError as `data` and `take_sample` do."""
        return take_sample(self.data(model), self.split, model.label_names, self.given, self.neutral)


def score_run(model: TrainedModel, question: Question) -> Scoreboard:
    """Evaluates a model and the baselines, which learn from the model's own training rows.

    Where these can't be had, as on a machine that got the run alone, the baselines are left out, and a note says so.

    Raises:
        InputError: as `Question.sample` does.
    """
    sample = question.sample(model)
    try:
        training = Question().data(model).split("train")
    except InputError as error:
        if not question.corpus:
            raise
        return fill_scoreboard(model, _with(sample, f"no baselines: {error}"), None, False)
    seen = seen_in_training(sample.texts, training[0])
    if seen and question.split != "train":
        sample = _with(sample, f"{seen:,} of the {len(sample.texts):,} texts have a near-duplicate in training")
    if sample.corpus == "vader":
        sample = _with(sample, "VADER's lexicon and rules were made with these very texts by those who had them rated")
    return fill_scoreboard(model, sample, training, fitted_here=not question.corpus and question.split == "validation")


def _with(sample: Sample, note: str) -> Sample:
    return replace(sample, notes=(*sample.notes, note))
