"""What tests of word vectors share: four words with three values each, files of every form, a message looked into."""

import contextlib
import gzip
import zipfile
from pathlib import Path

import pytest

from sentiment.encoding.vocabulary import Vocabulary
from sentiment.errors import InputError

LINES = ["the 1 -2 0.5", "Paris 3e0 4 5", "paris 6 7 8", "good .5 -1e-3 9."]


def vocabulary(*words):
    return Vocabulary((*Vocabulary.SPECIAL, *words))


@contextlib.contextmanager
def refused(*parts):
    with pytest.raises(InputError) as caught:
        yield
    message = str(caught.value)
    assert "\n" not in message
    for part in parts:
        assert part in message


def write_as(folder, form, words, matrix):
    header = f"{len(words)} {matrix.shape[1]}\n" if "vec" in form else ""
    # fastText ends each line with a space.
    end = " \n" if "vec" in form else "\n"
    lines = (
        word + " " + " ".join(map(repr, row.tolist())) + end
        for word, row in zip(words, matrix.astype(float), strict=True)
    )
    data = (header + "".join(lines)).encode("utf-8")
    path = folder / f"vectors.{form}"
    if form.endswith("gz"):
        path.write_bytes(gzip.compress(data, 1))
    elif form.endswith("zip"):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"vectors{Path(form).stem}.txt", data)
    else:
        path.write_bytes(data)
    return path


def zip_of(path, **members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__DOT__", ".").replace("__MACOSX_", "__MACOSX/"), text)
    return path
