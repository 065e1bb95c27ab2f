"""All blocks of a source -> its corpus, as it would be read whole: classes, splits and notes by the same functions."""

from collections.abc import Sequence
from dataclasses import replace

from sentiment.corpora.corpus import Corpus
from sentiment.corpora.mapped_texts import MappedTexts
from sentiment.corpora.readers import Reader, ReadOptions, Table
from sentiment.corpora.readers.coded import joined
from sentiment.corpora.readers.whole_table import table_of
from sentiment.corpora.tables import corpus_of
from sentiment.preparation.plan import Plan
from sentiment.preparation.read_block import ReadBlock, used_rows


def gathered(plan: Plan, readers: Sequence[Reader], blocks: Sequence[ReadBlock]) -> Corpus:
    """Returns the corpus; its texts are `MappedTexts` of all blocks.

    Raises:
        InputError: as `corpora.load_corpus` does of the same files.
    """

    def table(source: int, reading: ReadOptions) -> Table:
        own = [block for block in blocks if block.source == source]
        texts = MappedTexts([block.texts for block in own], ranks=[block.ranks for block in own])
        left_out = [each for block in own for each in block.left_out]
        return table_of(readers[source], reading, used_rows(texts, own), left_out)

    def beside(path: str, reading: ReadOptions) -> Table:
        return table(plan.sources.index(path, plan.splits.count(None)), reading)  # may be a source, too

    reading = plan.reading(0)
    main, *others = [table(number, reading) for number, split in enumerate(plan.splits) if split is None]
    for other in others:
        main = _below(main, other)
    return corpus_of(plan.sources[0], main, reading, plan.options, plan.seed, beside)


def _below(table: Table, added: Table) -> Table:
    """Returns a table with the rows of another, which keep their splits."""
    return replace(
        table,
        **{
            name: joined(getattr(table, name), getattr(added, name))
            for name in ("texts", "labels", "splits", "lines", "files")
        },
        left_out=(*table.left_out, *added.left_out),
        sha256=f"{table.sha256} {added.sha256}",
    )
