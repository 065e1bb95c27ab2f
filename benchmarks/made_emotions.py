"""Texts with several labels each, made in the shape of GoEmotions: 28 skewed labels, text, numbers, id in a TSV.

The words and sentences are ours. A text has one to three labels, each by a word of its own in a clause; the words of a
label are as uneven as words are (Zipf), so that many are rare in training. Some clauses deny a word of another label,
and some labels are left out, as annotators do.

    python benchmarks/made_emotions.py FOLDER
"""

import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np

WORDS = {
    "neutral": "meeting report agenda schedule invoice folder parcel ticket street office printer meter",
    "admiration": "impressive brilliant excellent amazing superb masterful outstanding gifted splendid stunning",
    "approval": "agree right correct fair sensible reasonable endorse support sound valid",
    "gratitude": "thanks thank grateful appreciate thankful indebted obliged blessed appreciated gratitude",
    "annoyance": "annoying irritating bothersome tiresome nagging pesky frustrating irksome aggravating tedious",
    "amusement": "funny hilarious laughing lol comical joke giggle witty amusing humorous",
    "curiosity": "wonder curious why how wondering intrigued interested inquire asking explore",
    "love": "love adore beloved darling cherish sweetheart dear loving devotion affection",
    "disapproval": "disagree wrong unacceptable object oppose against disapprove unfair refuse condemn",
    "optimism": "hope hopefully hopeful optimistic promising better soon confident encouraging bright",
    "anger": "angry furious rage mad hate outraged fuming livid enraged hostile",
    "joy": "happy joyful delighted cheerful glad smiling merry joy blissful pleased",
    "confusion": "confused puzzled unclear lost baffled perplexed bewildered confusing muddled uncertain",
    "sadness": "sad crying tears unhappy sorrow gloomy heartbroken miserable mourning depressed",
    "disappointment": "disappointed letdown unfortunately underwhelming failed regrettable dashed poor lacking",
    "realization": "realized noticed understood suddenly apparently dawned recognize discovered aware learned",
    "caring": "care hug protect comfort support gentle kindness worry safe nurture",
    "surprise": "surprised wow shocked unexpected astonished stunned unbelievable suddenly whoa startled",
    "excitement": "excited thrilled exciting eager pumped awaiting ecstatic exhilarating energized hyped",
    "disgust": "disgusting gross nasty revolting vile sickening filthy repulsive foul yuck",
    "desire": "want wish crave longing need yearn desire dream covet hungry",
    "fear": "afraid scared terrified fear frightened dread panic horror alarming creepy",
    "remorse": "sorry apologize regret guilty forgive ashamed remorse mistake apologies apology",
    "embarrassment": "embarrassed awkward blush cringe humiliated mortified clumsy shy embarrassing sheepish",
    "nervousness": "nervous anxious worried tense uneasy jittery restless trembling stressed anxiety",
    "relief": "relieved finally relief phew calm relaxed safe unburdened eased reassured",
    "pride": "proud pride accomplished achievement honored triumphant dignity victorious winner boast",
    "grief": "grief died funeral bereaved lost mourning passed condolences loss widow",
}
LABELS = tuple(WORDS)
_SUBJECTS = ("the bus", "my sister", "this town", "the match", "our teacher", "the new song", "that film", "work")
_CLAUSES = ("{s} is so {w}", "i feel {w} about {s}", "{w} , that is what {s} is", "how {w} {s} was", "{s} made me {w}")
_DENIALS = ("though not {w} at all", "and nothing {w} about it", "but never {w}")
_FILLERS = ("today", "again", "you know", "this morning", "as ever", "for once", "i think", "on monday", "at last")
_N_LABELS = (0.68, 0.25, 0.07)  # of texts with one, two and three labels
_DENIED, _FORGOTTEN = 0.25, 0.05  # shares: of texts with a denial, of labels left out where a text has more


class Made(NamedTuple):
    """A text, its labels' numbers in `LABELS`, and its id."""

    text: str
    labels: tuple[int, ...]
    id: str


def made_texts(n: int, seed: int = 0) -> list[Made]:
    """Returns n texts, all different; the same for the same seed."""
    random = np.random.default_rng(seed)
    often = _zipf(len(LABELS), 1.0)
    texts: dict[str, Made] = {}
    while len(texts) < n:
        labels = random.choice(len(LABELS), 1 + random.choice(3, p=_N_LABELS), replace=False, p=often)
        clauses = [_clause(random, label) for label in labels]
        if random.random() < _DENIED:
            other = random.choice(np.setdiff1d(np.arange(1, len(LABELS)), labels))
            clauses.append(random.choice(_DENIALS).format(w=_word(random, other)))
        text = f"{' and '.join(clauses)} {random.choice(_FILLERS)} {random.choice(_FILLERS)}"
        kept = [label for label in labels if random.random() >= _FORGOTTEN] or [labels[0]]
        texts[text] = Made(text, tuple(sorted(map(int, kept))), f"id{len(texts)}")
    return list(texts.values())


def write_goemotions(folder: Path, n_train: int, n_other: int, seed: int = 0) -> Path:
    """Writes train.tsv, dev.tsv and test.tsv as GoEmotions has them: text, tab, numbers with commas, tab, id."""
    texts = iter(made_texts(n_train + 2 * n_other, seed))
    folder.mkdir(parents=True, exist_ok=True)
    for name, n in (("train", n_train), ("dev", n_other), ("test", n_other)):
        rows = [next(texts) for _ in range(n)]
        lines = [f"{row.text}\t{','.join(map(str, row.labels))}\t{row.id}\n" for row in rows]
        (folder / f"{name}.tsv").write_text("".join(lines), "utf-8")
    return folder


def _clause(random: np.random.Generator, label: int) -> str:
    return str(random.choice(_CLAUSES)).format(s=random.choice(_SUBJECTS), w=_word(random, label))


def _word(random: np.random.Generator, label: int) -> str:
    words = WORDS[LABELS[label]].split()
    return str(random.choice(words, p=_zipf(len(words), 1.2)))


def _zipf(n: int, exponent: float) -> np.ndarray:
    weights = 1 / np.arange(1, n + 1) ** exponent
    return weights / weights.sum()


if __name__ == "__main__":
    print(write_goemotions(Path(sys.argv[1]), 4000, 500))
