"""A config and a corpus -> a run directory: the whole of `make train`."""

import contextlib
import hashlib
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from sentiment.config import Config, build, read_config
from sentiment.corpora import Corpus
from sentiment.corpora.kept_corpus import keep_corpus
from sentiment.corpora.prepared_folder import PreparedCorpus
from sentiment.encoding.encoder import describe_encoder
from sentiment.errors import Interrupted
from sentiment.execution.long_work import shown_by
from sentiment.execution.signals import Signals
from sentiment.execution.worker_processes import kept_workers
from sentiment.export import is_additive
from sentiment.models.tweet_classifier import TweetClassifier
from sentiment.recipe.encoding_settings import check_settings
from sentiment.recipe.recipe import Recipe, read_corpus
from sentiment.recipe.variants import configs_folder, find_config
from sentiment.storage.run_directory import RunDirectory
from sentiment.storage.runs import claimed_run, find_run
from sentiment.text.reading import reading_of
from sentiment.training.beside_constructions import beside_constructions
from sentiment.training.large_source import on_size
from sentiment.training.loop.progress import Progress
from sentiment.training.other_language import chosen_for
from sentiment.training.parallel.backend import begin_backend, set_up_backend
from sentiment.training.parallel.devices import begin_on_one_thread
from sentiment.training.parallel.processes import check_alike, from_first, is_first
from sentiment.training.parts import Parts, build_parts
from sentiment.training.session import Session


def train(
    config: str | Path,
    bindings: Sequence[str] = (),
    directory: str | Path | None = None,
    progress: Progress | None = None,
    corpus: Corpus | None = None,
    partial: bool = False,
) -> RunDirectory:
    """Trains a gin config's model and returns the finished run.

    Args:
        config: path of a gin file, or the name of one that comes along, such as "mean".
        bindings: gin lines that override it, such as `Recipe.steps = 200` or `load_corpus.source = 'my.csv'`.
        directory: where the run goes; by default the next number under runs/. An unfinished run with the same
            settings and data is resumed from its last checkpoint, and ends with the bits it would have had.
        progress: shows every step; None: nothing is shown.
        corpus: instead of the one that the config names.
        partial: whether a run that Ctrl-C or SIGTERM stops is finished there and then, with the weights of its last
            step: it predicts, and can't be resumed.

    Raises:
        InputError: the config, the corpus or the directory can't be used as it is, or training diverged.
        Interrupted: Ctrl-C or SIGTERM came; a checkpoint is written, or with `partial` the run is finished. A second
            one is obeyed at once.
        OSError: the run can't be written.
    """
    progress, started = progress or Progress(), time.monotonic()
    config = find_config(str(config))
    set_up_backend()
    settings = read_settings(config, bindings)
    given = corpus is not None
    with shown_by(progress.info), kept_workers():
        recipe, corpus = _read(settings, corpus, progress)
        settings, recipe, notes = chosen_for(settings, recipe, corpus, bindings)
        if isinstance(corpus, PreparedCorpus):
            check_settings(settings, recipe, corpus)
        recipe, learned = _fitted(recipe, settings, corpus)
        parts = build_parts(recipe, learned, settings.path)
    with _claimed(directory, settings, recipe, corpus, parts) as (run, resumed):
        if (given or settings.get("load_corpus", "source") is None) and is_first():
            keep_corpus(corpus, run.kept_corpus)
        session = Session(recipe, corpus, parts, run, progress, started)
        session.introduce(resumed, notes)
        with Signals() as signals:
            loop = session.new_loop(lambda: signals.received is not None)
            session.train(loop)
        if loop.ended_by == "interruption":
            received = signals.received or signal.SIGTERM  # in another process
            if not partial or not loop.step:
                raise Interrupted(_how_to_go_on(loop.step, recipe.n_steps, run), received)
            session.finish(loop)
            raise Interrupted(f"stopped after {loop.step} of {recipe.n_steps} steps", received)
        metrics = session.finish(loop)
    progress.info(f"done        {_summary(metrics, recipe, loop.ended_by)}")
    return run


def read_settings(path: Path, bindings: Sequence[str]) -> Config:
    """Returns a config's settings, with bindings on top. Raises InputError as `read_config`, or its run is damaged."""
    run = RunDirectory.of_config(path)
    if run and run.finished:
        run.verify()
    return read_config(path, bindings, None if run else configs_folder())


def _read(settings: Config, given: Corpus | None, progress: Progress) -> tuple[Recipe, Corpus]:
    recipe = settings.make("Recipe")
    if recipe.updates == "lazy":
        begin_on_one_thread()
    begin_backend()
    if given is None and (line := on_size(str(settings.get("load_corpus", "source") or ""))):
        progress.info(f"note        {line}")
    corpus, reason = (given, "") if given else read_corpus(settings)
    if reason:
        progress.info(reason)
    return recipe, corpus


def _fitted(recipe: Recipe, settings: Config, corpus: Corpus) -> tuple[Recipe, Corpus]:
    """Returns the recipe with the task and the steps that a corpus asks for, and the corpus with all that is learned.

    What is decided becomes part of `settings`, so that the run repeats.
    """
    if recipe.task_for(corpus) != recipe.task:
        settings.bind("Recipe", "task", recipe.task_for(corpus))
        recipe = settings.make("Recipe")
    architecture = recipe.model()
    if isinstance(architecture, TweetClassifier) and architecture.spelling == "auto":
        settings.bind("tweet_classifier", "spelling", _spells(architecture, recipe, corpus))
        recipe = settings.make("Recipe")
    learned = build(lambda: beside_constructions(corpus, recipe.constructions, recipe.sentences), settings.path)
    return recipe.sized(len(learned.splits["train"]), len(corpus.label_names)), learned


def _spells(architecture: TweetClassifier, recipe: Recipe, corpus: Corpus) -> bool:
    if recipe.pretrained:  # goes on as it began, whatever the classes
        begun = read_config(find_run(recipe.pretrained).config)
        return bool(begun.get("tweet_classifier", "spelling"))
    return architecture.spells(len(corpus.label_names), recipe.several)


@contextlib.contextmanager
def _claimed(
    directory: str | Path | None, settings: Config, recipe: Recipe, corpus: Corpus, parts: Parts
) -> Iterator[tuple[RunDirectory, bool]]:
    more = len(parts.corpus.texts) - len(corpus.texts)
    model = {
        "task": recipe.task,
        "label_names": list(corpus.label_names),
        "preprocessor": recipe.preprocessor.to_dict(),
        "reading": reading_of(recipe.preprocessor),
        "features": describe_encoder(parts.encoder),
        "additive": is_additive(parts.eval_model),
        "corpus": {"name": corpus.name, "fingerprint": corpus.fingerprint(), **asdict(corpus.provenance)},
        **({"labels_between": corpus.labels_between} if recipe.several else {}),
        **({"teaching": corpus.teaching.facts} if corpus.teaching else {}),
        **({"constructions": more} if more else {}),
    }
    contents = (settings.operative(), model, parts.vocabulary.to_bytes())
    check_alike(hashlib.sha256(repr(contents).encode()).digest(), "settings or data")
    with contextlib.ExitStack() as held:

        def claim() -> tuple[str, bool]:
            if directory is None:
                run, resumed = held.enter_context(claimed_run(f"{recipe.name}-{Path(corpus.name).stem}", *contents))
                return str(run.path), resumed
            return str(directory), held.enter_context(RunDirectory(Path(directory)).claimed(*contents))

        path, resumed = from_first(claim)
        yield RunDirectory(Path(path)), resumed


def _how_to_go_on(step: int, steps: int, run: RunDirectory) -> str:
    return (
        f"stopped after {step} of {steps} steps, all kept in {run.path}; the same command goes on from there, "
        f"or: make train CONFIG={run.config} RUN={run.path}"
    )


def _summary(metrics: dict, recipe: Recipe, ended_by: str) -> str:
    stopping, steps, kept = recipe.stopping, metrics["steps"], metrics["kept_step"]
    line = f"validation accuracy {metrics['validation_accuracy']:.4f}"
    line += f" at step {kept}, the best," if kept != steps else ""
    line += f" after {steps} steps"
    if ended_by == "patience":
        line += f" of {recipe.steps} (no better {stopping.metric} in {stopping.patience} evaluations)"
    elif ended_by == "time":
        line += f" of {recipe.steps} (time limit of {stopping.time_limit:g} s)"
    return f"{line}, {metrics['seconds']:.1f} s in all"
