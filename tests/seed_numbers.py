"""What the seed notebook (seeds/003) prints, beside what this program gives: `python tests/seed_numbers.py --table`.

The notebook's ids are those of NLTK 3.5; our own tokenizer and stemmer give those of NLTK 3.9.4. So text, vocabulary
and batches run twice: here, and with NLTK's in the place of ours in an environment that has NLTK 3.5
(`.venvs/seed-numbers`, made on first use from requirements-seed-numbers.txt). The notebook's weights are those of an
XLA that was less exact, so layers run in a process of their own.
"""

import difflib
import hashlib
import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements-seed-numbers.txt"
ENVIRONMENT = ROOT / ".venvs" / "seed-numbers"

# The figures that the notebook prints. The last ones, from "key of seed 1" on, are of layers, and need no tweets.
# fmt: off
SEED = {
    "positive, negative tweets": [5000, 5000],
    "training, validation tweets": [8000, 2000],
    "tokens of train_pos[0]": ["followfriday", "top", "engag", "member", "commun", "week", ":)"],
    "vocabulary size": 9088,
    "tensor of val_pos[0]": [
        1065, 136, 479, 2351, 745, 8148, 1123, 745, 53, 2, 2672, 791, 2,
        2, 349, 601, 2, 3489, 1017, 597, 4559, 9, 1065, 157, 2, 2,
    ],
    "tensor of val_pos[1]": [444, 2, 304, 567, 56, 9],
    "ids of maria, happi": [2, 56],
    "batch of 4": [
        [3, 4, 5, 6, 7, 8, 9, 0, 0, 0, 0, 0, 0, 0],
        [10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 9, 21, 22],
        [5738, 2901, 3761, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        [858, 256, 3652, 5739, 307, 4458, 567, 1230, 2767, 328, 1202, 3761, 0, 0],
    ],
    "its targets and weights": [[1, 1, 0, 0], [1, 1, 1, 1]],
    "shuffled batch of 4, random.seed(30)": [
        [2005, 4451, 3201, 9, 0, 0, 0, 0, 0, 0, 0],
        [4954, 567, 2000, 1454, 5174, 3499, 141, 3499, 130, 459, 9],
        [3761, 109, 136, 583, 2930, 3969, 0, 0, 0, 0, 0],
        [250, 3761, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ],
    "targets and weights of the shuffled batch": [[1, 1, 0, 0], [1, 1, 1, 1]],
    "key of seed 1": [0, 1],
    "normal of seed 1": [[0.95730704, -0.96992904, 1.0070664], [0.36619025, 0.17294823, 0.29092228]],
    "gradient of x * x at 5": 10.0,
    "Relu": [[0.0, 0.0, 0.0], [0.0, 1.0, 2.0]],
    "Dense weights": [
        [-0.02837108, 0.09368162, -0.10050076, 0.14165013, 0.10543301,
         0.09108126, -0.04265672, 0.0986188, -0.05575325, 0.00153249],
        [-0.20785688, 0.0554837, 0.09142365, 0.05744595, 0.07227863,
         0.01210617, -0.03237354, 0.16234995, 0.02450038, -0.13809784],
        [-0.06111237, 0.01403724, 0.08410042, -0.1094358, -0.10775021,
         -0.11396459, -0.05933381, -0.01557652, -0.03832145, -0.11144515],
    ],
    "Dense output": [
        [-3.0395496, 0.9266802, 2.5414743, -2.050473, -1.9769388,
         -2.582209, -1.7952735, 0.94427425, -0.8980402, -3.7497487],
    ],
    "model": "Serial[\n  Embedding_9088_256\n  Mean\n  Dense_2\n  LogSoftmax\n]",
}
# fmt: on
LAYERS = list(SEED)[list(SEED).index("key of seed 1") :]
# Why a number isn't the seed's to the letter, by the word that the table shows.
CAUSES = {
    "rounding": "The three products of an output are added in another order: one of the ten differs in its last bit.",
    "NLTK": "Later versions keep an emoji and its skin tone in one token and write ':D' as ':d', so that ids shift.",
    "marks": "The same but for quote marks, '…', '—' or '_', which the seed's text draws otherwise.",
    "letters": "Letters misread in the seed's text: the word that it shows is nowhere among the 9,088.",
    "picture": "An emoji or sign that the seed's text shows as a box, as another sign or not at all.",
    "'222'": "Noise at the end of a page: the seed shows ids up to 999, and those of this noise again, readable.",
    "unknown": "A fault: no cause is known.",
}


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

    import sentiment.text.preprocessor

    def tokenize(text: str, shorten: bool) -> list[str]:
        return TweetTokenizer(preserve_case=False, strip_handles=True, reduce_len=shorten).tokenize(text)

    sentiment.text.preprocessor.tokenize = tokenize
    sentiment.text.preprocessor.stem = PorterStemmer().stem
    # NLTK's tokenizer does this itself, and is given each text as a whole.
    sentiment.text.preprocessor.resolve = lambda text: text
    sentiment.text.preprocessor.spaces_matter = lambda text: True


def layer_numbers() -> dict:
    """Returns ours of the notebook's figures on layers, by their names in `SEED`; floats as they print.

    To the letter they are so only in the process that `layer_numbers_as_in_2020` starts.
    """
    import jax

    from sentiment.models.classifiers import notebook_classifier
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
        "model": str(notebook_classifier(range(9088), n_classes=2, d_embedding=256)),
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
    python = ENVIRONMENT / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    installed = ENVIRONMENT / "installed.txt"
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


def notebook() -> Path | None:
    """Returns the seed's text, where this checkout has ../shared."""
    return next((ROOT.parent / "shared" / "seeds").glob("003_*.txt"), None)


def printed_vocabulary(text: str) -> dict[int, list[str]]:
    """Reads the notebook's listing of its vocabulary: what stands before each id, quotes and all, once or oftener."""
    listing = text[text.index("{ '__PAD__'") + 1 : text.index("\n...}")]
    entries = defaultdict(list)
    for shown, number in re.findall(r"^ *(\S.*): (\d+)[,.]? *$", listing, re.MULTILINE):
        entries[int(number)].append(shown)
    return dict(entries)


def compare_vocabulary(entries: dict[int, list[str]], tokens: list[str]) -> dict[str, list[int]]:
    """Sorts the 1,000 ids that the notebook shows: "equal", to the letter, or by cause (a key of `CAUSES`)."""
    ids = defaultdict(list)
    for number in range(1000):
        ids[_kind(entries.get(number, []), tokens[number], tokens)].append(number)
    return dict(ids)


def _kind(shown: list[str], token: str, tokens: list[str]) -> str:
    if repr(token) in shown:
        return "equal"
    bare = [_without_marks(entry) for entry in shown]
    if _without_marks(token) in bare:
        return "marks"
    if shown and len(token) == 1 and not token.isascii():
        return "picture"
    close = difflib.get_close_matches(token, bare)
    return "letters" if close and not set(close) & set(tokens) else "unknown"


def _without_marks(shown: str) -> str:
    return shown.replace("…", "...").replace("—", "-").replace("\\_", "_").strip(" '\"’")


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
