"""A finished run -> its scoreboard, on its own corpus or on another."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from sentiment.corpora import KNOWN_CORPORA, Corpus, CorpusOptions, check_source, load_corpus
from sentiment.errors import InputError
from sentiment.evaluation.labels import Neutral
from sentiment.evaluation.multilabel import scoreboard as multilabel_scoreboard
from sentiment.evaluation.multilabel.sample import MultilabelSample, take_label_sets
from sentiment.evaluation.multilabel.scoreboard import MultilabelScoreboard
from sentiment.evaluation.scoreboard import Scoreboard, fill_scoreboard
from sentiment.evaluation.scoring import ALL, Sample, seen_in_training, take_sample
from sentiment.recipe.recipe import read_corpus
from sentiment.storage.run_directory import EvaluationFiles, RunDirectory
from sentiment.training.trained_model import TrainedModel

AnySample = Sample | MultilabelSample


@dataclass(frozen=True)
class Question:
    """What a run is asked to show.

    Attributes:
        split: "train", "validation", "test" or "all"; None: "validation" of a corpus that was split, "all" of a file.
        corpus: a known name, a file, or a corpus from Python; "": the run's own.
        text, label: a file's columns.
        options: what else there is to say of a file.
        given: corpus label -> model label, where the names don't say.
        neutral: "drop" or "keep", where only one side has a neutral class.
    """

    split: str | None = None
    corpus: str | Corpus = ""
    text: str | None = None
    label: str | None = None
    options: CorpusOptions = field(default_factory=CorpusOptions)
    given: Mapping[str, str] = field(default_factory=dict)
    neutral: Neutral = "drop"

    def asked(self, model: TrainedModel) -> "Asked":
        """Returns the corpus and its split. Raises InputError as `load_corpus` and `own_corpus` do."""
        if not self.corpus:
            return Asked(own_corpus(model), self.split or "validation", own=True)
        if isinstance(self.corpus, str) and self.corpus not in (*KNOWN_CORPORA, "auto"):
            return self._file(model, self.corpus)
        corpus = self.corpus if isinstance(self.corpus, Corpus) else self._load(self.corpus)
        return Asked(corpus, self.split or "validation", own=_is_own(corpus, model))

    def _file(self, model: TrainedModel, source: str) -> "Asked":
        if self.options.validation or self.options.test:
            corpus = self._load(source)
            return Asked(corpus, self.split or "validation", own=_is_own(corpus, model))
        check_source(source)
        from sentiment.corpora.tables import load_examples

        options = self.options
        if model.recipe.several and not options.labels_between:  # a few rows don't show what stands between labels
            options = replace(options, labels_between=model.labels_between)
        corpus = load_examples(source, self.text, self.label, options)
        columns = {"text_column": self.text, "label_column": self.label}
        alike = all(named in (None, model.config.get("load_corpus", role)) for role, named in columns.items())
        if alike and corpus.provenance.sha256 == model.corpus["sha256"]:
            return Asked(own_corpus(model, source), self.split or "validation", own=True)
        return Asked(corpus, self.split or ALL, own=False)

    def _load(self, source: str) -> Corpus:
        return load_corpus(source, self.text, self.label, options=self.options)

    def sample(self, model: TrainedModel) -> AnySample:
        """Returns the examples to score. Raises InputError as `asked` and `take_sample` do."""
        return self.sample_of(self.asked(model), model)

    def sample_of(self, asked: "Asked", model: TrainedModel) -> AnySample:
        """Returns the examples to score of what was asked. Raises InputError as `take_sample` does."""
        take = take_label_sets if model.recipe.several else take_sample
        sample = take(asked.corpus, asked.split, model.label_names, self.given, self.neutral)
        return sample if asked.own else replace(sample, notes=(*asked.corpus.notes, *sample.notes))


@dataclass(frozen=True, eq=False)
class Asked:
    """What a question means for a run.

    Attributes:
        corpus: the corpus.
        split: one of its splits, or "all".
        own: whether the run was trained on it.
    """

    corpus: Corpus
    split: str
    own: bool

    def files(self, run: RunDirectory) -> EvaluationFiles:
        """Returns where the evaluation is saved: corpora of one name and other contents have folders of their own."""
        name = self.corpus.name if self.own else f"{self.corpus.name}-{self.corpus.fingerprint()[:8]}"
        return run.evaluation(name, self.split)


def own_corpus(model: TrainedModel, moved_to: str | None = None) -> Corpus:
    """Returns what a run was trained on, from where its config says, or from where the file lies now.

    Raises:
        InputError: it can't be had, it has changed since, or the run was trained from Python.
    """
    config = model.config
    if moved_to is not None:
        config = copy.deepcopy(config)
        config.bind("load_corpus", "source", moved_to)
    corpus, _ = read_corpus(config)
    model.check_same(corpus)
    return corpus


def score_run(
    model: TrainedModel, question: Question, asked: Asked | None = None, int8: bool = False
) -> Scoreboard | MultilabelScoreboard:
    """Evaluates a model as it is deployed and the baselines, which learn from the model's own training rows.

    A note says where the deployed model and the weights that it was exported from give other labels.

    Where these can't be had, as on a machine that got the run alone, the baselines are left out, and a note says so.

    Args:
        model: the model.
        question: what it is asked.
        asked: what the question means for it, where that is known.
        int8: takes the deployed model with weights of 8 bits.

    Raises:
        InputError: as `Question.sample` does.
    """
    asked = asked or question.asked(model)
    sample = question.sample_of(asked, model)
    model, sample, answers = _deployed(model, sample, int8)
    try:
        training = (asked.corpus if asked.own else own_corpus(model)).split("train")
    except InputError as error:
        unknown = _with(sample, "whether it was trained on some of these texts can't be told")
        return _filled(model, answers, _with(unknown, f"no baselines: {error}"), None, False)
    seen = seen_in_training(sample.texts, training[0])
    if seen and asked.split != "train":
        sample = _with(sample, f"{seen:,} of the {len(sample.texts):,} texts have a near-duplicate in training")
    fitted_here = asked.own and asked.split == "validation" and not len(asked.corpus.calibrating)
    if fitted_here and isinstance(sample, MultilabelSample):
        sample = _with(sample, "thresholds were chosen on these texts, which flatters: --split test has others")
    if sample.corpus == "vader":
        sample = _with(sample, "VADER's lexicon and rules were made with these texts by those who had them rated")
    return _filled(model, answers, sample, training, fitted_here)


def _filled(
    model: TrainedModel,
    answers: np.ndarray,
    sample: AnySample,
    training: tuple[list[str], np.ndarray] | None,
    fitted_here: bool,
) -> Scoreboard | MultilabelScoreboard:
    if isinstance(sample, MultilabelSample):
        return multilabel_scoreboard.fill_scoreboard(model, sample, answers, training, fitted_here)
    return fill_scoreboard(model, sample, answers, training, fitted_here)


def _is_own(corpus: Corpus, model: TrainedModel) -> bool:
    return corpus.fingerprint() == model.corpus["fingerprint"]


def _deployed(model: TrainedModel, sample: AnySample, int8: bool) -> tuple[TrainedModel, AnySample, np.ndarray]:
    """Returns the model as it is deployed, the sample with what is to be said of that, and its probabilities."""
    deployed = model.deployed(int8)
    exported_from = model.probabilities(sample.texts)
    if deployed.predictor is None:
        return model, _with(sample, "the run has no ONNX model: JAX's weights answer here"), exported_from
    answers = deployed.probabilities(sample.texts)
    if model.recipe.several:
        n_others = int(((answers >= model.least) != (exported_from >= model.least)).any(axis=1).sum())
    else:
        n_others = int((answers.argmax(axis=1) != exported_from.argmax(axis=1)).sum())
    name = (model.run.onnx_int8 if int8 else model.run.onnx).name
    if n_others or int8:
        largest = float(np.abs(answers - exported_from).max())
        note = f"{name} answers; JAX's weights give {n_others:,} of {len(answers):,} texts another label"
        sample = _with(sample, f"{note}, probabilities differ by {largest:.1e} at most")
    return deployed, sample, answers


def _with(sample: AnySample, note: str) -> AnySample:
    return replace(sample, notes=(*sample.notes, note))
