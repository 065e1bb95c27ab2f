"""Evaluates a trained run on a split of its corpus, or of another; or two runs, which are compared."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from typer import Argument, Option

from sentiment.commands.cli import DeviceFlag
from sentiment.commands.file_flags import READING, FileFlags, with_file_flags
from sentiment.errors import InputError
from sentiment.storage.run_directory import RunDirectory
from sentiment.storage.runs import latest_run
from sentiment.terminal import harmless

if TYPE_CHECKING:
    from sentiment.evaluation import Evaluation
    from sentiment.evaluation.evaluate_run import Question
    from sentiment.evaluation.multilabel.result import MultilabelEvaluation


@with_file_flags(*READING, "split_column", "validation", "test", "bad_rows", "map", "labels_between")
def main(
    runs: Annotated[list[Path] | None, Argument(help="Two runs to compare, text by text.")] = None,
    *,
    files: FileFlags,
    run_directory: Annotated[Path | None, Option("--run", help="A run; by default the newest classifier.")] = None,
    split: Annotated[
        str | None,
        Option(help="train, validation, test or all. [default: all of another file, else validation]"),
    ] = None,
    corpus: Annotated[str, Option(help="Another corpus than the run's own: a name, a file or a folder.")] = "",
    neutral: Annotated[
        Literal["drop", "keep"], Option(help="Where one side alone has neutral: leave out, or keep.")
    ] = "drop",
    int8: Annotated[bool, Option("--int8", help="Score the model with weights of 8 bits.")] = False,
    device: DeviceFlag = "auto",
) -> None:
    """Print how good a run is on every example of a file or a split, with 95% intervals and beside simpler ways."""
    from sentiment.evaluation.evaluate_run import Question
    from sentiment.execution.worker_processes import kept_workers
    from sentiment.training.parallel.backend import set_up_backend

    set_up_backend(device)
    if not corpus and set(files.given) - {"map"}:
        raise InputError("flags of a file need --corpus FILE; the run's own corpus is read as it was in training")
    options = replace(files.options(), label_map={})  # the map goes to the model's labels, once the corpus is read
    question = Question(split, corpus, files.text, files.label, options, files.label_map, neutral)
    with kept_workers():
        if not runs:
            _evaluate(RunDirectory(run_directory) if run_directory else latest_run(), question, int8)
        elif len(runs) == 2 and not run_directory:
            _compare((runs[0], runs[1]), question)
        else:
            raise InputError("name two runs to compare, or one with --run")


def _evaluate(run: RunDirectory, question: "Question", int8: bool) -> None:
    from sentiment.evaluation import saved_evaluation as saved
    from sentiment.evaluation import summary
    from sentiment.evaluation.evaluate_run import score_run
    from sentiment.evaluation.language_model import LanguageModel
    from sentiment.evaluation.scoreboard import figures
    from sentiment.training.trained_model import TrainedModel

    run.verify()
    print(harmless(f"run            {run.path}"))
    if run.facts(None)["task"] == "next_token":
        model = LanguageModel.load(run.path)
        asked = question.asked(model.trained)
        perplexity, trigram = model.beside_trigram(asked.corpus, asked.split)
        told = f"on {asked.corpus.name}, {asked.split}; of an interpolated trigram {trigram:.2f}"
        print(harmless(f"perplexity     {perplexity:.2f} {told}"))
        return
    classifier = TrainedModel.load(run.path)
    asked = question.asked(classifier)
    board = score_run(classifier, question, asked, int8)
    found = figures(board)
    saved.save(board, found, asked.files(run))
    print(harmless("\n".join(summary.lines(found))))


def _compare(runs: tuple[Path, Path], question: "Question") -> None:
    from sentiment.evaluation import summary
    from sentiment.evaluation.comparison import compare_runs
    from sentiment.evaluation.multilabel import comparison as multilabel
    from sentiment.evaluation.result import Evaluation

    first, second = (_answers(path, question) for path in runs)
    if isinstance(first, Evaluation) and isinstance(second, Evaluation):
        compared = compare_runs(first, second)
    elif not isinstance(first, Evaluation) and not isinstance(second, Evaluation):
        compared = multilabel.compare_runs(first, second)
    else:
        raise InputError(f"{runs[0]}, {runs[1]}: one gives a text one label, the other several: name two of a kind")
    print(harmless(f"corpus         {first.corpus}, {first.split}: {first.n_examples:,} texts"))
    lines = summary.comparison_lines((str(runs[0]), str(runs[1])), compared)
    print(harmless("\n".join(lines)))


def _answers(path: Path, question: "Question") -> "Evaluation | MultilabelEvaluation":
    from sentiment.training.trained_model import TrainedModel

    model = TrainedModel.load(path).deployed()
    return question.sample(model).evaluate(model)
