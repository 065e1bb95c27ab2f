"""Constructions beside a corpus's training texts, so that a model learns what few tweets would teach it."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from sentiment.config import SettingError
from sentiment.corpora import Corpus
from sentiment.corpora.constructions import MOST_PER_TEMPLATE, Construction, constructions, rated_alone, sentences
from sentiment.corpora.polarity import labels_by_polarity, polarity
from sentiment.corpora.prepared_folder import PreparedCorpus


def beside_constructions(corpus: Corpus, per_template: int, with_sentences: bool = False) -> Corpus:
    """Returns the corpus with more training rows: constructions of the first half, and rated emoji, words and idioms.

    Facts are neutral, where there is such a label. Other texts with nothing to judge are left out, since
    `training.abstaining` learns from them what a model makes of texts that it wasn't trained on. A corpus whose labels
    aren't a negative, a positive and at most a neutral one stays as it is.

    Args:
        corpus: of one label a text.
        per_template: of each template and label, as `constructions` takes it; 0: none.
        with_sentences: whether `sentences` come as well.

    Raises:
        SettingError: more than there are, or the corpus is a prepared one, whose texts are encoded already.
    """
    if not 0 <= per_template <= MOST_PER_TEMPLATE:
        raise SettingError(f"Recipe.constructions = {per_template}: must be 0 to {MOST_PER_TEMPLATE}")
    by_side = labels_by_polarity(corpus.label_names)
    if not (per_template or with_sentences) or corpus.several or by_side is None:
        return corpus
    if isinstance(corpus, PreparedCorpus):
        raise SettingError(
            "Recipe.constructions, Recipe.sentences: a prepared corpus takes no more texts; set them to 0 and False"
        )
    own = _own(per_template, with_sentences)
    labelled = {each.text: by_side[side] for each in own if (side := _side(each)) in by_side}
    labels = np.fromiter(labelled.values(), np.int32)
    rows = np.arange(len(corpus.texts), len(corpus.texts) + len(labels))
    more = corpus.splits | {"train": np.concatenate([corpus.splits["train"], rows])}
    teaching = corpus.teaching
    if teaching is not None:
        answers = np.eye(len(corpus.label_names), dtype=np.float32)[labels]
        teaching = replace(teaching, answers=np.concatenate([teaching.answers, answers]))
    return replace(
        corpus,
        texts=[*corpus.texts, *labelled],
        labels=np.concatenate([corpus.labels, labels]),
        splits=more,
        teaching=teaching,
    )


def _own(per_template: int, with_sentences: bool) -> Iterator[Construction]:
    if per_template:  # templates without a slot give their text however few are asked for
        yield from constructions("train", per_template)
    yield from rated_alone()
    if with_sentences:
        yield from sentences()


def _side(construction: Construction) -> int | None:
    """Returns the polarity of the label that it may have; None: it has no sentiment, not even a neutral one."""
    return 0 if construction.kind == "fact" else polarity(construction.label)
