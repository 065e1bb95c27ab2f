"""How many behavioural checks the default model passes, trained on `vader`, by seed.

    python benchmarks/behaviour.py [seeds]

Of the negation pairs the half for developing, and the half that nothing was chosen by.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from sentiment.behaviour import NEGATION, check_behaviour  # noqa: E402
from sentiment.predictor import Predictor  # noqa: E402
from sentiment.training.train import train  # noqa: E402
from sentiment.variants import find_config  # noqa: E402


def main(seeds: str = "5") -> None:
    passed: dict[tuple[str, int], list[int]] = {}  # (capability, how many checks) -> passed by each seed
    for seed in range(int(seeds)):
        with tempfile.TemporaryDirectory() as folder:
            run = train(find_config("default"), [f"Recipe.seed = {seed}"], Path(folder) / "run")
            predictor = Predictor.load(run.path)
        unseen, *_ = check_behaviour(predictor, predictor.label_names, negation_part="unseen")
        assert unseen.capability == NEGATION
        found = {"negation, unseen half": unseen}
        found |= {result.capability: result for result in check_behaviour(predictor, predictor.label_names)}
        for name, result in found.items():
            passed.setdefault((name, result.checks), []).append(result.passed)
    for (name, checks), counts in passed.items():
        told = f"{np.mean(counts) / checks:.3f}, deviation {np.std(counts) / checks:.3f}"
        print(f"{name:24} {told}, of {checks}: {' '.join(map(str, counts))}")


if __name__ == "__main__":
    main(*sys.argv[1:])
