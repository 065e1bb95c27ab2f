"""The layout of a trained model on disk: the one place that knows file names.

RUN/
  config.gin            every setting, defaults included: the run can be repeated from this file alone
  model.json            format version, labels, preprocessing, features, corpus with its provenance and fingerprint
  vocabulary.txt        one token a line, its number is its id
  tokenizer.json        a pretrained transformer's, where there is one
  weights.safetensors   the trained weights
  model.onnx            a classifier's eval function, weights included
  model.pooling.onnx    what it does with a text's tokens, for many texts at a time; of models of convolutions
  model.int8.onnx       a classifier's eval function with weights of 8 bits
  calibration.json      a classifier's temperature, prior shift, and thresholds for wanted precisions
  metrics.json          what the last evaluation measured, and how long training took
  manifest.json         SHA-256 of all the above; written last: a run that has it is finished
  training/             checkpoints, and TensorBoard events in train/ and eval/; corpus.parquet, what it was trained
                        on, where a program gave that
  .lock                 locked as long as a training uses the run
  bad_rows.csv          lines of the corpus's files that can't be used, with the reason; not their texts
  evaluation/           for each corpus and split evaluated on, what was predicted and the figures

Prediction reads model.json, vocabulary.txt or tokenizer.json, calibration.json and .onnx files, with the manifest.
"""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from sentiment.errors import InputError
from sentiment.storage.files import locked_folder, write_whole
from sentiment.storage.manifest import Manifest, as_json, to_json
from sentiment.storage.schemas import check_metrics, check_model, does_task

FORMAT = 2

_Contents = tuple[str, dict[str, Any], bytes]  # of config.gin, model.json and vocabulary.txt

_TASKS = {"classify": "classify texts", "multilabel": "give texts any number of labels"}
_TASKS |= {"next_token": "predict the next token (scripts/generate.py samples from it)"}


class EvaluationFiles(NamedTuple):
    """Where an evaluation is saved. Not in the manifest: a run is the same whatever it was evaluated on."""

    predictions: Path
    figures: Path


@dataclass(frozen=True)
class RunDirectory:
    """Names the files of one run and vouches for them."""

    path: Path

    @classmethod
    def of_config(cls, config: Path) -> "RunDirectory | None":
        """Returns the run, finished or not, whose config this file is; None: it is no run's."""
        run = cls(config.parent)
        return run if config.name == run.config.name and run.model.exists() else None

    @property
    def config(self) -> Path:
        """The operative gin config."""
        return self.path / "config.gin"

    @property
    def model(self) -> Path:
        """What a predictor needs to know besides vocabulary and weights."""
        return self.path / "model.json"

    @property
    def vocabulary(self) -> Path:
        """The vocabulary."""
        return self.path / "vocabulary.txt"

    @property
    def tokenizer(self) -> Path:
        """The tokenizer of a pretrained transformer."""
        return self.path / "tokenizer.json"

    @property
    def weights(self) -> Path:
        """The trained weights."""
        return self.path / "weights.safetensors"

    @property
    def onnx(self) -> Path:
        """A classifier as an ONNX model."""
        return self.path / "model.onnx"

    @property
    def onnx_pooling(self) -> Path:
        """Its second step, which answers for many texts (`prediction.by_token`)."""
        return self.path / "model.pooling.onnx"

    @property
    def onnx_int8(self) -> Path:
        """A classifier as an ONNX model with weights of 8 bits."""
        return self.path / "model.int8.onnx"

    @property
    def calibration(self) -> Path:
        """Temperature and thresholds."""
        return self.path / "calibration.json"

    @property
    def metrics(self) -> Path:
        """The last evaluation."""
        return self.path / "metrics.json"

    @property
    def training(self) -> Path:
        """The folder of checkpoints and TensorBoard events."""
        return self.path / "training"

    @property
    def kept_corpus(self) -> Path:
        """The corpus that it was trained on, if a program gave it: no file and no name leads to that."""
        return self.training / "corpus.parquet"

    @property
    def bad_rows(self) -> Path:
        """The rows of the corpus's files that were left out, or contradict each other; where there are any."""
        return self.path / "bad_rows.csv"

    def evaluation(self, corpus: str, split: str) -> EvaluationFiles:
        """The files of the evaluation on a corpus's split; what can't be in a file's name becomes _."""
        folder = self.path / "evaluation" / re.sub(r"[^\w.-]+", "_", f"{corpus}-{split}")
        return EvaluationFiles(folder / "predictions.jsonl", folder / "figures.json")

    @property
    def finished(self) -> bool:
        """Whether training came to its end."""
        return self.manifest.is_file()

    @property
    def _files(self) -> tuple[Path, ...]:
        return (self.config, self.model, self.vocabulary, self.weights, self.metrics)

    @property
    def _optional_files(self) -> tuple[Path, ...]:
        return (self.tokenizer, self.onnx, self.onnx_pooling, self.onnx_int8, self.calibration)

    def read_by_prediction(self, int8: bool = False) -> tuple[Path, ...]:
        """Returns the files that prediction reads. Raises InputError as `sha256` does."""
        models = [self.onnx_int8] if int8 else [self.onnx, self.onnx_pooling]
        perhaps = (self.tokenizer, self.onnx_pooling, self.calibration)
        files = (self.model, self.vocabulary, self.tokenizer, *models, self.calibration)
        return tuple(file for file in files if file not in perhaps or file.name in self.sha256)

    @property
    def manifest(self) -> Path:
        """What vouches for the files: the SHA-256 of each."""
        return self.path / "manifest.json"

    def begin(self, config: str, model: dict[str, Any], vocabulary: bytes) -> bool:
        """Writes what is known before training; returns whether an earlier, unfinished run is being resumed.

        Raises:
            InputError: the folder holds something else: a finished run, one of other settings, other files.
        """
        files = self._begun(config, model, vocabulary)
        if self._check_fits(files):
            for left_over in self.path.rglob(".*.part"):  # by `kill -9`
                left_over.unlink()
            return True
        for file, data in files.items():
            write_whole(file, data)
        self.training.mkdir()  # last: the files above are whole then
        return False

    @contextlib.contextmanager
    def claimed(self, config: str, model: dict[str, Any], vocabulary: bytes) -> Iterator[bool]:
        """Begins or resumes the run, which no other training can do as long as the block runs; yields as `begin` does.

        Raises:
            InputError: another training is running here, or the folder holds something else.
        """
        self._check_fits(self._begun(config, model, vocabulary))  # before a lock is put into a folder of other things
        with locked_folder(self.path, "another training is running here; name another folder"):
            yield self.begin(config, model, vocabulary)

    def _check_fits(self, files: dict[Path, bytes]) -> bool:
        # Tells whether there is something to resume.
        if self.finished:
            raise InputError(f"{self.path}: holds a finished run; name another folder")
        if self.training.exists():
            for file, data in files.items():
                if file.read_bytes() != data:
                    raise InputError(f"{file}: the unfinished run here has other settings or data; name another folder")
            return True
        names = {file.name for file in (*files, self.path / ".lock")}
        there = self.path.iterdir() if self.path.exists() else ()
        if any(path.name not in names and path.suffix != ".part" for path in there):  # .part: left by `kill -9`
            raise InputError(f"{self.path}: not empty and not a run; name another folder")
        return False

    def resumable(self, config: str, model: dict[str, Any], vocabulary: bytes) -> bool:
        """Tells whether an unfinished run with these settings and data is here."""
        files = self._begun(config, model, vocabulary)
        begun = not self.finished and self.training.exists()
        return begun and all(file.is_file() and file.read_bytes() == data for file, data in files.items())

    def _begun(self, config: str, model: dict[str, Any], vocabulary: bytes) -> dict[Path, bytes]:
        facts = to_json(model | {"format": FORMAT})
        return {self.config: config.encode(), self.model: facts.encode(), self.vocabulary: vocabulary}

    def finish(self, metrics: dict[str, Any]) -> None:
        """Writes the metrics and then the manifest, once the weights and what else there is are there."""
        write_whole(self.metrics, to_json(metrics))
        files = (*self._files, *(file for file in self._optional_files if file.is_file()))
        Manifest.of(self.manifest, files).save(FORMAT)

    def verify(self) -> None:
        """Checks every file against the manifest.

        Raises:
            InputError: no run, an unfinished one, one of another format, a missing or altered file.
        """
        self._vouched().verify([file.name for file in self._files])

    def read(self, file: Path) -> bytes:
        """Returns the bytes of one file, once they are checked against the manifest; other files needn't be there.

        Raises:
            InputError: as `verify` does.
        """
        return self._vouched().read(file.name)

    @property
    def sha256(self) -> dict[str, str]:
        """File name -> SHA-256 of what belongs to the finished run. Raises InputError as `verify` does for the run."""
        return self._vouched().sha256

    def facts(self, task: str | None = "classify") -> dict[str, Any]:
        """Returns what model.json holds, which `schemas.check_model` vouches for.

        Raises:
            InputError: as `verify` does, model.json holds something else, or the run was trained for another task than
                this; "classify" takes "multilabel" in, None all.
        """
        facts = as_json(self.read(self.model), self.model)
        check_model(facts, self.model)
        if task is not None and not does_task(facts["task"], task):
            raise InputError(f"{self.path}: trained to {_TASKS[facts['task']]}; name a run trained to {_TASKS[task]}")
        return facts

    def measured(self) -> dict[str, Any]:
        """Returns what metrics.json holds. Raises InputError as `verify` does, or where it holds something else."""
        metrics = as_json(self.read(self.metrics), self.metrics)
        check_metrics(metrics, self.metrics)
        return metrics

    def _vouched(self) -> Manifest:
        if not self.path.is_dir():
            raise InputError(f"{self.path}: no such run; `make train` makes one")
        if not self.finished:
            raise InputError(f"{self.path}: not a finished run; train again with --run {self.path} to finish it")
        return Manifest.load(self.manifest, FORMAT)
