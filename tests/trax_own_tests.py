"""Trax's own unit tests, which its wheel carries, under our runtime: a table, and exit code 1 if it isn't as expected.

    python tests/trax_own_tests.py                           every file below, about 10 minutes on two cores
    python tests/trax_own_tests.py layers/core_test.py ...   some of them

Each file runs in a process of its own; training_test.py a second time, with our Loop and Trainer in place of Trax's.
The tests that can't pass are listed, with the reason, in
tests/fixtures/trax/expected_failures.toml; a test that fails and isn't listed there, or is listed and passes, differs.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

HERE = Path(__file__).resolve().parent
FIXTURES = HERE / "fixtures" / "trax"
FILES = (
    "shapes_test.py",
    "fastmath/ops_test.py",
    "optimizers/optimizers_test.py",
    "optimizers/trainer_test.py",
    "supervised/lr_schedules_test.py",
    "supervised/history_test.py",
    "supervised/callbacks_test.py",
    "supervised/training_test.py",
    "supervised/training_test.py, our Loop",
    "layers/acceleration_test.py",
    "layers/activation_fns_test.py",
    "layers/assert_shape_test.py",
    "layers/attention_test.py",
    "layers/base_test.py",
    "layers/combinators_test.py",
    "layers/convolution_test.py",
    "layers/core_test.py",
    "layers/deconvolution_test.py",
    "layers/initializers_test.py",
    "layers/metrics_test.py",
    "layers/normalization_test.py",
    "layers/pooling_test.py",
    "layers/reversible_test.py",
    "layers/rnn_test.py",
    "layers/test_utils_test.py",
    "layers/research/efficient_attention_test.py",
    "layers/research/position_encodings_test.py",
    "layers/research/rel_attention_test.py",
    "layers/research/rotary_positional_embedding_test.py",
    "layers/research/sparsity_test.py",
)
SECONDS_A_FILE = 1800


def run_file(file: str, environment: Mapping[str, str] = os.environ) -> list[dict]:
    """The outcomes of one of Trax's test files: dicts of file, test, outcome ("passed", "failed", "skipped"), why."""
    with tempfile.TemporaryDirectory() as folder:
        outcomes = Path(folder) / "outcomes.jsonl"
        paths = os.pathsep.join([str(HERE.parent), *filter(None, [environment.get("PYTHONPATH")])])
        child = subprocess.run(
            [sys.executable, FIXTURES / "run_one_file.py", outcomes, file],
            env={**environment, "PYTHONPATH": paths},
            capture_output=True,
            text=True,
            timeout=SECONDS_A_FILE,
            check=False,
        )
        found = [json.loads(line) for line in outcomes.read_text(encoding="utf-8").splitlines()]
    if child.returncode or not found:
        found.append({"file": file, "test": "(the whole file)", "outcome": "failed", "why": child.stderr[-500:]})
    return found


def expected_failures() -> dict[tuple[str, str], str]:
    """(file, test) -> why it can't pass."""
    listed = tomllib.loads((FIXTURES / "expected_failures.toml").read_text(encoding="utf-8"))
    return {(file, test): reason for file, tests in listed.items() for test, reason in tests.items()}


def differences(outcomes: list[dict], expected: dict[tuple[str, str], str]) -> list[str]:
    """One line for each test whose outcome isn't the expected one; of `expected`, only files that ran are looked at."""
    failed = {(one["file"], one["test"]): one["why"] for one in outcomes if one["outcome"] != "passed"}
    ran = {one["file"] for one in outcomes}
    unexpected = [f"{file} {test} failed: {failed[file, test]}" for file, test in failed.keys() - expected.keys()]
    passed = [f"{file} {test} was expected to fail" for file, test in expected.keys() - failed.keys() if file in ran]
    return sorted(unexpected + passed)


def table(outcomes: list[dict]) -> Table:
    made = Table("file", "passed", "failed", title="Trax's own tests under sentiment.trax_runtime")
    for file in dict.fromkeys(one["file"] for one in outcomes):
        passed = [one["outcome"] == "passed" for one in outcomes if one["file"] == file]
        made.add_row(file, str(sum(passed)), str(len(passed) - sum(passed)))
    passed = [one["outcome"] == "passed" for one in outcomes]
    made.add_section()
    made.add_row(f"{made.row_count} files", str(sum(passed)), str(len(passed) - sum(passed)))
    return made


def main(files: Annotated[list[str] | None, typer.Argument(help="Paths below trax/; none means all.")] = None) -> None:
    """Run Trax's own tests under our runtime and compare with what is expected."""
    console, began, expected, outcomes = Console(highlight=False), time.perf_counter(), expected_failures(), []
    for file in files or FILES:
        outcomes += run_file(file)
        console.print(f"{time.perf_counter() - began:6.1f} s  {file}")
    console.print(table(outcomes))
    for one in outcomes:
        if one["outcome"] != "passed":
            why = expected.get((one["file"], one["test"]), one["why"])
            console.print(f"failed: {one['file']} {one['test']}: {why}", markup=False, soft_wrap=True)
    different = differences(outcomes, expected)
    for line in different:
        console.print(f"NOT AS EXPECTED: {line}", markup=False, soft_wrap=True)
    console.print(f"{len(outcomes)} tests in {time.perf_counter() - began:.0f} s: {len(different)} not as expected")
    raise typer.Exit(1 if different else 0)


if __name__ == "__main__":
    typer.run(main)
