"""Named tensors on disk: safetensors files, written whole, verified when read. No pickle is ever read or written."""

import contextlib
import functools
import hashlib
import json
import resource
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy

from sentiment.errors import InputError
from sentiment.storage.files import write_whole


def save_tensors(path: str | Path, tensors: Mapping[str, np.ndarray], facts: dict[str, Any]) -> None:
    """Writes tensors and JSON-able `facts` to one file, whole or not at all, with a digest of both.

    Raises:
        OSError: the disk is full, the folder can't be written.
    """
    # Not `ascontiguousarray`, which makes a vector of a scalar.
    tensors = {name: np.asarray(tensor, order="C") for name, tensor in tensors.items()}
    # One entry, since safetensors writes several in an order that changes from process to process.
    header = {"sentiment": json.dumps({"facts": facts, "sha256": _digest(tensors, facts)})}
    write_whole(path, safetensors.numpy.save(tensors, metadata=header))


def load_tensors(path: str | Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Returns (tensors, facts) as `save_tensors` wrote them.

    Raises:
        InputError: no such file, cut short, altered, or not one of ours.
    """
    with _opened(path) as (file, facts, digest):
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    if digest != _digest(tensors, facts):
        raise InputError(f"{path}: altered since it was written (its SHA-256 differs); {_REMEDY}")
    return tensors, facts


def map_tensors(path: str | Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Returns (tensors, facts) as `load_tensors`, but mapped into memory, read-only, and without proof of their bytes.

    Raises:
        InputError: no such file, cut short, or not one of ours.
    """
    _allow_many_files()
    with _opened(path) as (file, facts, _):
        shapes = {name: file.get_slice(name).get_shape() for name in file.keys()}  # noqa: SIM118 - no mapping
    with Path(path).open("rb") as opened:
        size = int.from_bytes(opened.read(8), "little")
        entries = json.loads(opened.read(size))
        whole = np.memmap(opened, np.uint8, "r", offset=8 + size) if any(map(np.prod, shapes.values())) else None
    tensors = {}
    for name, shape in shapes.items():
        entry = entries[name]
        begin, end = entry["data_offsets"]
        data = np.empty(0, np.uint8) if whole is None or begin == end else whole[begin:end]
        tensors[name] = np.asarray(data).view(_DTYPES[entry["dtype"]]).reshape(shape)
    return tensors, facts


def load_facts(path: str | Path) -> dict[str, Any]:
    """Returns the facts alone, without reading the tensors, and so without proof that they are as they were written.

    Raises:
        InputError: no such file, cut short, or not one of ours.
    """
    with _opened(path) as (_, facts, _):
        return facts


@functools.cache
def _allow_many_files() -> None:
    """Lets this process open as many files as it may: each that is mapped stays open, and corpora have thousands."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):  # systems with a limit of their own: macOS
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


_DTYPES = {"U8": np.uint8, "I8": np.int8, "BOOL": np.bool_, "I32": np.int32, "I64": np.int64, "F32": np.float32}


@contextlib.contextmanager
def _opened(path: str | Path) -> Iterator[tuple[Any, dict[str, Any], str]]:
    try:
        with safetensors.safe_open(path, framework="numpy") as file:
            ours = json.loads((file.metadata() or {})["sentiment"])
            yield file, ours["facts"], ours["sha256"]
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file; train first, or name another run") from error
    except OSError as error:
        raise InputError(f"{path}: a folder, or unreadable ({error}); name another file") from error
    except (safetensors.SafetensorError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise InputError(f"{path}: cut short or not written by this program ({error}); {_REMEDY}") from error


_REMEDY = "delete it and train again, or restore a copy"


def _digest(tensors: Mapping[str, np.ndarray], facts: dict[str, Any]) -> str:
    digest = hashlib.sha256(f"{json.dumps(facts)} ".encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        digest.update(f"{name} {tensor.dtype} {tensor.shape} ".encode())
        digest.update(tensor.tobytes())
    return digest.hexdigest()
