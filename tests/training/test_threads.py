"""Trainings in two threads of one program: each ends with the bits of one that was alone."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from paths import FIXTURES, ROOT

from sentiment.training.loop.progress import Progress
from sentiment.training.train import train

MOODS = [f"load_corpus.source = '{FIXTURES / 'moods.csv'}'", "load_corpus.label_column = 'mood'"]
SETTINGS = {
    "mean": ["mean_classifier.d_embedding = 8", "Recipe.steps = 12", "Recipe.seed = 1", "Vocabulary.max_size = 60"],
    "cnn": ["cnn_classifier.filters = 4", "Recipe.steps = 9", "Recipe.seed = 2", "Preprocessor.stem = False"],
}


class _Together(Progress):
    """Makes each training wait for the other before its first step."""

    def __init__(self, barrier: Barrier):
        super().__init__()
        self._barrier = barrier

    def started(self, step: int, steps: int) -> None:
        self._barrier.wait(timeout=300)


def _digests(run) -> dict[str, str]:
    names = ("config.gin", "model.json", "vocabulary.txt", "weights.safetensors", "model.onnx", "calibration.json")
    return {name: hashlib.sha256((run.path / name).read_bytes()).hexdigest() for name in names}


def test_two_trainings_in_two_threads_equal_those_alone(tmp_path):
    def trained(name, folder, progress=None):
        return _digests(train(ROOT / "configs" / f"{name}.gin", MOODS + SETTINGS[name], tmp_path / folder, progress))

    alone = [trained(name, f"{name}-alone") for name in SETTINGS]
    barrier = Barrier(2)
    with ThreadPoolExecutor(2) as threads:
        begun = [threads.submit(trained, name, f"{name}-together", _Together(barrier)) for name in SETTINGS]
        assert [each.result() for each in begun] == alone
