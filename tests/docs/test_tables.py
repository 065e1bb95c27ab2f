"""Tables of measurements are put between their marks, with the machine and the date."""

import re
from datetime import date

import pytest
from documents import DOCUMENTS
from paths import ROOT

from benchmarks.tables import machine, measured_here, table, write_table

_NAMES = sorted(
    name
    for script in (ROOT / "benchmarks").glob("*.py")
    for name in re.findall(r'write_table\(\s*"(\w+)"', script.read_text("utf-8"))
)
_OLD = "# Page\n\nBefore.\n\n<!-- speed: begin -->\n| old |\n<!-- speed: end -->\n\nAfter.\n"


@pytest.mark.parametrize("name", _NAMES)
def test_the_marks_of_every_generated_table_stand_in_one_document(name):
    texts = [document.read_text("utf-8") for document in DOCUMENTS]
    for mark in (f"<!-- {name}: begin -->", f"<!-- {name}: end -->"):
        assert sum(text.count(mark) for text in texts) == 1


def test_a_table_takes_the_place_of_the_old_one_and_names_machine_and_date(tmp_path):
    (tmp_path / "other.md").write_text("# Other\n", "utf-8")
    page = tmp_path / "page.md"
    page.write_text(_OLD, "utf-8")
    lines = table(["a", "b"], [["1", "2"]])
    assert lines == ["| a | b |", "| --- | --- |", "| 1 | 2 |"]
    assert write_table("speed", lines, "`make bench`", tmp_path) == page
    text = page.read_text("utf-8")
    assert text.startswith("# Page\n\nBefore.\n\n<!-- speed: begin -->\n| a | b |\n")
    assert text.endswith(f"\n`make bench`, {measured_here()}.\n<!-- speed: end -->\n\nAfter.\n")
    assert "old" not in text
    assert (tmp_path / "other.md").read_text("utf-8") == "# Other\n"


@pytest.mark.parametrize("text", ["# no marks\n", _OLD.replace("<!-- speed: end -->\n", "")])
def test_a_document_without_both_marks_is_left_alone(tmp_path, text):
    (tmp_path / "page.md").write_text(text, "utf-8")
    with pytest.raises(LookupError, match="speed: begin"):
        write_table("speed", ["| new |"], "`make bench`", tmp_path)
    assert (tmp_path / "page.md").read_text("utf-8") == text


def test_the_machine_is_named_by_its_cores_and_their_model():
    assert re.fullmatch(r"\d+ cores? of \S.*", machine())
    assert measured_here() == f"{machine()}, {date.today().isoformat()}"
