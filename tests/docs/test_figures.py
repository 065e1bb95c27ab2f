"""A figure comes with the command that printed it: promise 8 (docs/promises.md)."""

import re

import pytest
from documents import DOCUMENTS, name, prose
from paths import ROOT

from sentiment.recipe.variants import read_variants

_DATE = r"\d{4}-\d\d-\d\d"
_TABLE = re.compile(r"(?:^\|.*\n)+", re.MULTILINE)
_MEASURED = re.compile(r"\d\.\d{3}|\d,\d{3} \||\d MB")  # what people choose (a limit, a default) has fewer digits
_COMMAND = re.compile(r"`(?:make|python|scripts/|sentiment)\b[^`]+`")


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_a_command_and_a_date_stand_after_each_table_of_measurements(document):
    text, without = prose(document), []
    for table in _TABLE.finditer(text):
        if not _MEASURED.search(table[0]):
            continue
        section = text[: table.end()].rsplit("\n#", 1)[-1] + re.split(r"^#", text[table.end() :], flags=re.MULTILINE)[0]
        if not (_COMMAND.search(section) and re.search(_DATE, section)):
            without.append(table[0].splitlines()[0])
    assert without == []


@pytest.mark.parametrize("variant", read_variants(ROOT / "configs"), ids=lambda variant: variant.name)
def test_a_configs_cost_and_result_name_command_and_date(variant):
    assert re.search(rf"\(make (?:variants-table|train|distil), .+, {_DATE}\)", variant.cost)
    assert re.search(r"\d", variant.result)
