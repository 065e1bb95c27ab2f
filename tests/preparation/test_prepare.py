"""A prepared corpus is what the same source gives in memory: texts, labels, splits, notes, vocabulary, ids, weights."""

import random
from pathlib import Path

import numpy as np
import pytest
from made_tweets import contents, tweets, write
from paths import FIXTURES, ROOT

from sentiment.config import read_config
from sentiment.corpora import load_corpus
from sentiment.corpora.prepared_folder import PreparedCorpus
from sentiment.errors import InputError
from sentiment.preparation.prepare import prepare
from sentiment.recipe import encoding_settings
from sentiment.recipe.recipe import read_corpus
from sentiment.recipe.variants import configs_folder
from sentiment.training.loop.progress import Progress
from sentiment.training.parts import build_parts
from sentiment.training.train import train

MOODS = str(FIXTURES / "moods.csv")
COLUMN = "load_corpus.label_column = 'mood'"
SMALL = ["mean_classifier.d_embedding = 16", "Recipe.steps = 30"]


def _flawed(folder: Path) -> tuple[list[str], list[str]]:
    rows = [["text", "label"], *tweets(500)]
    rows[40][0] = " "  # an empty text
    rows[60][1] = ""  # a missing label
    rows[80:83] = [["the same", "good"], ["the same", "bad"], ["The same!", "bad"]]
    return [write(folder / "a.csv", rows)], []


def _splits(folder: Path) -> tuple[list[str], list[str]]:
    splits = random.Random(1).choices(["train", "dev", "test", "test"], k=400)
    rows = [[*tweet, split] for tweet, split in zip(tweets(400), splits, strict=True)]
    for row in rows:
        if row[2] == "test" and len(row[0]) % 2:
            row[2] = "train"
    return [write(folder / "a.csv", [["text", "label", "split"], *rows])], []


def _beside(folder: Path) -> tuple[list[str], list[str]]:
    main = write(folder / "a.csv", [["text", "label"], *tweets(300)])
    test = write(folder / "b.csv", [["text", "label"], *tweets(90, 1)])
    return [main], [f"CorpusOptions.test = {test!r}", "load_corpus.options = @CorpusOptions()"]


def _itself(folder: Path) -> tuple[list[str], list[str]]:
    splits = random.Random(2).choices(["train", "dev"], k=200)
    rows = [[*tweet, split] for tweet, split in zip(tweets(200), splits, strict=True)]
    main = write(folder / "a.csv", [["text", "label", "split"], *rows])
    return [main], [f"CorpusOptions.test = {main!r}", "load_corpus.options = @CorpusOptions()"]


def _pattern(folder: Path) -> tuple[list[str], list[str]]:
    for part in range(3):
        write(folder / f"part-{part}.csv", [["text", "label"], *tweets(150, part)])
    return [str(folder / "part-*.csv")], []


def _mapped(folder: Path) -> tuple[list[str], list[str]]:
    rows = [[text, random.Random(text).choice(["0", "2", "4", "9"])] for text, _ in tweets(400)]
    source = write(folder / "a.csv", [["text", "label"], *rows])
    given = "CorpusOptions.label_map = {'0': 'bad', '4': 'good', '9': ''}"
    return [source], [given, "load_corpus.options = @CorpusOptions()", "load_corpus.seed = 3"]


def _copies(folder: Path) -> tuple[list[str], list[str]]:
    source = write(folder / "a.csv", [["text", "label"], *tweets(300)])
    return [source], ["Recipe.stripped_copies = True", "Vocabulary.min_count = 2", "Vocabulary.max_size = 20"]


def _ngrams(folder: Path) -> tuple[list[str], list[str]]:
    source = write(folder / "a.csv", [["text", "label"], *tweets(300)])
    return [source], ["Recipe.features = @HashedNgrams", "Vocabulary.order = 'count'"]


def _filled(folder: Path) -> tuple[list[str], list[str]]:
    source = write(folder / "a.csv", [["text", "label"], *tweets(300)])
    return [source], ["Recipe.features = @FixedLength", "FixedLength.length = 6"]


SOURCES = [_flawed, _splits, _beside, _itself, _pattern, _mapped, _copies, _ngrams, _filled]


@pytest.mark.parametrize("source", SOURCES, ids=lambda each: each.__name__.strip("_"))
@pytest.mark.parametrize("block_rows", [7, 1000])
def test_texts_labels_splits_and_ids_are_those_of_memory(tmp_path, source, block_rows):
    sources, bindings = source(tmp_path)
    prepared = prepare(sources, "mean", tmp_path / "p", bindings, processes=1, block_rows=block_rows)
    config = read_config(
        ROOT / "configs" / "mean.gin", [f"load_corpus.source = {sources[0]!r}", *bindings], configs_folder()
    )
    compare(prepared, config)


def test_several_labels_a_text(tmp_path, multilabel_settings):
    source, *bindings = multilabel_settings
    folder = source.split("'")[1]
    prepared = prepare([folder], "mean", tmp_path / "p", bindings, processes=1, block_rows=100)
    assert prepared.several
    compare(prepared, read_config(ROOT / "configs" / "mean.gin", [source, *bindings], configs_folder()))


def compare(prepared: PreparedCorpus, config) -> None:
    recipe = config.make("Recipe")
    corpus, _ = read_corpus(config)
    assert list(prepared.texts) == list(corpus.texts)
    assert np.array_equal(prepared.labels, corpus.labels)
    assert prepared.label_names == corpus.label_names
    assert prepared.notes == corpus.notes
    assert prepared.provenance == corpus.provenance
    assert prepared.fingerprint() == corpus.fingerprint()
    assert {name: rows.tolist() for name, rows in prepared.splits.items()} == {
        name: rows.tolist() for name, rows in corpus.splits.items()
    }
    recipe = recipe.sized(len(corpus.splits["train"]), len(corpus.label_names))
    if corpus.several:
        config.bind("Recipe", "task", "multilabel")
        recipe = config.make("Recipe")
    ours, theirs = (build_parts(recipe, each, "a config") for each in (prepared, corpus))
    assert ours.vocabulary == theirs.vocabulary
    assert np.array_equal(ours.rows, theirs.rows)
    for own, other in ((ours.train, theirs.train), (ours.held_out, theirs.held_out)):
        assert np.array_equal(np.asarray(own.ids), other.ids)
        assert np.array_equal(own.starts, other.starts)
        assert np.array_equal(own.labels, other.labels)


def test_sources_one_after_the_other_are_taken_for_one(tmp_path):
    parts = [write(tmp_path / f"part-{n}.csv", [["text", "label"], *tweets(100, n)]) for n in range(2)]
    one = prepare([str(tmp_path / "part-*.csv")], "mean", tmp_path / "one", processes=1)
    two = prepare(parts, "mean", tmp_path / "two", processes=1)
    assert list(two.texts) == list(one.texts)
    assert two.fingerprint() == one.fingerprint()


def test_bytes_are_the_same_by_however_many_processes(tmp_path):
    source = write(tmp_path / "a.csv", [["text", "label"], *tweets(400)])
    for processes in (1, 2):
        prepare([source], "mean", tmp_path / str(processes), processes=processes, block_rows=50)
    assert contents(tmp_path / "1") == contents(tmp_path / "2")


@pytest.mark.usefixtures("compiled_once")
@pytest.mark.parametrize("updates", ["exact", "lazy"])
def test_weights_are_those_of_memory(tmp_path, updates):
    bindings = [*SMALL, f"Recipe.updates = {updates!r}"]
    bindings += ["Recipe.optimizer = @RowAdagrad"] if updates == "lazy" else []
    prepare([MOODS], "mean", tmp_path / "p", [COLUMN], processes=1, block_rows=9)
    ours = train("mean", [f"load_corpus.source = {str(tmp_path / 'p')!r}", *bindings], tmp_path / "ours")
    theirs = train("mean", [f"load_corpus.source = {MOODS!r}", COLUMN, *bindings], tmp_path / "theirs")
    for name in ("weights.safetensors", "model.json", "vocabulary.txt", "calibration.json"):
        assert (ours.path / name).read_bytes() == (theirs.path / name).read_bytes(), name


class _StopAt(Progress):
    def stepped(self, step: int) -> None:
        if step == 20:
            raise KeyboardInterrupt


@pytest.mark.usefixtures("compiled_once")
def test_a_training_that_was_stopped_goes_on_to_the_same_bits(tmp_path):
    prepare([MOODS], "mean", tmp_path / "p", [COLUMN], processes=1, block_rows=9)
    bindings = [f"load_corpus.source = {str(tmp_path / 'p')!r}", *SMALL, "Recipe.checkpoint_every = 7"]
    train("mean", bindings, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        train("mean", bindings, tmp_path / "stopped", _StopAt())
    train("mean", bindings, tmp_path / "stopped")
    whole, stopped = ((tmp_path / name / "weights.safetensors").read_bytes() for name in ("whole", "stopped"))
    assert stopped == whole


@pytest.mark.parametrize(
    ("binding", "named"),
    [
        ("Preprocessor.stem = False", "Preprocessor.stem = True"),
        ("Vocabulary.min_count = 2", "Vocabulary.min_count = 1"),
        ("Recipe.vocabulary = @vectors_vocabulary", "Recipe.vocabulary = @Vocabulary"),
        ("Recipe.features = @HashedNgrams", "HashedNgrams."),
        ("Recipe.stripped_copies = True", "Recipe.stripped_copies = False"),
        ("load_corpus.seed = 1", "load_corpus.seed = 0"),
        (COLUMN, "leave --text, --label"),
    ],
)
def test_a_config_of_other_settings_is_refused(tmp_path, binding, named):
    prepare([MOODS], "mean", tmp_path / "p", [COLUMN], processes=1)
    with pytest.raises(InputError) as refused:
        train("mean", [f"load_corpus.source = {str(tmp_path / 'p')!r}", *SMALL, binding], tmp_path / "run")
    assert named in str(refused.value)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("binding", ["Recipe.constructions = 1", "Recipe.sentences = True"])
def test_more_texts_beside_it_are_refused(tmp_path, binding):
    rows = (f"day {n} was {('bad,negative', 'good,positive')[n % 2]}" for n in range(60))
    (tmp_path / "days.csv").write_text("\n".join(["text,label", *rows]), "utf-8")
    prepare([str(tmp_path / "days.csv")], "mean", tmp_path / "p", processes=1)
    settings = [f"load_corpus.source = {str(tmp_path / 'p')!r}", *SMALL]
    with pytest.raises(InputError, match="takes no more texts; set them to 0 and False"):
        train("mean", [*settings, binding], tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_texts_that_another_version_read_otherwise_are_refused(tmp_path, monkeypatch):
    prepare([MOODS], "mean", tmp_path / "p", [COLUMN], processes=1)
    monkeypatch.setattr(encoding_settings, "reading_of", lambda preprocessor: "otherwise")
    with pytest.raises(InputError, match=r"p: prepared by another version of this program, .*: prepare another folder"):
        train("mean", [f"load_corpus.source = {str(tmp_path / 'p')!r}", *SMALL], tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.usefixtures("compiled_once")
def test_such_a_run_is_evaluated_and_reported(script, elsewhere):
    told = script("prepare", MOODS, "--label", "mood", "--config", "mean", "--output", "p")
    assert "prepared    70 texts (56 train, 7 validation, 7 test)" in told.out
    assert script("train", "--corpus", "p", "--steps", 30, "--run", "run").code == 0
    evaluated = script("evaluate", "--run", "run", "--split", "test")
    assert evaluated.code == 0, evaluated.err
    assert script("train", "--corpus", MOODS, "--label", "mood", "--steps", 30, "--run", "memory").code == 0
    beside = script("evaluate", "--run", "memory", "--split", "test")
    assert evaluated.out.replace("run/", "memory/").splitlines()[1:] == beside.out.splitlines()[1:]
    reported = script("report", "--run", "run")
    assert reported.code == 0, reported.err


def test_a_named_corpus_is_refused(script, elsewhere):
    answer = script("prepare", "vader", "--config", "mean", "--output", "p")
    assert answer.code == 2
    assert "`sentiment train` reads this one" in answer.err


def test_load_corpus_opens_it(tmp_path):
    prepare([MOODS], "mean", tmp_path / "p", [COLUMN], processes=1)
    corpus = load_corpus(tmp_path / "p")
    assert len(corpus.texts) == 70
    assert corpus.split("train")[0] == [corpus.texts[row] for row in corpus.splits["train"]]
