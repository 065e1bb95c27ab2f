"""`--over` lines: choices and ranges, read as data and checked before anything is trained."""

import optuna
import pytest
from paths import ROOT

from sentiment.errors import InputError
from sentiment.search.space import Setting, read_space

MEAN = ROOT / "configs" / "mean.gin"


def test_brackets_are_choices_and_parentheses_ranges():
    space = read_space(
        [
            "Recipe.batch_size = [32, 64]",
            "trax.optimizers.Adam.learning_rate = (1e-4, 1e-2)",
            "mean_classifier.d_embedding = (8, 32)",
            "Recipe.optimizer = [@trax.optimizers.Adam, @trax.optimizers.SGD]",
            "Recipe.buckets = [(32,), (16, 32)]",
            "Stopping.keep = ['last', 'best', 'last']",
        ],
        MEAN,
        [],
    )
    assert space == [
        Setting("Recipe.batch_size", ("32", "64")),
        Setting("trax.optimizers.Adam.learning_rate", low=1e-4, high=1e-2),
        Setting("mean_classifier.d_embedding", low=8, high=32),
        Setting("Recipe.optimizer", ("@trax.optimizers.Adam", "@trax.optimizers.SGD")),
        Setting("Recipe.buckets", ("(32,)", "(16, 32)")),
        Setting("Stopping.keep", ("'last'", "'best'")),
    ]
    assert [setting.by_logarithm for setting in space[1:3]] == [True, False]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("Recipe.batch_size = 32", "give choices in brackets"),
        ("Recipe.batch_size = []", "give choices in brackets"),
        ("Recipe.batch_size = (64, 32)", "give choices in brackets"),
        ("Recipe.batch_size = (1, 2, 3)", "give choices in brackets"),
        ("Recipe.batch_size = (True, 3)", "give choices in brackets"),
        ("Recipe.batch_size", "line 1"),
        ("rate = [1, 2]", "names no setting"),
        ("Recipe.batch_size = [32]\nRecipe.steps = [1]", "names no setting"),
        ("Recipe.learning_rate = (1e-4, 1e-2)", "no parameter 'learning_rate'"),
        ("Recipe.batchsize = [32]", "but 'batch_size'"),
        ("Recipe.batch_size = [32, 'many']", "Recipe.batch_size = 'many'"),
        ("Recipe.batch_size = (0, 8)", "must be 1 or more"),
        ("load_corpus.source = ['a.csv', 'b.csv']", "scores could not be compared"),
        ("sentiment.CorpusOptions.min_per_class = [1, 2]", "scores could not be compared"),
        ("import os", "imports nothing"),
        ("include 'base.gin'", "only a file includes"),
        ("Recipe.seed = [__import__('os').getpid()]", "line 1"),
        ("Recipe.model = [@os.system]", "no function 'os.system'"),
    ],
)
def test_a_line_that_cannot_be_searched_is_one_line(line, message):
    with pytest.raises(InputError) as raised:
        read_space([line], MEAN, [])
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_nothing_to_search_and_a_setting_given_twice_are_one_line():
    with pytest.raises(InputError, match="nothing to search: give --over"):
        read_space([], MEAN, [])
    with pytest.raises(InputError, match="given twice"):
        read_space(["Recipe.seed = [1]", "Recipe.seed = [2]"], MEAN, [])


def test_a_drawn_value_is_a_line_of_gin():
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    trial = study.ask()

    def value(setting: Setting) -> str:
        setting.draw(trial)
        name, _, text = setting.line(trial.params[setting.name]).partition(" = ")
        assert name == setting.name
        return text

    assert value(Setting("a", ("@Adam", "@SGD"))) in ("@Adam", "@SGD")
    assert 8 <= int(value(Setting("b", low=8, high=800))) <= 800
    assert 1e-4 <= float(value(Setting("c", low=1e-4, high=1e-2))) <= 1e-2
    assert 0 <= float(value(Setting("d", low=0.0, high=1.0))) <= 1
