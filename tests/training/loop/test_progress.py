"""What a user sees: lines with the numbers that matter, and on a terminal a bar below them."""

import io
import sys
from contextlib import redirect_stdout

import pytest

from sentiment.training.loop.progress import Bar, Lines, Progress, describe, for_this_output


class _History:
    def __init__(self, values):
        self._values = values

    def get(self, mode, metric):
        return self._values.get((mode, metric), [])


HISTORY = _History(
    {
        ("train", "metrics/CrossEntropyLoss"): [(1, 0.9), (10, 0.65432)],
        ("eval", "metrics/CrossEntropyLoss"): [(1, 0.8), (10, 0.54321)],
        ("eval", "metrics/Accuracy"): [(1, 0.5), (10, 0.98765)],
        ("train", "training/learning_rate"): [(10, 0.01)],
    }
)
LINE = "step     10   train loss 0.6543   validation loss 0.5432   validation accuracy 0.9877"


class _Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self):
        return True


@pytest.fixture
def terminal(monkeypatch):
    """A terminal of 100 columns, to which standard output can be redirected."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return _Terminal()


def _train(progress: Progress, fails: bool = False) -> None:
    progress.info("corpus      [bold]mine[/bold].csv: 70 texts :smile: 100%")
    progress.started(0, 10)
    try:
        for step in range(1, 11):
            progress.stepped(step)
            if fails and step == 5:
                raise KeyboardInterrupt
        progress.evaluated(10, HISTORY)
    finally:
        progress.stopped()


def test_a_line_holds_the_newest_losses_and_accuracy():
    assert describe(10, HISTORY) == LINE


def test_a_line_leaves_out_what_was_not_measured():
    assert describe(3, _History({})) == "step      3"
    assert describe(123456, _History({("eval", "metrics/Accuracy"): [(1, 1.0)]})).endswith(
        "123456   validation accuracy 1.0000"
    )


def test_lines_are_printed_for_what_is_told_and_for_evaluations_only(capsys):
    _train(Lines())
    assert capsys.readouterr().out == f"corpus      [bold]mine[/bold].csv: 70 texts :smile: 100%\n{LINE}\n"


def test_lines_are_seen_at_once_in_a_pipe(monkeypatch):
    class Pipe(io.StringIO):
        seen = ""

        def flush(self):
            self.seen = self.getvalue()

    pipe = Pipe()
    monkeypatch.setattr(sys, "stdout", pipe)
    Lines().info("corpus")
    assert pipe.seen == "corpus\n"


def test_the_plain_progress_says_nothing(capsys):
    _train(Progress())
    assert capsys.readouterr() == ("", "")


def test_output_that_is_no_terminal_gets_lines(capsys):
    assert type(for_this_output()) is Lines


def test_a_terminal_gets_a_bar(terminal):
    with redirect_stdout(terminal):
        assert type(for_this_output()) is Bar


def test_the_bar_prints_the_same_lines_and_ends_with_them(terminal):
    with redirect_stdout(terminal):
        _train(for_this_output())
    shown = terminal.getvalue()
    assert "[bold]mine[/bold].csv: 70 texts :smile: 100%\n" in shown, "a text is printed as it is"
    assert LINE in shown
    assert "training" in shown.split(LINE)[1], "the bar stands below the line"
    assert "10/10" in shown
    assert shown.count("\x1b[?25l") == shown.count("\x1b[?25h") == 1, "the cursor comes back"


def test_the_bar_is_taken_away_when_training_is_interrupted(terminal):
    with redirect_stdout(terminal), pytest.raises(KeyboardInterrupt):
        _train(for_this_output(), fails=True)
    assert "5/10" in terminal.getvalue()
    assert terminal.getvalue().count("\x1b[?25h") == 1


def test_a_resumed_run_starts_its_bar_where_it_stopped(terminal):
    with redirect_stdout(terminal):
        bar = for_this_output()
        bar.started(40, 100)
        bar.stopped()
    assert "40/100" in terminal.getvalue()


def test_a_long_line_is_not_broken(terminal):
    with redirect_stdout(terminal):
        for_this_output().info("model       " + "Embedding " * 40)
    assert "Embedding " * 40 + "\n" in terminal.getvalue()
