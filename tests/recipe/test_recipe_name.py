"""A variant's name is the name of a folder below runs/, and of nothing else."""

from dataclasses import replace

import pytest
from paths import ROOT

from sentiment.errors import InputError
from sentiment.recipe.recipe import read_recipe


@pytest.mark.parametrize("name", ["../../x", "a/b", "a\\b", "/tmp", "..", ".x", "", "two\nlines", "a\0b", "x" * 101])
def test_a_name_that_leads_elsewhere_is_refused_in_one_line(name):
    with pytest.raises(InputError) as caught:
        read_recipe(ROOT / "configs" / "mean.gin", [f"Recipe.name = {name!r}"])
    assert f"Recipe.name = {name!r}: must do as a folder's name" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["mean", "lstm_pretrained", "v1.2-small", "my run", "Tagesstimmung_für_Ö"])
def test_names_of_folders_are_taken(name):
    recipe = read_recipe(ROOT / "configs" / "mean.gin")
    assert replace(recipe, name=name).name == name
