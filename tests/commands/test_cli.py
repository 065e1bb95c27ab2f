"""What the user can mend is told in one line; what is a bug keeps its traceback."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from paths import ROOT

from sentiment.commands.cli import run
from sentiment.errors import InputError


@pytest.fixture
def ended(monkeypatch, capsys):
    """Runs a `main` with arguments; returns (exit code, standard output, standard error)."""

    def call(main, *arguments):
        monkeypatch.setattr(sys, "argv", ["script", *arguments])
        with pytest.raises(SystemExit) as end:
            run(main)
        captured = capsys.readouterr()
        return end.value.code or 0, captured.out, captured.err

    return call


def _raising(error):
    def main():
        raise error

    return main


def _counting(n: int = 3):
    """Print n lines."""
    for line in range(n):
        print("line", line)  # noqa: T201


def test_a_script_gets_its_flags_and_ends_with_0(ended):
    assert ended(_counting, "--n", "2") == (0, "line 0\nline 1\n", "")


def test_help_shows_the_flags_and_the_docstring(ended):
    code, out, _ = ended(_counting, "--help")
    assert code == 0
    assert "Print n lines." in out
    assert "--n" in out


def test_bad_input_is_one_line_and_exit_code_2(ended):
    code, out, err = ended(_raising(InputError("my.csv,\n  row 3 (line 4): no label;\n\tadd one")))
    assert (code, out) == (2, "")
    assert err == "error: my.csv, row 3 (line 4): no label; add one\n"


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.ENOSPC, "free some space"),
        (errno.EDQUOT, "free some space"),
        (errno.EACCES, "check its permissions"),
        (errno.EPERM, "check its permissions"),
        (errno.EROFS, "name another place"),
        (errno.ENOENT, "check the name"),
        (errno.EISDIR, "name a file"),
        (errno.ENOTDIR, "name another place"),
        (errno.EEXIST, "name another place"),
        (errno.EIO, "see the system's message"),
    ],
)
def test_an_error_of_the_system_is_one_line_with_the_file_and_a_remedy(ended, number, remedy):
    code, out, err = ended(_raising(OSError(number, os.strerror(number), "/some/file")))
    assert (code, out) == (2, "")
    assert err.startswith(f"error: /some/file: {os.strerror(number)}: ")
    assert remedy in err
    assert err.count("\n") == 1


def test_an_os_error_without_number_or_file_is_one_line_too(ended):
    assert ended(_raising(OSError("the disk\nmade a noise"))) == (
        2,
        "",
        "error: the disk made a noise: see the system's message\n",
    )


@pytest.mark.parametrize("arguments", [["--bogus"], ["--n", "many"], ["--n"], ["surplus"]])
def test_a_wrong_flag_is_one_line_that_points_to_help(ended, arguments):
    code, out, err = ended(_counting, *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert err.endswith("(--help lists the flags)\n")
    assert err.count("\n") == 1


def test_a_missing_argument_is_one_line(ended):
    def main(name: str):
        raise AssertionError(f"must not be called, with {name}")

    code, out, err = ended(main)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "name" in err.lower()


def test_ctrl_c_says_that_it_stopped_and_ends_with_130(ended):
    assert ended(_raising(KeyboardInterrupt())) == (130, "", "stopped\n")


@pytest.mark.parametrize("bug", [ValueError("a bug"), KeyError("a bug"), RuntimeError("a bug"), TypeError("a bug")])
def test_a_bug_is_not_dressed_up_as_bad_input(monkeypatch, bug):
    monkeypatch.setattr(sys, "argv", ["script"])
    with pytest.raises(type(bug)) as raised:
        run(_raising(bug))
    assert raised.value is bug


def _start(code, *arguments, **kwargs):
    code = f"import sys\nfrom sentiment.commands.cli import run\n{code}\nrun(main)\n"
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, env=buffered, stderr=subprocess.PIPE, text=True, **kwargs
    )


def test_a_bugs_traceback_reaches_the_terminal_without_local_values():
    with _start("def main():\n    secret = 'tweet of a user'\n    raise RuntimeError('a bug')") as process:
        told = process.stderr.read()
    assert process.returncode == 1
    assert told.startswith("Traceback")
    assert "RuntimeError: a bug" in told
    assert "╭" not in told, "a frame drawn by rich shows local values"


def test_a_real_ctrl_c_ends_a_script_with_130_and_no_traceback():
    code = "import time\ndef main():\n    print('here', flush=True)\n    time.sleep(60)"
    with _start(code, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == "here\n"
        process.send_signal(signal.SIGINT)
        told = process.stderr.read()
    assert process.returncode == 130
    assert told == "stopped\n"


@pytest.mark.parametrize("lines", [3, 100_000])
def test_a_reader_that_left_is_no_error(lines):
    # 3 lines fit Python's buffer, so that the pipe is found broken only at the end.
    code = f"def main():\n    for line in range({lines}):\n        print('line', line)"
    reading, writing = os.pipe()
    os.close(reading)
    with _start(code, stdout=writing) as process:
        os.close(writing)
        told = process.stderr.read()
    assert (process.returncode, told) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, which this system lacks")
@pytest.mark.parametrize("lines", [3, 100_000])
def test_output_that_finds_the_disk_full_is_one_line_and_exit_code_2(lines):
    code = f"def main():\n    for line in range({lines}):\n        print('line', line)"
    with Path("/dev/full").open("w") as full, _start(code, stdout=full) as process:
        told = process.stderr.read()
    assert process.returncode == 2
    assert told == f"error: {os.strerror(errno.ENOSPC)}: free some space or name another place\n"
