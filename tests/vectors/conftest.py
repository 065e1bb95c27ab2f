"""A file of vectors."""

import pytest


@pytest.fixture
def glove(tmp_path):
    """Returns a function that writes lines to a file of vectors and gives its path."""

    def write(*lines, name="tiny.txt", end="\n"):
        path = tmp_path / name
        path.write_bytes(
            b"".join((line if isinstance(line, bytes) else line.encode()) + end.encode() for line in lines)
        )
        return path

    return write
