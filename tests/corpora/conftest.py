"""What tests of corpora share."""

import pytest


@pytest.fixture
def write(tmp_path):
    """Writes bytes to a file of a name; returns its path."""

    def write_file(name: str, data: bytes) -> str:
        path = tmp_path / name
        path.write_bytes(data)
        return str(path)

    return write_file
