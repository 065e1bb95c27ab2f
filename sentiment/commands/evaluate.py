"""Evaluates a trained run on a split of its corpus, or of another."""

from pathlib import Path
from typing import Annotated

from typer import Option

from sentiment.run_directory import RunDirectory, latest_run, read_json


def main(
    run_directory: Annotated[Path | None, Option("--run", help="A run; by default the newest classifier.")] = None,
    split: Annotated[str, Option(help="train, validation or test.")] = "validation",
    corpus: Annotated[str, Option(help="Another corpus than the run's own: a name or a file.")] = "",
    text: Annotated[str, Option(help="The file's column with the texts.")] = "",
    label: Annotated[str, Option(help="The file's column with the labels.")] = "",
) -> None:
    """Print how good a run is on every example of a split."""
    from sentiment.corpora import load_corpus
    from sentiment.evaluation import evaluate
    from sentiment.language_model import LanguageModel
    from sentiment.recipe import read_corpus
    from sentiment.trained_model import TrainedModel

    run_ = RunDirectory(run_directory) if run_directory else latest_run()
    run_.verify()
    model = TrainedModel.load(run_.path, read_json(run_.model)["task"])
    if corpus:
        data = load_corpus(corpus, text or None, label or None)
    else:
        data, _ = read_corpus(model.run.config)
        model.check_same(data)
    print(f"run            {model.run.path}")
    if model.recipe.task == "next_token":
        perplexity, trigram = LanguageModel(model).beside_trigram(data, split)
        print(f"perplexity     {perplexity:.2f} on {data.name}, {split}; of an interpolated trigram {trigram:.2f}")
        return
    result = evaluate(model, data, split)
    print(f"corpus         {data.name}, {split}: {result.n_examples:,} texts")
    print(f"accuracy       {result.accuracy:.4f}")
    print(f"cross-entropy  {result.cross_entropy:.4f}")
    for name, recall, row in zip(result.label_names, result.recalls, result.confusion, strict=True):
        predicted = ", ".join(f"{n:,} {other}" for other, n in zip(result.label_names, row, strict=True))
        print(f"{name:14} recall {recall:.4f}; {row.sum():,} texts, predicted as {predicted}")
