"""The one exception that means: what the user gave can't be used as it is."""


class InputError(ValueError):
    """Bad input, told in one line that names the file, the row and the remedy.

    The scripts print the line on standard error and exit with code 2; a library user catches it as a `ValueError`.
    """

    def __init__(self, message: str):
        super().__init__(" ".join(message.split()))
