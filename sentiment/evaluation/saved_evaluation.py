"""Predictions and figures as files, so that every figure can be computed again without the model."""

import json
from collections.abc import Iterator

import numpy as np

from sentiment.errors import InputError
from sentiment.evaluation.multilabel import saved as multilabel
from sentiment.evaluation.multilabel.scoreboard import MultilabelScoreboard
from sentiment.evaluation.result import Evaluation
from sentiment.evaluation.scoreboard import Scoreboard
from sentiment.prediction.calibration import Calibration
from sentiment.storage.files import open_whole, write_whole
from sentiment.storage.manifest import read_json, to_json
from sentiment.storage.run_directory import EvaluationFiles


def save(board: Scoreboard | MultilabelScoreboard, figures: dict, files: EvaluationFiles) -> None:
    """Writes a scoreboard's predictions, one JSON object a line, and its figures.

    A line has the row's number in the corpus, its true label, the model's probabilities, what each other system said,
    how many tokens it has and how many of them are unknown, and what all systems said of it without its emoticons; not
    the text itself. The figures come last: where they stand, the predictions are whole.
    """
    with open_whole(files.predictions) as file:
        lines = multilabel.lines(board) if isinstance(board, MultilabelScoreboard) else _lines(board)
        for line in lines:
            file.write(line.encode("utf-8"))
    write_whole(files.figures, to_json(figures))


def load(files: EvaluationFiles) -> tuple[Scoreboard | MultilabelScoreboard, dict]:
    """Reads what `save` wrote. Raises InputError where it is missing or not whole."""
    if not files.figures.is_file():
        raise InputError(f"{files.figures}: not evaluated yet; `make eval` does it")
    figures = read_json(files.figures)
    lines = [json.loads(line) for line in files.predictions.read_text("utf-8").splitlines()]
    if len(lines) != figures["n_texts"]:
        raise InputError(f"{files.predictions}: cut short; `make eval` writes it anew")
    if figures.get("task") == "multilabel":
        return multilabel.board_of(lines, figures), figures
    names = figures["label_names"]
    number = {name: place for place, name in enumerate(names)}
    evaluation = Evaluation(
        corpus=figures["corpus"],
        split=figures["split"],
        label_names=tuple(names),
        rows=np.array([line["row"] for line in lines]),
        targets=np.array([number[line["label"]] for line in lines]),
        probabilities=np.array([[line["probabilities"][name] for name in names] for line in lines]),
        notes=tuple(figures["notes"]),
    )
    others, stripped = (
        {name: np.array([number[line[key][name]] for line in lines]) for name in lines[0][key]}
        for key in ("others", "stripped")
    )
    n_tokens, n_unknown = (np.array([line[key] for line in lines]) for key in ("n_tokens", "n_unknown"))
    fitted = figures.setdefault("calibration", figures.pop("believability", None))  # its name before 2026-11-26
    calibration = Calibration(fitted["temperature"], fitted["thresholds"])
    board = Scoreboard(evaluation, others, stripped, n_tokens, n_unknown, calibration, fitted["fitted_here"])
    return board, figures


def _lines(board: Scoreboard) -> Iterator[str]:
    evaluation = board.evaluation
    names = evaluation.label_names
    for place, row in enumerate(evaluation.rows.tolist()):
        line = {
            "row": row,
            "label": names[evaluation.targets[place]],
            "probabilities": dict(zip(names, evaluation.probabilities[place].tolist(), strict=True)),
            "others": {name: names[predicted[place]] for name, predicted in board.others.items()},
            "n_tokens": int(board.n_tokens[place]),
            "n_unknown": int(board.n_unknown[place]),
            "stripped": {name: names[predicted[place]] for name, predicted in board.stripped.items()},
        }
        yield json.dumps(line, ensure_ascii=False) + "\n"
