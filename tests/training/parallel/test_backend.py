"""The backend: a device that isn't there is one line, and a GPU's memory is shared."""

import os
import subprocess
import sys

import jax
import pytest
from paths import FIXTURES, ROOT

from sentiment.training.parallel import backend, devices

CHOOSE = """
from sentiment.training.parallel.backend import begin_backend, set_up_backend
set_up_backend({device!r})
print(begin_backend()[0].platform)
"""


def _python(code: str, **variables: str) -> subprocess.CompletedProcess:
    environment = {name: value for name, value in os.environ.items() if name not in ("JAX_PLATFORMS", "XLA_FLAGS")}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=ROOT, env=environment | variables, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("platforms", ["cuda", "gpu", "rocm", "tpu", "nonsense"])
def test_a_platform_that_is_not_there_is_one_line_with_a_remedy(platforms):
    command = [sys.executable, "-m", "sentiment", "train", "--config", "mean", "--corpus", FIXTURES / "moods.csv"]
    environment = os.environ | {"JAX_PLATFORMS": platforms}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"error: JAX can't use {platforms}: ")
    assert ("unset JAX_PLATFORMS" if platforms == "nonsense" else "--device cpu") in line


def test_the_cpu_can_be_chosen_whatever_jax_would_take():
    done = _python(CHOOSE.format(device="cpu"), JAX_PLATFORMS="cuda")
    assert done.stdout == "cpu\n", done.stderr


def test_a_gpus_memory_is_taken_as_needed_unless_the_user_says_otherwise():
    code = (
        "import os; from sentiment.training.parallel.backend import set_up_backend; set_up_backend(); set_up_backend();"
        "print(os.environ['XLA_PYTHON_CLIENT_PREALLOCATE'])"
    )
    assert _python(code).stdout == "false\n"
    assert _python(code, XLA_PYTHON_CLIENT_PREALLOCATE="true").stdout == "true\n"


def test_an_accelerators_programs_are_compiled_by_all_threads(monkeypatch):
    found = backend.importlib.util.find_spec
    monkeypatch.setattr(backend.importlib.util, "find_spec", lambda name: found("json" if "cuda13" in name else name))
    asked = jax.config.jax_platforms
    assert backend.may_have_accelerator() == (asked != "cpu")
    seen = []
    monkeypatch.setattr(devices, "may_have_accelerator", lambda: True)
    monkeypatch.setattr(devices, "begin_backend", lambda: seen.append(os.environ.get("NPROC")))
    monkeypatch.delenv("NPROC", raising=False)
    devices.begin_on_one_thread()
    monkeypatch.setattr(devices, "may_have_accelerator", lambda: False)
    devices.begin_on_one_thread()
    assert seen == [None, "1"]
    assert "NPROC" not in os.environ
