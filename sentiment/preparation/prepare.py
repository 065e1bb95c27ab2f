"""A source and a config -> the folder of a prepared corpus; cut off anywhere, the same call goes on."""

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sentiment.config import Config, build, read_config
from sentiment.corpora import KNOWN_CORPORA, Corpus
from sentiment.corpora.prepared_folder import FORMAT, PreparedCorpus, PreparedFolder, load_prepared, shard_path
from sentiment.corpora.readers import Reader
from sentiment.download.addresses import is_address
from sentiment.encoding.encoder import Encoder
from sentiment.encoding.subwords import Subwords
from sentiment.encoding.vocabulary import Vocabulary
from sentiment.errors import InputError
from sentiment.execution.compute import Batch, Compute, Result
from sentiment.execution.worker_processes import available_cores, kept_workers, map_batches
from sentiment.preparation.blocks import BLOCK_ROWS, FIRST, Start, blocks
from sentiment.preparation.choice import Choice, facts_of, starts_of
from sentiment.preparation.encode_block import BlockEncoder, TokenCounter, merged
from sentiment.preparation.gather import gathered
from sentiment.preparation.plan import Plan
from sentiment.preparation.published import published
from sentiment.preparation.read_block import BlockReader, ReadBlock, block_path
from sentiment.recipe.encoding_settings import encoding_settings
from sentiment.recipe.recipe import Recipe
from sentiment.recipe.variants import configs_folder, find_config
from sentiment.storage.files import locked_folder, sha256_of, write_whole
from sentiment.storage.manifest import Manifest
from sentiment.storage.runs import find_run
from sentiment.storage.tensors import load_tensors
from sentiment.text.tokenised import CountedTokens
from sentiment.training.loop.progress import Progress
from sentiment.training.other_language import chosen_for
from sentiment.training.warm_start import Pretrained


def prepare(
    sources: Sequence[str],
    config: str | Path,
    output: str | Path,
    bindings: Sequence[str] = (),
    progress: Progress | None = None,
    processes: int | None = None,
    block_rows: int = BLOCK_ROWS,
    compute: Compute | None = None,
) -> PreparedCorpus:
    """Prepares a corpus: reads, splits, counts and encodes it, a block of rows at a time on all cores.

    What it holds is what `train` with the same source and config would have: texts, labels, splits, vocabulary, ids.

    Args:
        sources: files, folders or patterns, taken one after the other.
        config: path of a gin file, or the name of one that comes along.
        output: the folder. A finished one is looked through, and what is damaged in it is made anew. At an address, as
            s3://bucket/prepared, it appears when it is whole; until then it is made in the cache.
        bindings: gin lines that override the config; those of `load_corpus` and `CorpusOptions` say what files mean.
        progress: shows what is done.
        processes: how many; None: one a core.
        block_rows: rows of a shard.
        compute: where blocks are read and encoded; None: in processes of this machine. Other machines see the folder,
            by the same path; this one alone reads the sources.

    Raises:
        InputError: the sources, the config or the folder can't be used as they are.
        OSError: the folder can't be written.
    """
    if is_address(str(output)):
        with published(str(output)) as folder:
            return prepare(sources, config, folder, bindings, progress, processes, block_rows, compute)
    settings = read_config(find_config(str(config)), bindings, configs_folder())
    recipe: Recipe = settings.make("Recipe")
    if named := [source for source in sources if source in KNOWN_CORPORA or source in ("auto", "-")]:
        raise InputError(f"{named[0]}: a file, folder or pattern can be prepared; `sentiment train` reads this one")
    columns = settings.get("load_corpus", "text_column"), settings.get("load_corpus", "label_column")
    options, seed = settings.make("CorpusOptions"), settings.settings("load_corpus")["seed"]
    plan = Plan.of(sources, columns, options, seed, encoding_settings(settings, recipe), block_rows)
    prepared = PreparedFolder(Path(output))
    with contextlib.ExitStack() as stack:
        readers = [stack.enter_context(reader) for reader in plan.readers()]
        stack.enter_context(_claimed(prepared))
        plan.agree(prepared, readers)
        stack.enter_context(kept_workers())
        said, count = progress or Progress(), processes or available_cores()
        _Preparation(prepared, plan, readers, settings, recipe, list(bindings), said, count, compute).run()
    return load_prepared(str(output))


@contextlib.contextmanager
def _claimed(folder: PreparedFolder) -> Iterator[None]:
    with locked_folder(folder.path, "another preparation is running here; wait, or name another"):
        _clear(folder)
        yield


def _clear(folder: PreparedFolder) -> None:
    for left_over in folder.path.glob(".*.part"):  # by `kill -9`
        left_over.unlink()


@dataclass(frozen=True)
class _Preparation:
    """A preparation at work."""

    folder: PreparedFolder
    plan: Plan
    readers: Sequence[Reader]
    settings: Config
    recipe: Recipe
    bindings: list[str]
    progress: Progress
    processes: int
    compute: Compute | None

    def run(self) -> None:
        """Makes what isn't there yet, and at last the manifest."""
        before = self._known()
        found = Choice.load(self.folder)
        if found is None:
            self._read()
        choice = found or self._choose()
        encoder = self._encoder()
        numbers = [number for number in range(len(choice.sizes)) if not self._has_shard(number, before)]
        if found and before and not numbers:
            self.progress.info(f"{self.folder.path}: prepared already, and whole")
            return
        self._read_again(numbers)
        with self._timed("encoded") as done:
            encode = BlockEncoder(self._place, encoder, self.recipe.stripped_copies)
            made = self._map(encode, choice.chosen(numbers), len(numbers))
            for number, size in zip(numbers, made, strict=True):
                block_path(self.folder.path, number).unlink()
                done.append(size)
        for left_over in self.folder.path.glob("rows-*"):  # of shards that are there
            left_over.unlink()
        _clear(self.folder)
        self._vouch(len(choice.sizes), before)

    def _known(self) -> dict[str, str]:
        """Returns the SHA-256 of a finished folder's files; nothing where it isn't, or where that is damaged."""
        if not self.folder.finished:
            return {}
        try:
            return self.folder.vouched.sha256
        except InputError:
            return {}

    def _read(self) -> None:
        start: Start | None = FIRST
        number = 0
        while _is_whole(block_path(self.folder.path, number)):
            start = ReadBlock.open(self.folder.path, number).following
            number += 1
        if start is None:
            return
        missing = blocks(self.readers, start, number, self.plan.block_rows)
        with self._timed("read") as done:
            for size in self._map(self._reader, missing):
                if not block_path(self.folder.path, number + len(done)).is_file():
                    raise InputError(
                        f"{self.folder.path}: the cluster's processes write elsewhere: name a folder on storage that "
                        "all its machines share"
                    )
                done.append(size)

    def _read_again(self, numbers: Sequence[int]) -> None:
        """Reads the blocks whose shards are to be made and that aren't there."""
        lost = [number for number in numbers if not _is_whole(block_path(self.folder.path, number))]
        starts = facts_of(self.folder)["shards"] if lost else []
        again = (
            next(blocks(self.readers, Start.from_json(starts[number]), number, self.plan.block_rows)) for number in lost
        )
        for _ in self._map(self._reader, again, len(lost)):
            pass

    def _choose(self) -> Choice:
        found = self._blocks()
        with self._timed("split") as done:
            corpus = gathered(self.plan, self.readers, found)
            done.append(len(corpus.texts))
        self._check_language(corpus)
        choice = Choice.of(corpus, [len(block.lines) for block in found])
        with self._timed("counted") as done:
            vocabulary = self._vocabulary(choice, len(corpus.splits["train"]))
            vocabulary.save(self.folder.vocabulary)
            done.append(len(corpus.splits["train"]))
        facts = {"settings": self.plan.settings, "seed": self.plan.seed, "shards": starts_of(found)}
        choice.save(self.folder, corpus, facts | {"options": self.settings.settings("CorpusOptions")})
        return choice

    def _blocks(self) -> list[ReadBlock]:
        found = [ReadBlock.open(self.folder.path, 0)]
        while found[-1].following is not None:
            found.append(ReadBlock.open(self.folder.path, len(found)))
        return found

    def _check_language(self, corpus: Corpus) -> None:
        settings, chosen, notes = chosen_for(self.settings, self.recipe, corpus, self.bindings)
        if encoding_settings(settings, chosen) != self.plan.settings:
            raise InputError(f"{self.settings.path}: {notes[0]}: prepare another folder with --config {settings.path}")

    def _vocabulary(self, choice: Choice, n_texts: int) -> Vocabulary:
        if self.recipe.pretrained:
            return Pretrained.load(find_run(self.recipe.pretrained), self.recipe.preprocessor).vocabulary
        numbers = range(len(choice.sizes))
        count = TokenCounter(self._place, self.recipe.stripped_copies)
        counts = merged(self._map(count, choice.chosen(numbers), len(numbers)))
        made: Vocabulary = build(lambda: self.recipe.vocabulary(CountedTokens(counts, n_texts)), self.settings.path)
        return made

    def _encoder(self) -> Encoder:
        vocabulary = Vocabulary.load(self.folder.vocabulary)
        encoder = build(lambda: self.recipe.encoder(vocabulary), self.settings.path)
        if isinstance(encoder, Subwords):
            write_whole(self.folder.tokenizer, encoder.tokenizer)
        return encoder

    def _has_shard(self, number: int, before: dict[str, str]) -> bool:
        path = shard_path(self.folder.path, number)
        if path.is_file() and path.name in before:
            return sha256_of(path) == before[path.name]
        return _is_whole(path)

    def _vouch(self, n_shards: int, before: dict[str, str]) -> None:
        folder = self.folder
        optional = (path for path in (folder.tokenizer, folder.bad_rows) if path.is_file())
        shards = (shard_path(folder.path, number) for number in range(n_shards))
        files = (folder.facts, folder.labels, folder.vocabulary, *optional, *shards)
        manifest = Manifest.of(folder.manifest, files)
        changed = [name for name, digest in before.items() if manifest.sha256.get(name) != digest]
        if changed:
            raise InputError(f"{folder.path}: {changed[0]} came out differently: prepare another folder")
        manifest.save(FORMAT)

    @property
    def _place(self) -> Path:
        """The folder, wherever a process stands."""
        return self.folder.path.absolute()

    @property
    def _reader(self) -> BlockReader:
        return BlockReader(self._place, self.recipe.preprocessor, self.recipe.stripped_copies, self.plan.seed)

    def _map(
        self, function: Callable[[Batch], Result], batches: Iterable[Batch], count: int | None = None
    ) -> Iterator[Result]:
        """Yields `function(batch)` for each batch, in order; there are `count`, where that is known."""
        if self.compute is not None:
            return self.compute(function, batches)
        processes = self.processes if count is None else min(self.processes, count)
        return map_batches(function, batches, max(1, processes))

    @contextlib.contextmanager
    def _timed(self, what: str) -> Iterator[list[int]]:
        """Shows how many rows were done, which the block puts into the list, and in what time."""
        started, done = time.monotonic(), list[int]()
        yield done
        seconds = time.monotonic() - started
        rate = f", {sum(done) / seconds:,.0f} a second" if seconds > 1 else ""
        self.progress.info(f"{what:11} {sum(done):,} rows in {seconds:.1f} s{rate}")


def _is_whole(path: Path) -> bool:
    try:
        load_tensors(path)
    except InputError:
        return False
    return True
