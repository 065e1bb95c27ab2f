"""What the seed notebook (seeds/003) prints, beside what this program gives: `python tests/seed_numbers.py --table`.

The notebook's ids are those of NLTK 3.5; our own tokenizer and stemmer give those of NLTK 3.9.4. So text, vocabulary
and batches run twice: here, and with NLTK's in the place of ours in an environment that has NLTK 3.5
(`.venvs/seed-numbers`, made on first use from requirements-seed-numbers.txt). The notebook's weights are those of an
XLA that was less exact, so layers run in a process of their own.
"""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from paths import ROOT
from seed_notebook import CAUSES, SEED, compare_vocabulary, notebook, printed_vocabulary

REQUIREMENTS = ROOT / "requirements-seed-numbers.txt"
ENVIRONMENT = ROOT / ".venvs" / "seed-numbers"


def text_numbers(texts: list[str], labels: np.ndarray, train: np.ndarray, validation: np.ndarray) -> dict:
    """Returns ours of the notebook's figures on text, vocabulary and batches, by their names in `SEED`.

    Also "vocabulary", all tokens, and "vocabulary sha256", of the tokens as JSON.
    """
    from sentiment.batching.batches import Batches, Examples
    from sentiment.batching.samplers import NotebookSampler
    from sentiment.encoding.vocabulary import Vocabulary
    from sentiment.text.preprocessor import Preprocessor

    labels, train = np.asarray(labels), np.asarray(train)
    tokens = [Preprocessor()(text) for text in texts]
    train_pos, val_pos = ([row for row in part if labels[row] == 1] for part in (train, validation))
    vocabulary = Vocabulary.build(tokens[row] for row in train)
    examples = Examples.encode([tokens[row] for row in train], labels[train], vocabulary)
    batch, shuffled = (
        Batches(examples, NotebookSampler(examples.labels, 4, seed=30, shuffle=shuffle)).batch(0)
        for shuffle in (False, True)
    )
    return {
        "positive, negative tweets": [int((labels == 1).sum()), int((labels == 0).sum())],
        "training, validation tweets": [len(train), len(validation)],
        "tokens of train_pos[0]": tokens[train_pos[0]],
        "vocabulary size": len(vocabulary),
        "tensor of val_pos[0]": vocabulary.encode(tokens[val_pos[0]]).tolist(),
        "tensor of val_pos[1]": vocabulary.encode(tokens[val_pos[1]]).tolist(),
        "ids of maria, happi": vocabulary.encode(["maria", "happi"]).tolist(),
        "batch of 4": batch.inputs.tolist(),
        "its targets and weights": [batch.targets.tolist(), batch.weights.tolist()],
        "shuffled batch of 4, random.seed(30)": shuffled.inputs.tolist(),
        "targets and weights of the shuffled batch": [shuffled.targets.tolist(), shuffled.weights.tolist()],
        "vocabulary": vocabulary.tokens,
        "vocabulary sha256": hashlib.sha256(json.dumps(vocabulary.tokens).encode()).hexdigest(),
    }


def take_nltks_tokens() -> None:
    """Puts the installed NLTK's tokenizer and stemmer in the place of ours, for as long as this process lives."""
    from nltk.stem import PorterStemmer
    from nltk.tokenize import TweetTokenizer

    from sentiment.text import many_texts, preprocessor, steps

    def tokenize(text: str, shorten: bool) -> list[str]:
        return TweetTokenizer(preserve_case=False, strip_handles=True, reduce_len=shorten).tokenize(text)

    nltks = {
        (preprocessor, "tokenize"): tokenize,
        (preprocessor, "stem"): PorterStemmer().stem,
        # NLTK's tokenizer does this itself, and is given each text as a whole.
        (steps, "resolve"): lambda text: text,
        (preprocessor, "spaces_matter"): lambda text: True,
        (preprocessor, "control_space"): lambda text: True,
        (many_texts, "control_space"): lambda text: True,
    }
    for (module, name), function in nltks.items():
        getattr(module, name)  # an AttributeError here: the module has another name for it by now
        setattr(module, name, function)


def layer_numbers() -> dict:
    """Returns ours of the notebook's figures on layers, by their names in `SEED`; floats as they print.

    To the letter they are so only in the process that `layer_numbers_as_in_2020` starts.
    """
    import jax

    from sentiment.models.classifiers import NotebookClassifier
    from sentiment.trax_runtime import fastmath, shapes, tl

    def printed(array) -> list:
        return [[float(np.format_float_positional(value, precision=8)) for value in row] for row in np.asarray(array)]

    key = fastmath.random.get_prng(0)
    # The notebook's own class draws its weights from the key it is given; Trax's splits that key first.
    dense = tl.Dense(10, lambda shape, _: tl.RandomNormalInitializer(0.1)(shape, key), use_bias=False)
    inputs = np.array([[2.0, 7.0, 25.0]], np.float32)
    with jax.threefry_partitionable(False):
        dense.init(shapes.signature(inputs))
        normal = fastmath.random.normal(fastmath.random.get_prng(1), (2, 3))
    return {
        "key of seed 1": np.asarray(fastmath.random.get_prng(1)).tolist(),
        "normal of seed 1": printed(normal),
        "gradient of x * x at 5": float(fastmath.grad(lambda x: x**2)(5.0)),
        "Relu": tl.Relu()(np.array([[-2.0, -1.0, 0.0], [0.0, 1.0, 2.0]])).tolist(),
        "Dense weights": printed(dense.weights),
        "Dense output": printed(dense(inputs)),
        "model": str(NotebookClassifier(d_embedding=256).layers(range(9088), n_classes=2)),
    }


def layer_numbers_as_in_2020() -> dict:
    """Returns `layer_numbers` of a process where XLA reckons as it did then: with `fast math`, less exactly."""
    flags = f"{os.environ.get('XLA_FLAGS', '')} --xla_cpu_enable_fast_math=true"
    return json.loads(_run([sys.executable, __file__, "--layers"], XLA_FLAGS=flags, JAX_PLATFORMS="cpu"))


def corpus() -> dict:
    """Returns `text_numbers`'s arguments, JSON-able. Raises InputError where twitter_samples can't be had."""
    from sentiment.corpora import load_corpus

    loaded = load_corpus("twitter_samples")
    rows = {name: loaded.splits[name].tolist() for name in ("train", "validation")}
    return {"texts": loaded.texts, "labels": loaded.labels.tolist(), **rows}


def text_numbers_under_nltk_3_5(arguments: dict) -> dict:
    """Returns what `text_numbers` gives with the tokens of the side environment's NLTK; it is made if need be.

    Raises:
        RuntimeError: pip or the program failed; the message holds what it said.
    """
    return json.loads(_run([side_environment(), __file__, "--text"], json.dumps(arguments)))


def side_environment() -> Path:
    """Returns the Python of the side environment, which is made anew whenever its requirements have changed."""
    from sentiment.storage.files import locked

    python = ENVIRONMENT / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    installed = ENVIRONMENT / "installed.txt"
    ENVIRONMENT.parent.mkdir(exist_ok=True)
    with locked(ENVIRONMENT.with_suffix(".lock")):  # two workers of pytest would clear each other's
        if not installed.is_file() or installed.read_bytes() != REQUIREMENTS.read_bytes():
            _run([sys.executable, "-m", "venv", "--clear", ENVIRONMENT])
            pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries=1"]
            _run([*pip, "--no-deps", "--require-hashes", "--requirement", REQUIREMENTS])
            installed.write_bytes(REQUIREMENTS.read_bytes())
    return python


def _run(command: list, given: str = "", **variables: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    ran = subprocess.run(command, input=given, capture_output=True, encoding="utf-8", env=environment)
    if ran.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))} ended with {ran.returncode}:\n{ran.stderr}")
    return ran.stdout


def equal_but_for_last_bit(ours: list, seed: list) -> bool:
    """Tells whether no float32 of two arrays differs by more than its last bit."""
    ours, seed = np.array(ours, np.float32), np.array(seed, np.float32)
    return ours.shape == seed.shape and bool((np.abs(ours - seed) <= np.spacing(np.abs(seed))).all())


def number_rows(ours: dict, today: dict) -> list[tuple[str, str, str, str, str]]:
    """Returns the table's rows on `SEED`: what, the seed's, ours, equal or not, and the cause if not.

    Args:
        ours: `text_numbers` under NLTK 3.5, and `layer_numbers_as_in_2020`.
        today: `text_numbers` of our own tokenizer and stemmer, whose tokens are those of NLTK 3.9.4.
    """
    rows = []
    for name, seed in SEED.items():
        if ours[name] == seed:
            rows.append((name, str(seed), str(ours[name]), "yes", ""))
        elif name == "Dense output" and equal_but_for_last_bit(ours[name], seed):
            rows.append((name, str(seed), str(ours[name]), "nearly", "rounding"))
        else:
            rows.append((name, str(seed), str(ours[name]), "no", "unknown"))
    size, first = len(today["vocabulary"]), first_difference(today["vocabulary"], ours["vocabulary"])
    what = "vocabulary of our own tokens, NLTK 3.9.4's"
    return [*rows, (what, "9088", f"{size}, other ids from {first} on", "no", "NLTK")]


def first_difference(tokens: list[str], others: list[str]) -> int | None:
    """Returns the first id that two vocabularies give to different tokens, None if there is none."""
    pairs = enumerate(zip(tokens, others, strict=False))
    return next((number for number, (token, other) in pairs if token != other), None)


def listing_rows(entries: dict[int, list[str]], tokens: list[str]) -> list[tuple[str, str, str, str, str]]:
    """Returns the table's rows on the printed vocabulary: one for all that match, one for each that doesn't."""
    kinds = compare_vocabulary(entries, tokens)
    rows = [
        ("printed vocabulary", "1,000 entries", f"{len(kinds.pop('equal', []))} the same", "yes", ""),
        ("printed vocabulary", "", f"{len(kinds.pop('marks', []))} the same", "nearly", "marks"),
    ]
    for kind, ids in kinds.items():
        for number in ids:
            shown = " or ".join(entry for entry in entries.get(number, ["nothing"]) if entry != "'222'")
            rows.append((f"vocabulary id {number}", shown, repr(tokens[number]), "no", kind))
    noise = [number for number, shown in entries.items() if "'222'" in shown]
    return [*rows, (f"vocabulary ids {min(noise)}-{max(noise)}", "'222'", f"{len(noise)} lines", "no", "'222'")]


def main() -> int:
    """Prints the table. Returns 1 if a number isn't the seed's and its cause is unknown."""
    if "--text" in sys.argv:  # what the other processes do: they answer in JSON
        take_nltks_tokens()
        json.dump(text_numbers(**json.load(sys.stdin)), sys.stdout)
        return 0
    if "--layers" in sys.argv:
        json.dump(layer_numbers(), sys.stdout)
        return 0
    from rich.console import Console
    from rich.table import Table

    os.environ.setdefault("NLTK_DATA", str(ROOT.parent / "shared" / "nltk_data"))
    arguments = corpus()
    ours = {**text_numbers_under_nltk_3_5(arguments), **layer_numbers_as_in_2020()}
    rows = number_rows(ours, text_numbers(**arguments))
    if seed := notebook():
        rows += listing_rows(printed_vocabulary(seed.read_text(encoding="utf-8")), ours["vocabulary"])
    table = Table("number", "seed", "ours (NLTK 3.5)", "equal", "cause", title="The seed notebook's numbers")
    for row in rows:
        table.add_row(*row)
    console = Console()
    console.print(table)
    causes = {row[-1] for row in rows}
    for name, cause in CAUSES.items():
        if name in causes:
            console.print(f"{name}: {cause}")
    if not seed:
        console.print("The printed vocabulary isn't compared: this checkout has no ../shared.")
    return int("unknown" in causes)


if __name__ == "__main__":
    sys.exit(main())
