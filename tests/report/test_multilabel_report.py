"""The report of a run that gives several labels: every number is one of its figures."""

import shutil

import pytest
from report_page import Page

from sentiment.evaluation.evaluate_run import Question
from sentiment.evaluation.saved_evaluation import load
from sentiment.evaluation.scoreboard import figures
from sentiment.report.mistakes import WORST, surest_mistakes
from sentiment.report.write import write_report
from sentiment.storage.run_directory import RunDirectory


@pytest.fixture(scope="module")
def reported(multilabel_run, tmp_path_factory):
    run = RunDirectory(tmp_path_factory.mktemp("reported") / "run")
    shutil.copytree(multilabel_run, run.path)
    write_report(run.path, Question(split="test"))
    return run


def _at(found, pointer: str):
    for key in pointer.split("/")[1:]:
        found = found[int(key)] if isinstance(found, list | tuple) else found[key]
    return found


def test_the_pages_figures_are_computed_again_from_the_saved_predictions(reported):
    page = Page((reported.path / "report.html").read_text("utf-8"))
    board, _ = load(reported.evaluation("emotions", "test"))
    again = {"figures": figures(board), "worst": [each.probability for each in surest_mistakes(board)]}
    shown = [each for each in page.numbers if each[0].split("/")[1] in again]
    assert len(shown) > 150
    for pointer, form, text in shown:
        value = _at(again, pointer)
        assert text == ("undefined" if value is None else format(value, form)), pointer
    assert set(page.stray) <= {"95", "1"}
    told = {pointer for pointer, _, _ in page.numbers}
    assert {f"/figures/by_class/{name}/f1" for name in again["figures"]["label_names"]} <= told
    assert {f"/figures/metrics/{name}/value" for name in again["figures"]["metrics"]} <= told
    assert not [link for link in page.links if not link.startswith("#")]


def test_the_surest_mistakes_are_decisions_that_were_wrong(reported):
    board, _ = load(reported.evaluation("emotions", "test"))
    evaluation, found = board.evaluation, surest_mistakes(board)
    assert len(found) == WORST
    assert [each.probability for each in found] == sorted((each.probability for each in found), reverse=True)
    for each in found:
        label = evaluation.label_names.index(each.of)
        assert evaluation.given[each.place, label] != evaluation.targets[each.place, label]
        assert each.label == (each.of if evaluation.given[each.place, label] else f"not {each.of}")


def test_the_card_names_macro_f1_and_the_regressions(reported):
    card = (reported.path / "MODEL_CARD.md").read_text("utf-8")
    assert "A classifier of short texts into any number of 0, 1, 2" in card
    assert "| TF-IDF + logistic regressions, thresholds chosen |" in card
    assert "- Macro-F1 is " in card
