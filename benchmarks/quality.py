"""How good the default model, or its ensemble, is beside TF-IDF + LR and fastText, on the same rows.

    python benchmarks/quality.py TASK... [--seeds 5] [--config default] [--develop]      (needs requirements-bench.txt)

Tasks: tweets, stripped, vader, outside, semeval; of TweetEval, whose val tests: emotion, irony, hate, offensive, emoji.
`--develop` tests on the tail of the training rows, not the test rows.
"""

import argparse
import functools
import sys
from pathlib import Path

import numpy as np
from sklearn.metrics import balanced_accuracy_score, f1_score

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import rivals, semeval  # noqa: E402
from benchmarks.tables import measured_here  # noqa: E402
from sentiment.corpora import load_corpus  # noqa: E402
from sentiment.text.emoticons import strip_emoticons  # noqa: E402

TWEETEVAL = ROOT.parent / "shared" / "data" / "tweeteval"
SEMEVAL = ROOT.parent / "shared" / "data" / "semeval2013_2016"
BINARY = ("negative", "positive")
FOLDS = 5
UNEVEN = ["Recipe.sampler = @ShuffledSampler"]
NO_LEXICON = ["tweet_classifier.lexicon = None", "vectors_vocabulary.vectors = 'glove.6B.50d'"]


def tweets(options: argparse.Namespace) -> None:
    """`twitter_samples`: as it is, and without emoticons, by one model; all get a stripped copy of the rows."""
    rows, labels, test, targets = _tweets(options.develop)
    asked = {"as they are": test, "stripped": _stripped(test)}
    doubled, twice = [*rows, *_stripped(rows)], np.tile(labels, 2)
    systems = {
        "ours": lambda seed: rivals.ours("ensemble", BINARY, rows, labels, _steps(options), seed),
        "TF-IDF + LR": lambda _: rivals.logistic(BINARY, doubled, twice),
        "fastText": lambda seed: rivals.fasttext(doubled, twice, seed),
    }
    for name, fit in _chosen(systems, options):
        scores = [_accuracies(fit(seed), asked, targets) for seed in _seeds(name, options)]
        for number, what in enumerate(asked):
            _print(f"twitter_samples {what}", name, [score[number] for score in scores])


def stripped(options: argparse.Namespace) -> None:
    """`twitter_samples` without emoticons, by models that never saw any."""
    rows, labels, test, targets = _tweets(options.develop)
    rows, asked = _stripped(rows), {"": _stripped(test)}
    systems = {
        "ours": lambda seed: rivals.ours("ensemble", BINARY, rows, labels, _steps(options), seed),
        "TF-IDF + LR": lambda _: rivals.logistic(BINARY, rows, labels),
        "fastText": lambda seed: rivals.fasttext(rows, labels, seed),
    }
    for name, fit in _chosen(systems, options):
        scores = [_accuracies(fit(seed), asked, targets)[0] for seed in _seeds(name, options)]
        _print("twitter_samples stripped, trained on stripped", name, scores)


def _tweets(develop: bool) -> tuple[list[str], np.ndarray, list[str], np.ndarray]:
    corpus = load_corpus("twitter_samples")
    train, test = corpus.splits["train"], corpus.splits["validation"]
    if develop:
        tail = np.r_[3200:4000, 8200:9000]
        train, test = np.setdiff1d(train, tail), tail
    texts = np.array(corpus.texts, object)
    return list(texts[train]), corpus.labels[train], list(texts[test]), corpus.labels[test]


def _stripped(texts: list[str]) -> list[str]:
    return [strip_emoticons(text) for text in texts]


def _steps(options: argparse.Namespace) -> list[str]:
    return [f"Recipe.steps = {options.steps}"] if options.steps else []


def vader(options: argparse.Namespace) -> None:
    """`vader`, out of fold; each fold has a seed of its own."""
    corpus = load_corpus("vader")
    texts, labels = np.array(corpus.texts, object), corpus.labels
    fold = np.random.default_rng(1).permutation(len(texts)) % FOLDS
    systems = {
        "ours": lambda rows, seed: rivals.ours("default", BINARY, *rows, [], seed),
        "ours, no lexicon": lambda rows, seed: rivals.ours("default", BINARY, *rows, NO_LEXICON, seed),
        "TF-IDF + LR": lambda rows, _: rivals.logistic(BINARY, *_balanced(*rows)),
        "TF-IDF + LR, uneven": lambda rows, _: rivals.logistic(BINARY, *rows),
        "fastText": lambda rows, seed: rivals.fasttext(*_balanced(*rows), seed),
        "fastText, uneven": lambda rows, seed: rivals.fasttext(*rows, seed),
    }
    for name, fit in _chosen(systems, options):
        scores = []
        for number in range(FOLDS):
            test = fold == number
            answers = fit((list(texts[~test]), labels[~test]), number)
            scores += _accuracies(answers, {"": list(texts[test])}, labels[test])
        _print(f"vader, {FOLDS} folds", name, scores)


def outside(options: argparse.Namespace) -> None:
    """Trained on all of `vader`, two thirds of it positive, tested on SemEval's positive and negative tweets."""
    corpus = load_corpus("vader")
    texts, labels = semeval.read(options.semeval, (*semeval.TRAIN_3, semeval.TEST_3))
    polar = labels != 1
    asked, targets = [text for text, kept in zip(texts, polar, strict=True) if kept], (labels[polar] == 2) * 1
    rows = (list(corpus.texts), corpus.labels)
    even = _balanced(*rows)
    systems = {
        "ours": lambda seed: rivals.ours("default", BINARY, *rows, [], seed),
        "ours, uneven": lambda seed: rivals.ours("default", BINARY, *rows, UNEVEN, seed),
        "ours, no lexicon": lambda seed: rivals.ours("default", BINARY, *rows, NO_LEXICON, seed),
        "TF-IDF + LR": lambda _: rivals.logistic(BINARY, *even),
        "TF-IDF + LR, uneven": lambda _: rivals.logistic(BINARY, *rows),
        "TF-IDF + LR, plain": lambda _: rivals.plain_logistic(*even),
        "TF-IDF + LR, plain, uneven": lambda _: rivals.plain_logistic(*rows),
        "fastText": lambda seed: rivals.fasttext(*even, seed),
        "fastText, uneven": lambda seed: rivals.fasttext(*rows, seed),
    }
    for name, fit in _chosen(systems, options):
        answers = [fit(seed)(asked) for seed in _seeds(name, options)]
        recalls = [balanced_accuracy_score(targets, each) for each in answers]
        _print(f"vader -> SemEval, {len(targets):,}, macro-recall", name, recalls)
        _print("the same, accuracy", name, [float(np.mean(each == targets)) for each in answers])


def three_classes(options: argparse.Namespace) -> None:
    """SemEval-2016's test, or, to develop, 2016dev and 2016devtest; three classes."""
    last = ("2016dev", "2016devtest") if options.develop else (semeval.TEST_3,)
    rows = semeval.read(options.semeval, tuple(name for name in semeval.TRAIN_3 if name not in last))
    texts, targets = semeval.read(options.semeval, last)
    settings = _steps(options)
    balanced = _balanced(*rows)  # the same help for the others
    systems = {
        "ours": lambda seed: rivals.ours(options.config, semeval.LABELS, *rows, settings, seed),
        "TF-IDF + LR": lambda _: rivals.logistic(semeval.LABELS, *balanced),
        "fastText": lambda seed: rivals.fasttext(*balanced, seed),
    }
    for name, fit in _chosen(systems, options):
        scores = [_macro(fit(seed)(texts), targets) for seed in _seeds(name, options)]
        for number, what in enumerate(("macro-F1 of positive and negative", "macro-recall")):
            _print(f"SemEval-2016, {what}", name, [score[number] for score in scores])


def tweeteval(task: str, options: argparse.Namespace) -> None:
    """A task of TweetEval by its measure: macro-F1, of irony the F1 of irony. What every system learns, as it comes."""
    corpus = load_corpus(str(options.tweeteval / task))
    rows, (texts, targets) = corpus.split("train"), corpus.split("validation")
    if options.develop:
        end = 4 * len(rows[0]) // 5
        rows, (texts, targets) = (rows[0][:end], rows[1][:end]), (rows[0][end:], rows[1][end:])
    rows = list(rows[0]), rows[1]
    systems = {
        "ours": lambda seed: rivals.ours(options.config, corpus.label_names, *rows, _steps(options), seed),
        "TF-IDF + LR": lambda _: rivals.logistic(corpus.label_names, *rows),
        "fastText": lambda seed: rivals.fasttext(*rows, seed),
    }
    kind = {"average": "binary"} if task == "irony" else {"average": "macro"}
    for name, fit in _chosen(systems, options):
        scores = [float(f1_score(targets, fit(seed)(list(texts)), **kind)) for seed in _seeds(name, options)]
        _print(f"TweetEval {task}, {'F1 of irony' if task == 'irony' else 'macro-F1'}", name, scores)


def _balanced(texts: list[str], labels: np.ndarray) -> tuple[list[str], np.ndarray]:
    most = np.bincount(labels).max()
    rows = np.concatenate([np.resize(np.flatnonzero(labels == label), most) for label in np.unique(labels)])
    rows = np.random.default_rng(0).permutation(rows)
    return [texts[row] for row in rows], labels[rows]


def _accuracies(answers: rivals.Answers, asked: dict[str, list[str]], targets: np.ndarray) -> list[float]:
    return [float(np.mean(answers(texts) == targets)) for texts in asked.values()]


def _macro(answers: np.ndarray, targets: np.ndarray) -> tuple[float, float]:
    return f1_score(targets, answers, labels=[0, 2], average="macro"), balanced_accuracy_score(targets, answers)


def _chosen(systems: dict, options: argparse.Namespace):
    return [(name, fit) for name, fit in systems.items() if not options.only or name.startswith(options.only)]


def _seeds(name: str, options: argparse.Namespace) -> range:
    return range(1 if name.startswith("TF-IDF") else options.seeds)  # which has no seed


def _print(task: str, name: str, scores: list[float]) -> None:
    values = " ".join(f"{score:.4f}" for score in scores)
    print(f"{task:48} {name:26} {np.mean(scores):.4f}, deviation {np.std(scores):.4f} ({values})", flush=True)


OF_TWEETEVAL = ("emotion", "irony", "hate", "offensive", "emoji")
TASKS = {"tweets": tweets, "stripped": stripped, "vader": vader, "outside": outside, "semeval": three_classes}
TASKS |= {task: functools.partial(tweeteval, task) for task in OF_TWEETEVAL}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tasks", nargs="+", choices=TASKS)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--develop", action="store_true")
    parser.add_argument("--only", help="systems whose names begin with this")
    parser.add_argument("--config", default="default", help="ours, in `semeval` and TweetEval's tasks")
    parser.add_argument("--steps", type=int, help="of ours, in `tweets`, `stripped`, `semeval` and TweetEval's tasks")
    parser.add_argument("--tweeteval", type=Path, default=TWEETEVAL)
    parser.add_argument("--semeval", type=Path, default=SEMEVAL)
    chosen = parser.parse_args()
    print(measured_here())
    for task in chosen.tasks:
        TASKS[task](chosen)
