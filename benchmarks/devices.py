"""Checks on this machine's accelerator what is promised on CPUs, and measures it: variants, bits, resuming, rates.

    python benchmarks/devices.py [--only variants|bits|resume|memory|rates] [--out FILE.md] [--vectors glove.txt]

Each check runs in processes of its own. Variants train side by side (their seconds are no measure); rates are measured
one after the other, medians of at least three runs, ours with sampling and feeding, PyTorch's with batches ready on the
device. Where PyTorch isn't installed, or there is no accelerator, the table says so. Minutes on an H100.
"""

import contextlib
import importlib.util
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated

import typer

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.tables import table  # noqa: E402

CHECKS = ("variants", "bits", "resume", "memory", "rates")
VARIANTS = ("mean", "cnn", "lstm", "gru", "bilstm", "attention", "ngrams", "notebook", "default", "ensemble")
BATCH_SIZES = (16, 256, 4096, 65536)
OURS = {"ours, exact Adam": ("Adam", 0.01, False), "ours, lazy RowAdagrad": ("RowAdagrad", 0.05, True)}
PYTORCH = {"PyTorch, dense Adam": (False, 0.01), "PyTorch, sparse Adagrad": (True, 0.05)}
REPEATED = ("mean", "cnn", "lstm", "notebook")  # with lazy updates too, which the default can't have
HALF = ["Recipe.compute = 'bfloat16'"]
_SHORT = ["Recipe.eval_every = 100000", "Recipe.checkpoint_every = 100000"]


def main(
    only: Annotated[list[str] | None, typer.Option(help="These checks alone.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the tables here too, as Markdown.")] = None,
    vectors: Annotated[str, typer.Option(help="A file of vectors in place of GloVe's, where that can't be had.")] = "",
) -> None:
    """Run the checks and print their tables."""
    facts = json.loads(_child("facts"))
    lines = [f"{facts['kind']}, jax {facts['jax']}, Python {platform.python_version()}, {os.cpu_count()} cores"]
    with tempfile.TemporaryDirectory() as folder:
        for check in only or CHECKS:
            began = time.monotonic()
            made = globals()[f"_{check}"](Path(folder), facts["platform"], vectors)
            lines += ["", *made, f"({check}: {time.monotonic() - began:.0f} s)"]
            print("\n".join(lines), flush=True)
            if out:
                out.parent.mkdir(parents=True, exist_ok=True)
                out.write_text("\n".join(lines) + "\n", "utf-8")


def _variants(folder: Path, _: str, vectors: str) -> list[str]:
    jobs = [(f"{name}{' bfloat16' if half else ''}", name, HALF if half else []) for name, half in _with_half()]
    with ThreadPoolExecutor(os.cpu_count()) as side_by_side:
        rows = list(side_by_side.map(lambda job: _variant(folder, *job, vectors), jobs))
    return table(["variant", "validation accuracy", "ONNX beside JAX", "evaluated", "predicted", "s"], rows)


def _with_half() -> Iterator[tuple[str, bool]]:
    yield from ((name, False) for name in VARIANTS)
    yield from ((name, True) for name in ("mean", "cnn", "lstm", "default"))


def _variant(folder: Path, title: str, config: str, bindings: Sequence[str], vectors: str) -> list[str]:
    run, began = folder / title.replace(" ", "-"), time.monotonic()
    trained = _sentiment("train", "--config", config, "--run", run, *_flags(bindings, config, vectors))
    if trained.returncode:
        return [title, _last(trained.stderr), "", "", "", ""]
    seconds, metrics = time.monotonic() - began, json.loads((run / "metrics.json").read_text())
    evaluated = _sentiment("evaluate", "--run", run)
    accuracy = next((line.split()[1] for line in evaluated.stdout.splitlines() if line.startswith("accuracy")), "")
    predicted = _sentiment("predict", "--run", run, "what a lovely day")
    measured = metrics.get("export", {}).get("difference")
    return [
        title,
        f"{metrics['validation_accuracy']:.4f}",
        "" if measured is None else f"{measured:.0e}",
        accuracy or _last(evaluated.stderr),
        " ".join(predicted.stdout.split()[:2]) or _last(predicted.stderr),
        f"{seconds:.0f}",
    ]


def _vectors(config: str, vectors: str) -> list[str]:
    if not vectors or config not in ("default", "ensemble"):
        return []
    return [f"tweet_classifier.vectors = {vectors!r}", f"vectors_vocabulary.vectors = ('word_ratings', {vectors!r})"]


def _bits(folder: Path, _: str, vectors: str) -> list[str]:
    jobs = [(name, "exact", name) for name in (*REPEATED, "default")]
    jobs += [(name, "lazy", f"{name}-lazy") for name in REPEATED]

    def train(name: str, updates: str, run: str) -> str:
        settings = [f"Recipe.updates = '{updates}'"] if updates == "lazy" else []
        if (folder / run / "metrics.json").exists():  # as a variant, before
            return ""
        trained = _sentiment("train", "--config", name, "--run", folder / run, *_flags(settings, name, vectors))
        return _last(trained.stderr) if trained.returncode else ""

    with ThreadPoolExecutor(os.cpu_count()) as side_by_side:
        once = [side_by_side.submit(train, *job) for job in jobs]
        again = [side_by_side.submit(train, *job[:2], f"{job[2]}-again") for job in jobs]
    rows = []
    for (name, updates, run), *ended in zip(jobs, once, again, strict=True):
        failed = "".join(future.result() for future in ended)
        same = not failed and _same(folder / run, folder / f"{run}-again")
        rows.append([name, updates, failed or ("same bits" if same else "different bits")])
    return table(["trained twice", "updates", ""], rows)


def _resume(folder: Path, _: str, vectors: str) -> list[str]:
    settings = _flags(["Recipe.steps = 2000", "Recipe.checkpoint_every = 100", "Recipe.eval_every = 500"])
    finished = folder / "killed" / "metrics.json"
    whole, killed = folder / "whole", folder / "killed"
    _sentiment("train", "--config", "cnn", "--run", whole, *settings)
    kills = 0
    while not finished.exists() and kills < 5:
        with _started("train", "--config", "cnn", "--run", killed, *settings) as process:
            _wait_for_checkpoint(process, killed, kills)
            if kills < 3 and process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait(300)
        kills += 1
    told = (
        "same bits" if (killed / "metrics.json").exists() and _same(whole, killed) else "different bits, or unfinished"
    )
    return [f"cnn, 2,000 steps, killed {kills - 1} times with SIGKILL and resumed: {told}"]


def _wait_for_checkpoint(process: subprocess.Popen, run: Path, kills: int) -> None:
    while process.poll() is None and len(list(run.glob("training/*.safetensors"))) == 0:
        time.sleep(0.05)
    end = time.monotonic() + 0.5 + 0.3 * kills
    while process.poll() is None and time.monotonic() < end:
        time.sleep(0.05)


def _memory(folder: Path, platform_name: str, _: str) -> list[str]:
    if platform_name != "gpu":
        return ["memory: no GPU here"]
    settings = _flags(["Recipe.steps = 4000", *_SHORT])
    with contextlib.ExitStack() as both:
        names = ("beside-1", "beside-2")
        runs = [
            both.enter_context(_started("train", "--config", "cnn", "--run", folder / name, *settings))
            for name in names
        ]
        most = 0
        while any(process.poll() is None for process in runs):
            query = ["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits"]
            most = max(most, int(subprocess.run(query, capture_output=True, text=True, check=True).stdout.split()[0]))
            time.sleep(0.2)
    codes = [process.returncode for process in runs]
    return [f"two trainings of cnn beside each other: exit codes {codes}, {most:,} MiB of the GPU's memory at most"]


def _rates(folder: Path, platform_name: str, _: str) -> list[str]:
    from benchmarks.peers.tweets import Tweets

    Tweets.tokenise().save(folder / "tweets.json")
    names = [*OURS, *(PYTORCH if importlib.util.find_spec("torch") else ())]
    platforms = [platform_name] if platform_name == "cpu" else [platform_name, "cpu"]
    rows = []
    for where in platforms:
        for name in names:
            found = json.loads(_child("rates", name, where, str(folder / "tweets.json")))
            rows.append([name, where, *(f"{found[str(size)]:,.0f}" for size in BATCH_SIZES)])
            print("  ".join(rows[-1]), file=sys.stderr, flush=True)
    lines = table(["examples/s, the notebook's model, d = 256", "on", *map("{:,}".format, BATCH_SIZES)], rows)
    return lines if importlib.util.find_spec("torch") else [*lines, "PyTorch isn't installed here."]


def _measure_rates(name: str, where: str, tweets: str) -> dict[int, float]:
    from benchmarks.peers.run import measure
    from benchmarks.peers.tweets import Tweets

    loaded = Tweets.load(Path(tweets))
    rates = {}
    for size in BATCH_SIZES:
        steps = max(10, min(3_000, 400_000 // size))
        if name in OURS:
            from benchmarks.peers import ours

            optimizer, rate, lazy = OURS[name]
            peer = ours.Peer(loaded, optimizer, rate, lazy, size, steps)
        else:
            from benchmarks.peers import pytorch

            sparse, rate = PYTORCH[name]
            device = "cuda" if where == "gpu" else where
            peer = pytorch.Peer(loaded, sparse, rate, size, steps, device)
        rates[size] = measure(peer)[0]
    return rates


def _facts() -> dict[str, str]:
    import jax

    device = jax.devices()[0]
    return {"platform": device.platform, "kind": device.device_kind, "jax": jax.__version__}


def _same(first: Path, second: Path) -> bool:
    return (first / "weights.safetensors").read_bytes() == (second / "weights.safetensors").read_bytes()


def _flags(bindings: Sequence[str], config: str = "", vectors: str = "") -> list[str]:
    return [part for binding in [*bindings, *_vectors(config, vectors)] for part in ("--set", binding)]


def _last(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1][:200] if lines else "nothing"


def _command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "sentiment", *map(str, arguments)]


def _sentiment(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(_command(*arguments), cwd=ROOT, capture_output=True, text=True, check=False)


def _started(*arguments: object) -> subprocess.Popen:
    return subprocess.Popen(_command(*arguments), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _child(what: str, *arguments: str) -> str:
    where = {"JAX_PLATFORMS": "cpu"} if "cpu" in arguments else {}
    command = [sys.executable, __file__, "--child", what, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=os.environ | where)
    if done.returncode:
        raise SystemExit(f"{what} {arguments} failed:\n{done.stderr[-3000:]}")
    return done.stdout.splitlines()[-1]


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        print(json.dumps({"facts": _facts, "rates": _measure_rates}[sys.argv[2]](*sys.argv[3:])))
    else:
        typer.run(main)
