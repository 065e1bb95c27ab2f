"""Trains every variant on twitter_samples and on vader, and writes what came out where people read it.

    make variants-table

The table goes into docs/models.md, and each config's header gets its own Result and Cost.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.chosen_variants import FIRST, chosen_variants  # noqa: E402
from benchmarks.tables import measured_here, table, write_table  # noqa: E402

CORPORA = ("twitter_samples", "vader")
HEAD = ("variant", "accuracy, `twitter_samples`", "accuracy, `vader`", "seconds", "weights")


def main(names: list[str]) -> None:
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for variant in chosen_variants(names):
            corpora = [*CORPORA, *(["emoji"] if variant.name.startswith("emojifier") else [])]
            results = {corpus: _train(variant.path, corpus, Path(folder, corpus)) for corpus in corpora}
            _write_header(variant.path, results)
            rows.append(_row(variant.name, results))
            print(" | ".join(rows[-1]), flush=True)
    if not names:
        write_table("variants", table(HEAD, sorted(rows)), "`make variants-table`, validation splits, one seed")


def _train(config: Path, corpus: str, folder: Path) -> dict:
    folder.mkdir(exist_ok=True)
    command = [sys.executable, str(ROOT / "scripts" / "train.py"), "--config", str(config), "--corpus", corpus]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{config.name} on {corpus}: {done.stderr}")
    run = max((folder / "runs").iterdir())
    metrics = json.loads((run / "metrics.json").read_text())
    if config.stem == FIRST:
        command = [sys.executable, str(ROOT / "scripts" / "evaluate.py"), "--run", str(run)]
        printed = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout
        metrics["perplexity"], metrics["trigram"] = re.search(r"perplexity +(\S+) .* trigram (\S+)", printed).groups()
    return metrics


def _score(result: dict) -> str:
    if "perplexity" in result:
        return f"perplexity {result['perplexity']} (trigram {result['trigram']})"
    return f"{result['validation_accuracy']:.4f}"


def _row(name: str, results: dict) -> tuple[str, ...]:
    first, second = (results[corpus] for corpus in CORPORA)
    seconds = f"{first['seconds']:.0f} / {second['seconds']:.0f}"
    weights = f"{first['n_weights']:,} / {second['n_weights']:,}"
    return f"`{name}`", _score(first), _score(second), seconds, weights


def _write_header(path: Path, results: dict) -> None:
    scores = ", ".join(f"{_score(result)} on {corpus}" for corpus, result in results.items())
    seconds = ", ".join(f"{result['seconds']:.0f} s" for result in results.values())
    sizes = ", ".join(f"{result['n_weights'] / 1e6:.2f} M" for result in results.values())
    text = path.read_text("utf-8")
    text = re.sub(r"^# Result: .*$", f"# Result: {scores} (validation)", text, count=1, flags=re.M)
    cost = f"# Cost:   {seconds}; {sizes} weights (make variants-table, {measured_here()})"
    path.write_text(re.sub(r"^# Cost: .*$", cost, text, count=1, flags=re.M), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
