"""A run -> report.html and MODEL_CARD.md in its folder."""

from pathlib import Path

from sentiment.evaluation.evaluate_run import Question
from sentiment.report import model_card, page
from sentiment.report.facts import gather
from sentiment.storage.files import write_whole


def write_report(path: Path, question: Question) -> tuple[Path, Path]:
    """Evaluates a run and writes its page and its card.

    Returns:
        The paths of both.

    Raises:
        InputError: the run or the corpus can't be used.
        OSError: the files can't be written.
    """
    facts = gather(path, question)
    written = path / "report.html", path / "MODEL_CARD.md"
    write_whole(written[0], page.render(facts))
    write_whole(written[1], model_card.render(facts))
    return written
