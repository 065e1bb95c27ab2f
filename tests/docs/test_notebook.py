"""docs/notebook.ipynb runs, prints what it shows but for the figures, and leads to pages that exist."""

import json
import re

import notebook
from paths import ROOT


def _but_for_figures(text: str) -> str:
    return re.sub(r"[-+]?\d+(?:\.\d+)?", "#", text)


def test_every_cell_runs_and_prints_what_is_shown_below_it(tmp_path):
    printed = notebook.run(tmp_path)
    shown = [notebook.shown(cell) for cell in notebook.code_cells()]
    assert all(shown), "python tests/notebook.py --write fills them in"
    assert list(map(_but_for_figures, printed))[:3] == list(map(_but_for_figures, shown))[:3]
    assert [len(text.splitlines()) for text in printed] == [len(text.splitlines()) for text in shown]


def test_it_is_a_notebook_that_leads_somewhere():
    found = json.loads(notebook.NOTEBOOK.read_text("utf-8"))
    assert (found["nbformat"], len({cell["id"] for cell in found["cells"]})) == (4, len(found["cells"]))
    assert all(cell["execution_count"] is None for cell in notebook.code_cells())
    text = "".join(line for cell in found["cells"] for line in cell["source"])
    links = re.findall(r"\]\(([^)#]+)", text)
    assert links
    assert [link for link in links if not (ROOT / "docs" / link).is_file()] == []


def test_the_readme_leads_to_it():
    assert "(docs/notebook.ipynb)" in (ROOT / "README.md").read_text("utf-8")
