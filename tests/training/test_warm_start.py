"""A model that begins with another run's weights gives each class those of the class of the same name."""

import numpy as np
import pytest
from paths import ROOT

from sentiment import train
from sentiment.encoding.vocabulary import Vocabulary
from sentiment.errors import InputError
from sentiment.models.classifiers import CnnClassifier, MeanClassifier, NotebookClassifier, RecurrentClassifier
from sentiment.models.tweet_classifier import TweetClassifier
from sentiment.storage.run_directory import RunDirectory
from sentiment.storage.tensors import load_tensors
from sentiment.training.trained_model import named_weights
from sentiment.training.warm_start import Pretrained, weights_by_layer
from sentiment.trax_runtime import fastmath, shapes

VOCABULARY = Vocabulary((*Vocabulary.SPECIAL, "good", "bad", "not", "day"))
IDS = np.array([[3, 6, 0], [5, 4, 6]], np.int32)
OLD = ("anger", "joy", "fear")


@pytest.fixture
def architectures(tmp_path):
    """One of each kind of last layer."""
    vectors = tmp_path / "vectors.txt"
    vectors.write_text("good 1 2\nbad 3 4\n")
    return {
        "mean": MeanClassifier(d_embedding=4),
        "notebook": NotebookClassifier(d_embedding=4),
        "recurrent": RecurrentClassifier(d_embedding=4, units=(3, 3)),  # as many units as classes
        "cnn": CnnClassifier(d_embedding=4, filters=3),
        "committee": TweetClassifier(
            vectors=str(vectors), d_vectors=2, lexicon=None, d_learned=2, filters=3, members=2, spelling=True
        ),
    }


def _answers(model):
    key = fastmath.random.get_prng(0)
    return np.asarray(model.pure_fn(IDS, model.weights, model.state, key)[0])


def _given(architecture, label_names, seed=5):
    """Returns the log-probabilities of a model of the classes OLD, and of one that begins with it."""

    def layers_for(n_classes):
        return architecture.layers(VOCABULARY, n_classes, "eval")

    trained, model = layers_for(len(OLD)), layers_for(len(label_names))
    trained.init(shapes.signature(IDS), rng=fastmath.random.get_prng(1))
    run = Pretrained(RunDirectory(ROOT), VOCABULARY, OLD, weights_by_layer(named_weights(trained)))
    taken = run.give(model, label_names, layers_for, seed)
    return _answers(trained), _answers(model), taken


@pytest.mark.parametrize("kind", ["mean", "notebook", "recurrent", "cnn", "committee"])
def test_classes_are_matched_by_name_however_many_and_in_whatever_order(architectures, kind):
    old, new, _ = _given(architectures[kind], ("fear", "love", "joy", "anger"))
    for ours, theirs in ((0, 2), (2, 1)):  # fear and joy, each beside anger
        np.testing.assert_allclose(new[:, ours] - new[:, 3], old[:, theirs] - old[:, 0], atol=1e-5)
    old, new, _ = _given(architectures[kind], ("joy", "fear"))
    np.testing.assert_allclose(new[:, 0] - new[:, 1], old[:, 1] - old[:, 2], atol=1e-5)


def test_the_same_classes_are_the_same_model(architectures):
    old, new, taken = _given(architectures["cnn"], OLD)
    np.testing.assert_array_equal(old, new)
    assert taken == ["Embedding_7_4", "Convolutions_1_2_3_3", "Dense_3"]


def test_classes_of_other_names_begin_anew_on_the_features_learned(architectures):
    _, new, taken = _given(architectures["cnn"], ("awful", "fine", "great"))
    assert taken == ["Embedding_7_4", "Convolutions_1_2_3_3"], "as many classes, but no name in common"
    assert not np.array_equal(new, _given(architectures["cnn"], ("awful", "fine", "great"), seed=6)[1])


def test_a_run_with_nothing_in_common_is_refused(architectures):
    trained = architectures["cnn"].layers(VOCABULARY, 3, "eval")
    trained.init(shapes.signature(IDS))
    run = Pretrained(RunDirectory(ROOT), VOCABULARY, OLD, weights_by_layer(named_weights(trained)))
    other = MeanClassifier(d_embedding=5)
    with pytest.raises(InputError, match="no layer in common"):
        run.give(other.layers(VOCABULARY, 2), ("a", "b"), lambda n: other.layers(VOCABULARY, n, "eval"), 0)


def test_training_goes_on_from_a_run_on_texts_with_other_classes(small_run, tmp_path):
    rows = [f"so {'happy' if row % 2 else 'sad'} number {row},{'happy' if row % 2 else 'awful'}" for row in range(40)]
    corpus = tmp_path / "more.csv"
    corpus.write_text("\n".join(["text,label", *rows]))
    bindings = [f"load_corpus.source = '{corpus}'", f"Recipe.pretrained = '{small_run}'", "Recipe.steps = 1"]
    bindings += ["mean_classifier.d_embedding = 16", "trax.optimizers.Adam.learning_rate = 0.0"]
    bindings += ["trax.optimizers.Adam.weight_decay_rate = 0.0"]
    run = train(ROOT / "configs" / "mean.gin", bindings, tmp_path / "run")
    before, after = (load_tensors(RunDirectory(path).weights)[0] for path in (small_run, run.path))
    (table,) = (name for name in after if "Embedding" in name)
    np.testing.assert_array_equal(after[table], before[table])
    # The run's classes are calm, happy, sad; these are awful, happy.
    np.testing.assert_array_equal(after["weights/1.Dense_2/0"][:, 1], before["weights/1.Dense_3/0"][:, 1])


def test_the_default_goes_on_with_more_classes_as_it_began(tmp_path):
    vectors = tmp_path / "vectors.txt"
    vectors.write_text("good 1 2\nbad 3 4\n")
    small = [f"tweet_classifier.vectors = '{vectors}'", "tweet_classifier.d_vectors = 2", "Recipe.steps = 1"]
    small += ["Recipe.other_language = None", "tweet_classifier.lexicon = None"]
    small += [f"vectors_vocabulary.vectors = ('{vectors}',)"]

    def trained(name, classes, *bindings):
        rows = [f"{classes[n % len(classes)]} {n},{classes[n % len(classes)]}" for n in range(60)]
        corpus = tmp_path / f"{name}.csv"
        corpus.write_text("\n".join(["text,label", *rows]))
        source = f"load_corpus.source = '{corpus}'"
        return train("default", [*small, source, *bindings], tmp_path / name)

    def spells(run):
        return "tweet_classifier.spelling = True" in run.config.read_text()

    two, four = trained("two", ("good", "bad")), trained("four", ("sun", "rain", "fog", "snow"))
    assert (spells(two), spells(four)) == (False, True)
    assert not spells(trained("more", ("good", "bad", "so so", "odd"), f"Recipe.pretrained = '{two.path}'"))
    assert spells(trained("fewer", ("sun", "rain"), f"Recipe.pretrained = '{four.path}'"))
