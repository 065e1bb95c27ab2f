"""What a terminal shows: lines of ours beside the results, and text of others', which commands nothing."""

import re
import sys

# C0 but for tab and newline, delete, C1; line and paragraph separators; marks that turn the direction of writing.
_COMMANDING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def harmless(text: object, newline: bool = True) -> str:
    r"""Returns text whose control characters are written as escapes, "\x1b"; without `newline` newlines as "\n" too.

    A label, a text or a name comes from a corpus or a run, and so from anybody: printed as it is, it could rewrite what
    stands on the screen. Emoji and every script stay.
    """
    shown = _COMMANDING.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), str(text))
    return shown if newline else shown.replace("\n", r"\n")


def tell(line: str) -> None:
    """Writes one line to standard error, where it doesn't mix with what a script prints."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
