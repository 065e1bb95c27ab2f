"""What a report says, gathered once: every number on the page and in the card is looked up here."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sentiment import __version__
from sentiment.corpora import Corpus
from sentiment.errors import InputError
from sentiment.evaluation.abstention import abstention
from sentiment.evaluation.behavioural_checks import Result, check_behaviour
from sentiment.evaluation.evaluate_run import Question, own_corpus, score_run
from sentiment.evaluation.leak_audit import audit_leaks
from sentiment.evaluation.multilabel.scoreboard import MultilabelScoreboard
from sentiment.evaluation.saved_evaluation import save
from sentiment.evaluation.scoreboard import Scoreboard, figures
from sentiment.prediction.attribution import Attribution
from sentiment.prediction.predictor import Predictor
from sentiment.report.mistakes import Wrong, surest_mistakes
from sentiment.storage.run_directory import RunDirectory
from sentiment.training.loop.checkpoint import newest_checkpoint
from sentiment.training.trained_model import TrainedModel


@dataclass(frozen=True)
class Mistake:
    """A text whose answer is wrong, and what each of its tokens did for that answer."""

    text: str
    truth: str
    label: str
    attributions: tuple[Attribution, ...]


@dataclass(frozen=True)
class Facts:
    """Everything a report is made of.

    Attributes:
        run: the run's name.
        numbers: "figures" (`scoreboard.figures`); "behaviour" (capability -> passed, checks, rate, interval);
            "abstention" (`abstention`);
            "leaks" (the audit of the corpus trained on, where it is at hand, else of the other; or None); "worst" (the
            probability of each of `mistakes`); "weights"; "teachers" (their accuracy on the validation texts, the run's
            own, and how often both agree; None where there were none).
        mistakes: the surest of the wrong answers, at most `mistakes.WORST`.
        failed: capability -> the texts of the checks that failed.
        leak_verdict: the audit in words, or "".
        written: when, by which version of this program.
        history: "train" and "eval" -> metric -> [[step, value]].
        provenance: pairs of a name and what it is.
        settings: the operative gin config.
    """

    run: str
    numbers: dict[str, Any]
    mistakes: tuple[Mistake, ...]
    failed: dict[str, tuple[tuple[str, ...], ...]]
    leak_verdict: str
    written: str
    history: dict[str, Any]
    provenance: tuple[tuple[str, str], ...]
    settings: str

    @property
    def several(self) -> bool:
        """Whether a text may have several labels."""
        return self.numbers["figures"].get("task") == "multilabel"

    @property
    def validated_on(self) -> str:
        """What a student was measured by beside its teachers: "labelled rows" or "the teachers' labels"."""
        return dict(self.provenance)["taught: validated on"]

    def value(self, place: str) -> Any:  # what JSON can hold
        """Returns what stands at a JSON pointer into `numbers`: "/figures/metrics/accuracy/value"."""
        found: Any = self.numbers
        for escaped in place.split("/")[1:]:
            key = escaped.replace("~1", "/").replace("~0", "~")
            found = found[int(key)] if isinstance(found, list | tuple) else found[key]
        return found

    def text(self, place: str, form: str = ".4f") -> str:
        """Returns the number at a pointer, formatted; "undefined" where there is none."""
        value = self.value(place)
        return "undefined" if value is None else format(value, form)


def pointer(*keys: str | int) -> str:
    """Returns the JSON pointer (RFC 6901) to what stands under these keys: a label may hold a slash."""
    return "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in keys)


def gather(path: Path, question: Question) -> Facts:
    """Evaluates a run, saves predictions and figures, and gathers what a report says.

    Raises:
        InputError: the run or the corpus can't be used.
    """
    model, predictor = TrainedModel.load(path), Predictor.load(path)
    asked = question.asked(model)
    corpus = asked.corpus
    board = score_run(model, question, asked)
    found = figures(board)
    save(board, found, asked.files(model.run))
    behaviour = check_behaviour(predictor, model.label_names)
    trained_on = corpus if asked.own else _training_corpus(model) or corpus
    audit = audit_leaks(trained_on)
    wrong = surest_mistakes(board)
    return Facts(
        run=model.run.path.resolve().name,
        numbers={
            "figures": found,
            "behaviour": {each.capability: _counts(each) for each in behaviour},
            "abstention": abstention(predictor, [corpus.texts[row] for row in board.evaluation.rows]),
            "leaks": audit and {"corpus": trained_on.name, **audit.to_dict()},
            "worst": [each.probability for each in wrong],
            "weights": model.run.measured()["n_weights"],
            "teachers": _teachers(model.run),
        },
        mistakes=_explained(corpus, board, wrong, predictor),
        failed={each.capability: each.failed for each in behaviour},
        leak_verdict=audit.verdict() if audit and audit.leaking else "",
        written=f"{datetime.now(UTC):%Y-%m-%d} by sentiment {__version__}",
        history=_history(model.run),
        provenance=_provenance(model, corpus),
        settings=model.run.config.read_text("utf-8"),
    )


def _teachers(run: RunDirectory) -> dict[str, Any] | None:
    measured = run.measured()
    found: dict[str, Any] | None = measured.get("export", {}).get("teachers")
    return found and {"student_accuracy": measured["validation_accuracy"], **found}


def _counts(found: Result) -> dict[str, Any]:
    return {"passed": found.passed, "checks": found.checks, "rate": found.rate, "interval": list(found.interval)}


def _explained(
    corpus: Corpus, board: Scoreboard | MultilabelScoreboard, wrong: list[Wrong], predictor: Predictor
) -> tuple[Mistake, ...]:
    texts = [corpus.texts[board.evaluation.rows[each.place]] for each in wrong]
    explained = predictor.attributions(texts, [each.of for each in wrong])
    pairs = zip(wrong, texts, explained, strict=True)
    return tuple(Mistake(text, each.truth, each.label, attributions) for each, text, attributions in pairs)


def _training_corpus(model: TrainedModel) -> Corpus | None:
    # A colleague who got the run alone can report on another corpus all the same; the page names the one audited.
    try:
        return own_corpus(model)
    except InputError:
        return None


def _history(run: RunDirectory) -> dict[str, Any]:
    checkpoint = newest_checkpoint(run.training) if run.training.is_dir() else None
    return checkpoint.facts.history if checkpoint else {}


def _provenance(model: TrainedModel, corpus: Corpus) -> tuple[tuple[str, str], ...]:
    trained, asked, facts = model.corpus, corpus.provenance, model.run.facts()
    beside = f"{facts['constructions']:,} constructions, emoji and idioms" if "constructions" in facts else ""
    pairs = [
        ("trained on", f"{trained['name']}: {trained['source']}, version {trained['version']}"),
        ("its licence", trained["licence"]),
        ("its note", trained["note"]),
        ("its SHA-256", trained["sha256"]),
        ("learned beside it", beside),
        *((f"taught: {name}", value) for name, value in facts.get("teaching", {}).items()),
        ("evaluated on", f"{corpus.name}: {asked.source}, version {asked.version}"),
        ("its SHA-256", asked.sha256),
        ("layers", " ".join(str(model.model).split())),
        ("vocabulary", f"{len(model.vocabulary):,} tokens"),
    ]
    return tuple((name, value) for name, value in pairs if value)
