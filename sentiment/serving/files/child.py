"""A file's process as the service sees it: started, watched, and ended when it costs too much or nobody waits."""

import dataclasses
import json
import os
import subprocess
import sys
import threading
import time

from sentiment.execution.child_environment import python_environment
from sentiment.serving.files.job import (
    LARGER,
    MAX_MEMORY,
    MAX_SECONDS,
    MAX_WRITTEN,
    MAX_WRITTEN_FILES,
    Job,
    Refusal,
)

_LOOKS = 0.1  # seconds between two looks at the process


def predict(job: Job, stop: threading.Event) -> None:
    """Predicts a file in a process of its own; the answer then lies at `job.answer`. Blocks.

    Args:
        job: the file.
        stop: once it is set, the process is killed.

    Raises:
        Refusal: the file can't be used, it costs too much, or `stop` was set.
    """
    command = [sys.executable, "-m", "sentiment.serving.files.process"]
    settings = python_environment() | {"TMPDIR": job.folder}
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=settings)
    with process:
        try:
            _give(process, job)
            _watch(process, job, stop)
        finally:
            process.kill()
        assert process.stdout is not None, "it is a pipe"
        refusal = process.stdout.read()
    if refusal:
        raise Refusal(**json.loads(refusal))
    if process.returncode < 0:
        dead = f"Its process died of signal {-process.returncode}, as where it takes over {MAX_MEMORY >> 20:,} MiB"
        raise Refusal(413, "too-large", f"{dead} of memory: save it as CSV, or {LARGER}")
    if process.returncode or not job.answer.exists():
        raise RuntimeError(f"the process of a file ended with {process.returncode}")


def _give(process: "subprocess.Popen[bytes]", job: Job) -> None:
    assert process.stdin is not None, "it is a pipe"
    process.stdin.write(json.dumps(dataclasses.asdict(job)).encode() + b"\n")
    process.stdin.flush()


def _watch(process: "subprocess.Popen[bytes]", job: Job, stop: threading.Event) -> None:
    end = time.monotonic() + MAX_SECONDS
    while process.poll() is None:
        if stop.wait(_LOOKS):
            raise Refusal(503, "stopped", "The service is ending; try again")
        if time.monotonic() > end:
            raise Refusal(503, "timed-out", f"Predicting it takes over {MAX_SECONDS:.0f} s: {LARGER}")
        if _takes_too_much(job.folder):
            told = f"over {MAX_WRITTEN >> 20:,} MiB or {MAX_WRITTEN_FILES:,} files"
            raise Refusal(413, "too-large", f"What is packed in it and its results take {told}: {LARGER}")


def _takes_too_much(folder: str) -> bool:
    size = files = 0
    folders = [folder]
    while folders:
        try:
            for entry in os.scandir(folders.pop()):
                files += 1
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                else:
                    size += entry.stat(follow_symlinks=False).st_size
        except FileNotFoundError:  # removed meanwhile
            continue
        if size > MAX_WRITTEN or files > MAX_WRITTEN_FILES:
            return True
    return False
