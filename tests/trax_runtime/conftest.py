"""What the tests of Trax's runtime share: a process of its own, with its modules compiled."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import jax
import pytest
from paths import ROOT


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """The environment in which a process finds its modules compiled, as any second run does."""
    if Path(jax.__cached__).exists():
        return dict(os.environ)
    folder = tmp_path_factory.mktemp("compiled")
    return {**os.environ, "PYTHONPYCACHEPREFIX": str(folder), "PYTHONDONTWRITEBYTECODE": ""}


@pytest.fixture
def python(compiled):
    """Runs a script in a process of its own, in which every warning is an error, and gives its standard output."""

    def run(script, *paths, **environment):
        path = os.pathsep.join(map(str, [*paths, ROOT, *filter(None, [os.environ.get("PYTHONPATH")])]))
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", textwrap.dedent(script)],
            env={**compiled, "PYTHONPATH": path, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
