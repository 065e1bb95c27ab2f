"""Runs what a user of other tools would write, where they are installed: jobs come as JSON on standard input.

A job is {"folder", "pandas", "fasttext", "datasets"}: lines of code by tool, to be run in the folder. What comes back,
as JSON on standard output, is a list of {tool: {"rows": n, "labels": {label: n}} or {"error": line}} for the jobs; a
tool that isn't installed is left out. This file needs nothing of the repository: another environment runs it.
"""

import importlib.util
import json
import os
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

IMPORTS = {
    "pandas": "import bz2, json\nfrom pathlib import Path\nimport pandas as pd\nimport pyarrow.parquet as pq",
    "datasets": "import json\nfrom pathlib import Path\nimport pandas as pd\n"
    "from datasets import Dataset, DatasetDict, concatenate_datasets, load_dataset",
}
IMPORTS["fasttext"] = IMPORTS["pandas"]


def main() -> None:
    tools = {tool: run for tool, run in RUN.items() if importlib.util.find_spec(tool)}
    done = []
    for job in json.load(sys.stdin):
        os.chdir(job["folder"])
        done.append({tool: _tried(run, tool, job[tool]) for tool, run in tools.items()})
    print(json.dumps(done))


def _tried(run: Callable[[dict[str, Any]], dict], tool: str, code: str) -> dict:
    names: dict[str, Any] = {}
    exec(IMPORTS[tool], names)
    try:
        exec(code, names)
        return run(names)
    except Exception as error:  # noqa: BLE001 - any failure of code that is tried is what the table tells
        return {"error": f"{type(error).__name__}: {error}"}


def _scikit_learn(names: dict[str, Any]) -> dict:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MultiLabelBinarizer

    texts, labels = names["texts"], names["labels"]
    if isinstance(labels[0], list):
        classes = MultiLabelBinarizer().fit_transform(labels)
        make_pipeline(TfidfVectorizer(), OneVsRestClassifier(LogisticRegression())).fit(texts, classes)
        labels = [",".join(label) for label in labels]
    else:
        make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(texts, labels)
    return {"rows": len(texts), "labels": Counter(map(str, labels))}


def _fasttext(names: dict[str, Any]) -> dict:
    import fasttext

    fasttext.train_supervised("train.txt", epoch=1, dim=2, bucket=1, thread=1, verbose=0)
    lines = Path("train.txt").read_text("utf-8").split("\n")[:-1]
    labels = [",".join(word[9:] for word in line.split() if word.startswith("__label__")) for line in lines]
    return {"rows": len(lines), "labels": Counter(labels)}


def _datasets(names: dict[str, Any]) -> dict:
    data = names["data"]
    return {"rows": sum(map(len, data.values())) if isinstance(data, dict) else len(data), "labels": {}}


RUN = {"pandas": _scikit_learn, "fasttext": _fasttext, "datasets": _datasets}

if __name__ == "__main__":
    main()
