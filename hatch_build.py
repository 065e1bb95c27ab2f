"""The wheel's dependencies, taken from the requirements files when it is built: nothing is listed twice."""

import re
from pathlib import Path

from hatchling.metadata.plugin.interface import MetadataHookInterface

_PINNED = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[\w.+!-]+) *(?P<marker>;[^\\\n]*)?", re.MULTILINE)


class Requirements(MetadataHookInterface):
    """Fills in `dependencies` and `optional-dependencies`."""

    def update(self, metadata: dict) -> None:
        """Takes what prediction and the service name, pinned, and for training the whole lock.

        But for trax: its own metadata names TensorFlow, which pip would install (README, Install).
        """
        training, service = self._locked("requirements.txt"), self._locked("requirements-serve.txt")
        scale = self._locked("requirements-scale.txt")
        metadata["dependencies"] = self._named("requirements-predict.in", training)
        metadata["optional-dependencies"] = {
            "predict": [],  # predicting needs nothing more: the name is there for who wants to say so
            "serve": self._named("requirements-serve.in", service),
            "scale": self._named("requirements-scale.in", scale),
            "train": [pin for name, pin in training if name != "trax"],
        }

    def _locked(self, file: str) -> list[tuple[str, str]]:
        # A package may be locked twice, for several versions of Python.
        text = (Path(self.root) / file).read_text("utf-8")
        found = [each.groupdict(default="") for each in _PINNED.finditer(text)]
        return [(each["name"], "{name}=={version}{marker}".format(**each).strip()) for each in found]

    def _named(self, file: str, locked: list[tuple[str, str]]) -> list[str]:
        lines = (Path(self.root) / file).read_text("utf-8").splitlines()
        names = {re.split("[=<>]", line)[0].strip().lower() for line in lines if re.match(r"\w", line)}
        return [pin for name, pin in locked if name in names]
