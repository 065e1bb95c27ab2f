"""What comes from a corpus or a run can't command the terminal that it is shown on."""

import json
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.errors import InputError
from sentiment.storage.files import sha256_of
from sentiment.terminal import harmless

CLEAR = "\x1b[2J\x1b]0;owned\x07\u202e\r\x9b"


def _commands(text: str) -> bool:
    return any(character in text for character in "\x1b\x07\x9b\r\u202e")


def test_control_characters_are_written_out_and_all_else_stays():
    assert harmless("a\x1b[2Jb\x9b\u202e") == r"a\x1b[2Jb\x9b\u202e"
    assert harmless("👩‍❤️‍👩 हिन्दी\tcafé\n") == "👩‍❤️‍👩 हिन्दी\tcafé\n"
    assert harmless("two\nlines", newline=False) == r"two\nlines"


@given(st.text())
def test_what_is_harmless_holds_no_control_character_but_tab_and_newline(text):
    assert not [each for each in harmless(text) if (ord(each) < 32 and each not in "\t\n") or 127 <= ord(each) < 160]


@pytest.fixture
def evil(small_run, tmp_path):
    """A run whose first label clears the screen."""
    run = tmp_path / "evil"
    shutil.copytree(small_run, run)
    facts = json.loads((run / "model.json").read_text())
    facts["label_names"][1] = f"{facts['label_names'][1]}{CLEAR}"
    (run / "model.json").write_text(json.dumps(facts))
    (run / "calibration.json").write_text('{"temperature": 1.0, "thresholds": {}}')
    manifest = json.loads((run / "manifest.json").read_text())
    manifest["sha256"] |= {name: sha256_of(run / name) for name in ("model.json", "calibration.json")}
    (run / "manifest.json").write_text(json.dumps(manifest))
    return run


@pytest.mark.parametrize("command", [["predict", "so happy" + CLEAR], ["predict", "--explain", "happy"], ["evaluate"]])
def test_no_label_or_text_reaches_the_terminal_as_it_is(evil, script, command):
    verb, *rest = command
    answer = script(verb, "--run", evil, *rest)
    assert not _commands(answer.out + answer.err), answer


@pytest.mark.parametrize("verb", ["corpus", "train"])
def test_nor_does_one_of_a_corpus(script, elsewhere, verb):
    rows = "".join(f"word{n}{CLEAR} is here,{'sad' if n % 2 else 'happy'}{CLEAR}\n" for n in range(60))
    (elsewhere / "my.csv").write_text("text,label\n" + rows.replace("\r", ""), newline="")
    arguments = ["--corpus", "my.csv"] + (["--steps", "2"] if verb == "train" else [])
    answer = script(verb, *arguments)
    assert not _commands(answer.out + answer.err), answer


def test_a_message_of_an_error_is_harmless():
    assert str(InputError(f"my{CLEAR}.csv: no")).isprintable()
