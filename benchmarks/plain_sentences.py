"""How many plain sentences runs read right, by kind: sentences that nothing was chosen by.

    python benchmarks/plain_sentences.py [--file FILE] RUN...

FILE has columns kind, label and text, with tabs between. By default it is `plain_sentences.tsv`: two sets of 200, but
for the four that are learned or came twice, each written, before anything was tried on it, by somebody who knew the
kinds and none of the project's sentences. An opinion is read right where its label is answered; "abstain" (facts, other
languages) where nothing is answered, or hardly one label rather than another. Count with them, and don't look: once a
mistake is mended by its sentence, they tell nothing more.
"""

import argparse
import csv
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.tables import measured_here, table  # noqa: E402
from sentiment import Predictor  # noqa: E402

SENTENCES = Path(__file__).with_name("plain_sentences.tsv")
HARDLY = 0.65  # of the likelier label, where there is nothing to judge


def main(runs: list[Path], file: Path) -> None:
    rows = read_sentences(file)
    right = {run.name: right_of(Predictor.load(run), rows) for run in runs}
    kinds = np.array([row["kind"] for row in rows])
    cells = [
        (kind, int((kinds == kind).sum()), *(int(each[kinds == kind].sum()) for each in right.values()))
        for kind in dict.fromkeys(kinds.tolist())
    ]
    total = ("all", len(rows), *(int(each.sum()) for each in right.values()))
    head = ("plain sentences", "of", *right)
    print("\n".join(table(head, [tuple(map(str, row)) for row in (*cells, total)])))
    print(f"`python benchmarks/plain_sentences.py`, {measured_here()}")


def read_sentences(file: Path) -> list[dict[str, str]]:
    """Returns the rows of a file of sentences, by its columns."""
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def right_of(predictor: Predictor, rows: list[dict[str, str]]) -> np.ndarray:
    """Returns <bool>[n_rows] whether each is read right."""
    outcomes = predictor.outcomes([row["text"] for row in rows])
    answers = np.array(predictor.label_names)[outcomes.best]
    wanted = np.array([row["label"] for row in rows])
    told = (answers == wanted) & ~outcomes.abstained
    untold = outcomes.abstained | (outcomes.probabilities.max(axis=1) < HARDLY)
    return np.where(wanted == "abstain", untold, told)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", type=Path)
    parser.add_argument("--file", type=Path, default=SENTENCES)
    arguments = parser.parse_args()
    main(arguments.runs, arguments.file)
