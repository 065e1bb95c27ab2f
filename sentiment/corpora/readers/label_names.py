"""Names of numbered labels from a file beside the data: mapping.txt, emotions.txt, classes.txt."""

from collections.abc import Collection
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from sentiment.corpora.readers.unpacked import PlainFile

MAPPING = "mapping.txt"  # TweetEval's: lines of number, tab, name
LISTS = ("emotions.txt", "classes.txt")  # GoEmotions', which counts from 0, and those of AG News and DBpedia, from 1
_LARGEST = 10_000_000  # bytes


class LabelNames(NamedTuple):
    """What a file says of labels.

    Attributes:
        by_label: label in the data -> name; empty where nothing is named.
        said: what becomes of the labels, for the line on how the data was read; "" where that needs no word.
    """

    by_label: dict[str, str]
    said: str = ""


def beside(path: Path) -> PlainFile | None:
    """Returns the list of names in the folder of a file, if there is one."""
    found = next((path.with_name(name) for name in LISTS if path.with_name(name).is_file()), None)
    return None if found is None or found == path else PlainFile(str(found), found, found.suffix)


def names_of(file: PlainFile, labels: Collection[str]) -> LabelNames:
    """Returns the names of some labels, all different, by a file of names.

    A list has a name a line. It counts where all labels are numbers of its lines: from 0 if one of them is 0, from 1 if
    one is the number of lines. Where neither is so nobody can tell, and the labels stay numbers.
    """
    if file.local.stat().st_size > _LARGEST:
        return LabelNames({})
    lines = file.local.read_text("utf-8", "replace").splitlines()
    name = PurePosixPath(file.name).name
    if name.lower() == MAPPING:
        cells = [[cell.strip() for cell in line.split("\t") if cell.strip()] for line in lines]
        return LabelNames({each[0]: each[-1] for each in cells if len(each) > 1})
    names = [line.strip() for line in lines if line.strip()]
    numbers = {str(number) for number in range(len(names) + 1)}
    first, last = "0" in labels, str(len(names)) in labels
    if not labels or not numbers.issuperset(labels) or len(set(names)) < len(names) or (first and last):
        return LabelNames({})
    if not first and not last:
        return LabelNames({}, f"labels stay numbers: {name} may name them from 0 or from 1 on, --map 3=NAME names one")
    start = 0 if first else 1
    named = {str(number): each for number, each in enumerate(names, start)}
    return LabelNames(named, f"labels named by {name} from {start} on")
