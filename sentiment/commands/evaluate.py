"""Evaluates a trained run on a split of its corpus, or of another; or two runs, which are compared."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from typer import Argument, Option

from sentiment.errors import InputError
from sentiment.storage.run_directory import RunDirectory, latest_run

if TYPE_CHECKING:
    from sentiment.evaluation.evaluate_run import Question


def main(
    runs: Annotated[list[Path] | None, Argument(help="Two runs to compare, text by text.")] = None,
    run_directory: Annotated[Path | None, Option("--run", help="A run; by default the newest classifier.")] = None,
    split: Annotated[str, Option(help="train, validation or test.")] = "validation",
    corpus: Annotated[str, Option(help="Another corpus than the run's own: a name or a file.")] = "",
    text: Annotated[str, Option(help="The file's column with the texts.")] = "",
    label: Annotated[str, Option(help="The file's column with the labels.")] = "",
    map_: Annotated[
        list[str] | None, Option("--map", help="CORPUS_LABEL=MODEL_LABEL; nothing after = drops it.")
    ] = None,
    neutral: Annotated[
        Literal["drop", "keep"], Option(help="Where one side alone has neutral: leave out, or keep.")
    ] = "drop",
) -> None:
    """Print how good a run is on every example of a split, with 95% intervals and beside simpler ways."""
    from sentiment.evaluation.evaluate_run import Question

    question = Question(split, corpus, text or None, label or None, dict(map(_pair, map_ or [])), neutral)
    if not runs:
        _evaluate(RunDirectory(run_directory) if run_directory else latest_run(), question)
    elif len(runs) == 2 and not run_directory:
        _compare(runs, question)
    else:
        raise InputError("name two runs to compare, or one with --run")


def _evaluate(run: RunDirectory, question: "Question") -> None:
    from sentiment.evaluation import saved_evaluation as saved
    from sentiment.evaluation import summary
    from sentiment.evaluation.evaluate_run import score_run
    from sentiment.evaluation.language_model import LanguageModel
    from sentiment.evaluation.scoreboard import figures
    from sentiment.training.trained_model import TrainedModel

    run.verify()
    print(f"run            {run.path}")
    if run.facts(None)["task"] == "next_token":
        model = LanguageModel.load(run.path)
        data = question.data(model.trained)
        perplexity, trigram = model.beside_trigram(data, question.split)
        told = f"on {data.name}, {question.split}; of an interpolated trigram {trigram:.2f}"
        print(f"perplexity     {perplexity:.2f} {told}")
        return
    board = score_run(TrainedModel.load(run.path), question)
    found = figures(board)
    saved.save(board, found, run.evaluation(board.evaluation.corpus, question.split))
    print("\n".join(summary.lines(found)))


def _compare(runs: list[Path], question: "Question") -> None:
    from sentiment.evaluation import summary
    from sentiment.evaluation.comparison import compare_runs
    from sentiment.training.trained_model import TrainedModel

    models = [TrainedModel.load(path) for path in runs]
    sample = question.sample(models[0])
    evaluations = [question.sample(model).evaluate(model) for model in models]
    print(f"corpus         {sample.corpus}, {question.split}: {len(sample.texts):,} texts")
    print("\n".join(summary.comparison_lines(tuple(map(str, runs)), compare_runs(*evaluations))))


def _pair(given: str) -> tuple[str, str]:
    name, equals, meant = given.partition("=")
    if not equals:
        raise InputError(f"--map {given}: write CORPUS_LABEL=MODEL_LABEL")
    return name.strip(), meant.strip()
