"""Teachers, a student's config and texts -> a run directory: the whole of `sentiment distil`."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from sentiment.config import Config
from sentiment.corpora import KNOWN_CORPORA, Corpus, CorpusOptions, load_corpus
from sentiment.distillation.taught_corpus import make_taught_corpus
from sentiment.distillation.teachers import teachers_of
from sentiment.distillation.texts import Unlabelled, read_texts
from sentiment.errors import InputError, Interrupted
from sentiment.execution.long_work import shown_by
from sentiment.execution.signals import Signals
from sentiment.recipe.distillation import Distillation
from sentiment.recipe.recipe import Recipe
from sentiment.recipe.variants import find_config
from sentiment.storage.run_directory import RunDirectory
from sentiment.storage.runs import find_run
from sentiment.training.loop.progress import Progress
from sentiment.training.train import read_settings, train


def distil(
    teachers: Sequence[str],
    student: str | Path,
    bindings: Sequence[str] = (),
    directory: str | Path | None = None,
    progress: Progress | None = None,
    answered: Callable[[int, int], None] = lambda done, n_answers: None,
) -> RunDirectory:
    """Has finished runs label texts, trains a config on their answers, and returns the finished run.

    What is labelled, and how, `Distillation` of the config and the bindings says. Killed at any time and called again
    with the same arguments, it goes on where it was, and ends with the same bits.

    Args:
        teachers: folders of runs, or names of variants, whose newest runs in runs/ are taken; their probabilities are
            averaged.
        student: path of a gin file, or the name of one that comes along.
        bindings: gin lines that override it, such as `Distillation.temperature = 2.0`.
        directory: where the run goes; by default the next number under runs/.
        progress: shows every step of the training.
        answered: is called with (how many answers there are, how many there will be).

    Raises:
        InputError: a teacher, the config, the texts or the directory can't be used, or they don't fit together.
        Interrupted: Ctrl-C or SIGTERM came.
        OSError: the cache or the run can't be written.
    """
    progress = progress or Progress()
    settings = read_settings(find_config(str(student)), bindings)
    wanted = _wanted(settings)
    known = teachers_of([find_run(each) for each in teachers])
    for teacher in known:
        progress.info(f"teacher     {teacher.run.path}: {', '.join(teacher.label_names)}")
    seed = settings.get("load_corpus", "seed") or 0
    with shown_by(progress.info), Signals() as signals:

        def asked(done: int, n_answers: int) -> None:
            answered(done, n_answers)
            if signals.received is not None:
                told = f"stopped after {done:,} of {n_answers:,} answers, all kept; the same command goes on from there"
                raise Interrupted(told, signals.received)

        labelled = _labelled(settings, wanted.labelled, seed)
        sources = _sources(settings, wanted.texts, labelled is not None)
        corpus = make_taught_corpus(known, sources, labelled, wanted, seed, asked)
    return train(student, [*bindings, "load_corpus.source = None"], directory, progress, corpus)


def _wanted(settings: Config) -> Distillation:
    recipe: Recipe = settings.make("Recipe")
    if not recipe.is_classifier or recipe.several:
        raise InputError(
            f"{settings.path}: gives texts no label, or several: name a classifier's config with --student"
        )
    wanted: Distillation = settings.make("Distillation")
    if not wanted.texts:
        raise InputError(f"{settings.path}: names no texts to label: name a file or a known corpus with --texts")
    return wanted


def _labelled(settings: Config, source: str | None, seed: int) -> Corpus | None:
    if source is None:
        return None
    if source in KNOWN_CORPORA:  # whatever else there is to say is of the files of texts
        return load_corpus(source, seed=seed)
    settings.bind("load_corpus", "source", source)
    corpus: Corpus = settings.make("load_corpus")
    return corpus


def _sources(settings: Config, sources: Sequence[str], beside_labelled: bool) -> list[Unlabelled]:
    options: CorpusOptions = settings.make("CorpusOptions")
    if beside_labelled:
        options = replace(options, split_column=None)  # of the labelled file
    text = settings.get("load_corpus", "text_column")
    return [read_texts(source, text, options) for source in dict.fromkeys(sources)]
