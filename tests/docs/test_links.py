"""A reader who follows a link arrives. Relative links and anchors alone: no network."""

import pytest
from documents import DOCUMENTS, anchors, blocks, links, name, prose
from paths import ROOT


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_every_relative_link_leads_to_a_file_and_a_heading_of_it(document):
    lost = []
    for target in links(document):
        if target.startswith(("https://", "http://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        file = (document.parent / path).resolve() if path else document
        if not file.exists() or not file.is_relative_to(ROOT) or (anchor and anchor not in anchors(file)):
            lost.append(target)
    assert lost == []


def test_pictures_are_small_and_each_is_shown():
    pictures = set((ROOT / "docs" / "pictures").iterdir())
    assert max(picture.stat().st_size for picture in pictures) < 300_000
    shown = {
        (document.parent / target.partition("#")[0]).resolve() for document in DOCUMENTS for target in links(document)
    }
    assert pictures <= shown


def test_the_readme_is_a_page_and_links_to_every_document():
    readme = ROOT / "README.md"
    assert len(readme.read_text("utf-8").splitlines()) <= 150
    linked = {(ROOT / target.partition("#")[0]).resolve() for target in links(readme) if ":" not in target}
    assert set(DOCUMENTS) - {readme} <= linked


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_code_stands_in_fenced_blocks_of_a_known_language(document):
    """An indented block would escape the tests of commands."""
    assert {block.language for block in blocks(document)} <= {"console", "sh", "python", ""}
    indented = [line for line in prose(document).splitlines() if line.startswith("    ")]
    assert indented == []
