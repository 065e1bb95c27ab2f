"""What the seed notebook (seeds/003) prints: its figures, and its vocabulary's listing, read from the seed's text."""

import difflib
import re
from collections import defaultdict
from pathlib import Path

from paths import ROOT

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
