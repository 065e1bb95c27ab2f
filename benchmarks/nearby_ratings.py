"""How well the ratings of words outside the lexicon are guessed: its own words, a fifth left out at a time.

python benchmarks/nearby_ratings.py
"""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.tables import measured_here  # noqa: E402
from sentiment.vectors import load_vectors  # noqa: E402
from sentiment.vectors.nearby_ratings import with_guesses  # noqa: E402
from sentiment.vectors.valence import ValenceLexicon  # noqa: E402

FOLDS = 5


def main() -> None:
    lexicon, vectors = load_vectors("word_ratings"), load_vectors("glove.6B.50d")
    vocabulary = lexicon.vocabulary()
    known, ratings = (source.matrix_for(vocabulary) for source in (vectors, lexicon))
    rows = np.flatnonzero(known.any(axis=1))
    guesses = np.zeros(len(vocabulary))
    fold = np.random.default_rng(0).permutation(len(vocabulary)) % FOLDS
    for number in range(FOLDS):
        kept = {vocabulary.tokens[row] for row in rows if fold[row] != number}
        fewer = {word: rating for word, rating in lexicon.store.ratings.items() if word in kept}
        left_out = np.where((fold == number)[:, None], 0, ratings).astype(np.float32)
        others = with_guesses(left_out, known, replace(lexicon, store=ValenceLexicon(fewer)), vectors)
        guesses[fold == number] = others[fold == number, 0]
    guessed, true = guesses[rows], ratings[rows, 0]
    explained, signs = 1 - np.mean((guessed - true) ** 2) / np.var(true), np.mean((guessed > 0) == (true > 0))
    print(f"{len(rows):,} words: {explained:.2f} of the variance, {signs:.2f} of the signs; {measured_here()}")


if __name__ == "__main__":
    main()
