"""What a user brings about: input that can't be used as it is, and a signal that stops the work."""

from sentiment.terminal import harmless

EXIT_BAD_INPUT = 2
EXIT_SIGNAL = 128  # what a shell adds to the number of the signal that ended a program


class InputError(ValueError):
    """Bad input, told in one line that names the file, the row and the remedy.

    The scripts print the line on standard error and exit with code 2; a library user catches it as a `ValueError`.
    """

    def __init__(self, message: str):
        super().__init__(harmless(" ".join(message.split())))


class UnavailableError(InputError):
    """Data that is neither on this machine nor to be had from the network; the message gives the reason and a remedy.

    Tests that need such data skip on this error alone (`tests/fetches.py`).
    """


class Interrupted(KeyboardInterrupt):
    """A signal stopped the work, which can be taken up again; the message says how.

    The scripts print it on standard error and exit as a shell reports that signal: 130 for Ctrl-C, 143 for SIGTERM.
    """

    def __init__(self, message: str, signal: int):
        super().__init__(message)
        self.signal = signal
