"""Texts of other languages: the config for any is taken in the default's place, with a line that says so."""

import numpy as np
import pytest
from fetches import fetch_or_skip
from paths import ROOT
from progress_lines import ProgressLines

from benchmarks.made_emotions import made_texts
from benchmarks.made_languages import LANGUAGES, made_corpus
from sentiment.corpora import KNOWN_CORPORA, Corpus, CorpusOptions, Provenance, load_corpus
from sentiment.evaluation.baselines import CHARACTER_TFIDF, CharacterTfidfLogistic
from sentiment.evaluation.evaluate_run import Question, score_run
from sentiment.prediction.predictor import Predictor
from sentiment.recipe.recipe import read_recipe
from sentiment.training.other_language import MOSTLY_KNOWN, known_share
from sentiment.training.train import train
from sentiment.training.trained_model import TrainedModel

SHARED = ROOT.parent / "shared" / "data"
SHORT = ["Recipe.steps = 4", "Recipe.eval_every = 100", "Recipe.checkpoint_every = 100"]


@pytest.fixture
def vectors(tmp_path):
    """Settings of a default with small vectors of three words."""
    path = tmp_path / "vectors.txt"
    path.write_text("sun 1 0\nrain 0 1\nday 1 1\n")
    return [
        f"tweet_classifier.vectors = '{path}'",
        "tweet_classifier.d_vectors = 2",
        "tweet_classifier.lexicon = None",
        f"vectors_vocabulary.vectors = '{path}'",
        *SHORT,
    ]


def _corpus(*texts: str) -> Corpus:
    rows = np.arange(len(texts))
    splits = {"train": rows[4:], "validation": rows[:4]}
    return Corpus("here", texts, rows % 2, ("bad", "good"), splits, Provenance("here", "1", "0", "ours"))


def _recipe(*bindings: str):
    return read_recipe(ROOT / "configs" / "default.gin", bindings)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_of_made_languages_are_unknown_to_the_default(language):
    with fetch_or_skip("GloVe and the ratings of words"):
        share = known_share(_recipe(), made_corpus(language, 200).texts)
    assert share is not None
    assert share < MOSTLY_KNOWN / 2


def _english() -> list:
    """The corpora at hand, all of them English: by name, in the repository, and where they are there in shared/data."""
    tasks = [SHARED / "tweeteval" / name for name in ("emoji", "emotion", "hate", "irony", "offensive")]
    numbered = [SHARED / "emojifier" / "train_emoji.csv", SHARED / "semeval2013_2016" / "*.tsv"]
    files = [*((path, None, None) for path in tasks), (numbered[0], "1", "2"), (numbered[1], "3", "2")]
    absent = pytest.mark.skipif(not SHARED.is_dir(), reason=f"{SHARED} is not there")
    return [
        *((name, None, None) for name in KNOWN_CORPORA),
        (ROOT / "tests" / "fixtures" / "moods.csv", "text", "mood"),
        *(pytest.param(*each, marks=absent) for each in (*files, (SHARED / "sentences.tsv", None, None))),
    ]


@pytest.mark.parametrize(("source", "text", "label"), _english())
def test_the_words_of_english_corpora_are_known_to_the_default(source, text, label):
    with fetch_or_skip(f"{source}, GloVe and the ratings of words"):
        options = None if source in KNOWN_CORPORA else CorpusOptions(bad_rows="skip")
        share = known_share(_recipe(), load_corpus(source, text, label, options=options).split("train")[0])
    assert share is not None
    assert share > 0.8


def test_the_words_of_made_english_texts_are_known_to_the_default():
    with fetch_or_skip("GloVe and the ratings of words"):
        share = known_share(_recipe(), [made.text for made in made_texts(300)])
    assert share is not None
    assert share > 0.8


def test_only_words_count_and_only_where_there_is_something_that_knows_them(vectors):
    texts = ("@sun http://a.b/c !!! 12 😀", "Sun zzz, RAIN... ooo")
    assert known_share(_recipe(*vectors), texts) == 0.5
    assert known_share(_recipe(*vectors), texts[:1]) is None
    assert known_share(_recipe(*vectors), ()) is None
    assert known_share(read_recipe(ROOT / "configs" / "mean.gin"), texts) is None


def test_the_config_for_any_language_is_taken_said_and_written_down_so_that_the_run_repeats(vectors, tmp_path):
    progress, corpus = ProgressLines(), _corpus(*["zzz sun ooo", "uuu rain xxx"] * 8)
    run = train("default", vectors, tmp_path / "run", progress, corpus)
    (line,) = [each for each in progress.lines if "words are known" in each]
    assert line.startswith(
        "note        67% of the training texts' words are known neither to the vectors nor to a lexicon"
    )
    assert "anylanguage.gin is taken" in line
    assert "--set 'Recipe.other_language = None' keeps default" in line
    assert "Recipe.name = 'anylanguage'" in run.config.read_text()
    assert "Recipe.steps = 4" in run.config.read_text(), "bindings hold for it too"
    again = train(run.config, (), tmp_path / "again", corpus=corpus)
    assert again.weights.read_bytes() == run.weights.read_bytes()


def test_the_default_stays_where_words_are_known_or_it_is_asked_to(vectors, tmp_path):
    progress, known = ProgressLines(), _corpus(*["rain zzz day", "sun sun ooo"] * 8)
    assert "Recipe.name = 'default'" in train("default", vectors, tmp_path / "a", progress, known).config.read_text()
    assert not any("known" in line for line in progress.lines if line.startswith("note"))
    unknown = _corpus(*["rain zzz ooo", "sun uuu ooo"] * 8)
    asked = [*vectors, "Recipe.other_language = None"]
    assert "Recipe.name = 'default'" in train("default", asked, tmp_path / "b", progress, unknown).config.read_text()
    (line,) = [each for each in progress.lines if each.startswith("note")]
    assert line.endswith("; --config anylanguage, which goes by characters, may serve better")


@pytest.fixture(scope="module", params=LANGUAGES)
def trained(request, tmp_path_factory):
    """A made language's corpus and the run that was trained on it."""
    corpus = made_corpus(request.param, 1500)
    bindings = ["Recipe.eval_every = 1000", "Recipe.checkpoint_every = 1000"]
    return corpus, train("anylanguage", bindings, tmp_path_factory.mktemp("run") / "run", corpus=corpus)


def test_it_is_as_good_as_tfidf_of_character_ngrams_with_logistic_regression(trained):
    corpus, run = trained
    texts, targets = corpus.split("test")
    baseline = CharacterTfidfLogistic(corpus.label_names, *corpus.split("train")).probabilities(texts).argmax(axis=1)
    answers = Predictor.load(run.path).outcomes(texts)
    assert np.mean(answers.best == targets) >= np.mean(baseline == targets) - 0.01
    assert np.mean(answers.best == targets) > 0.75
    assert np.mean(answers.abstained) < 0.05


def test_a_prediction_depends_on_its_text_alone_and_its_explanation_marks_the_texts_own_characters(trained):
    corpus, run = trained
    predictor = Predictor.load(run.path)
    texts = [*corpus.split("test")[0][:9], "", "한국어 日本語 ไทย ok"]
    together, alone = predictor(texts, explain=True), [predictor([text])[0] for text in texts]
    for one, other, text in zip(together, alone, texts, strict=True):
        assert one.label == other.label
        assert one.probability == pytest.approx(other.probability, abs=1e-6)
        for each in one.attributions or ():
            start, end = each.span
            assert text[start:end].lower() == each.token


def test_the_baseline_beside_it_has_its_own_characters(trained):
    corpus, run = trained
    board = score_run(TrainedModel.load(run.path), Question(corpus=corpus, split="test"))
    assert list(board.others) == ["majority class", CHARACTER_TFIDF]
