"""Whether a run's texts are read as in its training: a later program may have other rules, or know more idioms."""

import functools
import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sentiment.terminal import tell
from sentiment.text.preprocessor import Preprocessor
from sentiment.text.word_lists import shipped_lines

# Something for each setting of a preprocessor, and for each rule of the comparisons.
_TEXTS = (
    "RT @ann: it isn&#39;t a BAD day, isn´t it?! #SoGood #so_sad $GE : ( :-) sooooo 👍🏽 👩‍👩‍👧 http://a.b/c and more",
    "ＧＯＯＤ\u200b ﬁne don’t wait... (no) really; well: then running flies happily CO-OP",
    "I can't recommend it enough, never slept better and could not have picked a worse seat",
    "My old one was better than the new one. Nothing beats it, it doesn't get better than this",
    "I can't remember a nicer day; I wish it were faster, no better place than this, please make it less slow",
)

_UNSPACED = "今日はとても良い 很好 ดีมาก"  # read only where it is taken apart: its first reading takes 12 ms

_tell_once = functools.cache(tell)  # an evaluation loads a run twice


@functools.cache
def reading_of(preprocessor: Preprocessor) -> str:
    """Returns SHA-256 (hex) of how texts of ours are read, and of word lists: the same where texts are read alike."""
    texts = [*_TEXTS, *([_UNSPACED] if preprocessor.unspaced == "letters" else [])]
    read = [[text, preprocessor(text)] for text in texts]
    return hashlib.sha256(json.dumps([read, sorted(_entries(preprocessor))]).encode()).hexdigest()


def _entries(preprocessor: Preprocessor) -> Iterator[str]:
    """Yields what the word lists hold that this preprocessor goes by."""
    lists = {
        "stopwords_english.txt": preprocessor.stop_words == "drop",
        "idioms.txt": preprocessor.idioms != "words",
        "phrases.txt": preprocessor.idioms == "all",
        "negations.txt": preprocessor.comparisons == "mark",
        "comparatives.txt": preprocessor.comparisons == "mark",
    }
    for name, used in lists.items():
        yield from (line.split("\t")[0] for line in shipped_lines(name) if used)  # without a rating


def preprocessor_of(facts: Mapping[str, Any], run: Path) -> Preprocessor:
    """Returns the preprocessor of a run's model.json; tells where it reads texts otherwise than in training.

    Args:
        facts: what model.json holds. Older versions wrote no `reading` there: nothing is told of their runs.
        run: its directory.

    Raises:
        InputError: as `Preprocessor.from_dict`.
    """
    preprocessor = Preprocessor.from_dict(facts["preprocessor"])
    if "reading" in facts and facts["reading"] != reading_of(preprocessor):
        _tell_once(f"{run}: another version of this program trained it, which read some texts otherwise: train again")
    return preprocessor
