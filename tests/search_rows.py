"""A search's table, as two searches that are to be alike are compared by it."""

import csv
from pathlib import Path


def rows_of(folder: Path) -> list[dict[str, str]]:
    """Returns the rows of a search's trials.csv, without the seconds that each trial took."""
    found = csv.DictReader((folder / "trials.csv").read_text().splitlines())
    return [{name: value for name, value in row.items() if name != "seconds"} for row in found]
