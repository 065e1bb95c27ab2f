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

from benchmarks.tables import measured_here  # noqa: E402
from sentiment import Predictor, train  # noqa: E402
from sentiment.evaluation.behavioural_checks import NEGATION, Result, check_behaviour  # noqa: E402
from sentiment.recipe.variants import find_config  # noqa: E402


def main(seeds: str = "5") -> None:
    found: dict[str, list[Result]] = {}  # by capability, one of each seed
    for seed in range(int(seeds)):
        with tempfile.TemporaryDirectory() as folder:
            run = train(find_config("default"), [f"Recipe.seed = {seed}"], Path(folder) / "run")
            predictor = Predictor.load(run.path)
        unseen = check_behaviour(predictor, predictor.label_names, negation_part="unseen")
        found.setdefault("negation, unseen half", []).extend(each for each in unseen if each.capability == NEGATION)
        for result in check_behaviour(predictor, predictor.label_names):
            found.setdefault(result.capability, []).append(result)
    for name, results in found.items():
        rates, passed = [each.rate for each in results], " ".join(str(each.passed) for each in results)
        print(f"{name:24} {np.mean(rates):.3f}, deviation {np.std(rates):.3f}, of {results[0].checks}: {passed}")
    print(measured_here())


if __name__ == "__main__":
    main(*sys.argv[1:])
