"""What every verb and script shares: bad input ends in one line and exit code 2, never in a traceback."""

import contextlib
import errno
import functools
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from typer.exceptions import TyperException

from sentiment.errors import EXIT_BAD_INPUT, EXIT_SIGNAL, InputError, Interrupted
from sentiment.execution.device import Device
from sentiment.execution.long_work import shown_by
from sentiment.terminal import harmless, tell

if TYPE_CHECKING:
    from sentiment.execution.compute import Compute

_REMEDIES = {
    errno.ENOSPC: "free some space or name another place",
    errno.EDQUOT: "free some space or name another place",
    errno.EACCES: "check its permissions or name another place",
    errno.EPERM: "check its permissions or name another place",
    errno.EROFS: "name another place",
    errno.ENOENT: "check the name",
    errno.EISDIR: "name a file, not a folder",
    errno.ENOTDIR: "a file stands where a folder is needed: name another place",
    errno.EEXIST: "name another place",
    errno.EMFILE: "allow more open files: ulimit -n 65536",
}

_SERVE = "pip install '.[serve]' in the checkout"
# Not a dependency of the extra: trax declares TensorFlow, which pip would install.
_TRAIN = "pip install '.[train]' in the checkout, then pip install --no-deps trax==1.4.1"
_SCALE = "pip install '.[scale]' in the checkout"
_EXTRAS = {
    "fastapi": _SERVE,
    "uvicorn": _SERVE,
    "prometheus_client": _SERVE,
    "optuna": _SCALE,
    "fsspec": _SCALE,
    "ray": _SCALE,
} | dict.fromkeys(("gin", "jax", "jinja2", "pydantic", "safetensors", "tensorboardX", "trax"), _TRAIN)

DeviceFlag = Annotated[
    Device,
    typer.Option("--device", help="What computes; auto: an accelerator where JAX finds one."),
]
RayFlag = Annotated[
    str, typer.Option("--ray", help="On a Ray cluster: HOST:PORT of its head, or local: one of this machine's cores.")
]


@contextlib.contextmanager
def on_cluster(address: str) -> "Iterator[Compute | None]":
    """Yields what computes on the Ray cluster at an address; "": None. Raises as `scale.cluster.connected` does."""
    if not address:
        yield None
        return
    from sentiment.scale.cluster import connected

    with connected(address) as compute:
        yield compute


@contextlib.contextmanager
def trainings_on(address: str, device: Device) -> "Iterator[Compute | None]":
    """Yields what trains on the Ray cluster at an address; "": None, and this process is set up to train.

    Raises:
        InputError: as `scale.cluster.connected`; the device isn't there.
    """
    if address:
        from sentiment.scale.cluster import connected

        with connected(address):
            from sentiment.scale.trainings import TrainingsOnRay

            yield TrainingsOnRay(device)
        return
    from sentiment.training.request import set_up

    set_up(device)
    yield None


def run(main: Callable[..., None]) -> None:
    """Runs a script's `main` with its typer flags and exits, as `run_app` does."""
    app = new_app()
    add_command(app, main)
    run_app(app)


def new_app() -> typer.Typer:
    """Returns a typer app without commands; its help is plain text."""
    return typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


def add_command(app: typer.Typer, main: Callable[..., None], verb: str | None = None) -> None:
    """Makes `main` a command of `app`, its only one or a verb: its parameters are the flags, its docstring the help."""
    app.command(verb)(_quiet_when_cut_off(main))


def run_app(app: typer.Typer, arguments: Sequence[str] | None = None) -> None:
    """Runs a typer app with `arguments`, by default the command line's, and exits.

    The exit code is 0 when done, 2 for bad input, 130 when stopped by Ctrl-C, 143 by SIGTERM.
    Errors that are bugs keep their traceback: only what the user can mend is printed as one line.
    """
    try:
        with shown_by(tell):
            status = app(arguments, standalone_mode=False)
    except InputError as error:
        status = _complain(str(error))
    except TyperException as error:
        status = _complain(f"{error.format_message()} (--help lists the flags)")
    except OSError as error:
        status = _complain(_describe(error))
    except ModuleNotFoundError as error:
        if error.name not in _EXTRAS:
            raise
        status = _complain(f"this needs {error.name}, which is not installed: {_EXTRAS[error.name]}")
    sys.exit(status)


def _quiet_when_cut_off(main: Callable[..., None]) -> Callable[..., None]:
    # Inside the command, because typer has its own answers to both: no word after Ctrl-C, exit code 1 for `head`.
    @functools.wraps(main)
    def command(*args, **kwargs):
        try:
            main(*args, **kwargs)
            sys.stdout.flush()
        except BrokenPipeError:
            _give_up_output()  # the reader (`head`, a pager) has left: that is no error
        except OSError:
            try:
                sys.stdout.flush()
            except OSError:
                _give_up_output()
            raise
        except Interrupted as interrupted:
            print(harmless(interrupted), file=sys.stderr)
            raise typer.Exit(EXIT_SIGNAL + interrupted.signal) from interrupted
        except KeyboardInterrupt as interrupt:
            print("stopped", file=sys.stderr)
            raise typer.Exit(EXIT_SIGNAL + signal.SIGINT) from interrupt

    return command


def _give_up_output() -> None:
    # Python would try once more, at exit, to write what is left of it, and complain.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(message: str) -> int:
    print("error: " + harmless(" ".join(message.split())), file=sys.stderr)
    return EXIT_BAD_INPUT


def _describe(error: OSError) -> str:
    subject = f"{error.filename}: " if error.filename else ""
    remedy = _REMEDIES.get(error.errno or 0, "see the system's message")
    return f"{subject}{error.strerror or error}: {remedy}"
