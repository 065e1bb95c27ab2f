"""What makes a classifier's probabilities believable, and when it should rather keep silent."""

from dataclasses import dataclass

from sentiment.manifest import as_json
from sentiment.run_directory import RunDirectory


@dataclass(frozen=True)
class Calibration:
    """As a run directory's calibration.json has it.

    Attributes:
        temperature: log-probabilities are divided by it before they are normalised (Guo et al. 2017).
        threshold: a label of a lower probability is given with `abstained`.
    """

    temperature: float = 1.0
    threshold: float = 0.0

    @classmethod
    def of(cls, run: RunDirectory) -> "Calibration":
        """Reads a run's calibration; a run without one has the defaults. Raises InputError as `RunDirectory.read`."""
        if not run.has(run.calibration):
            return cls()
        facts = as_json(run.read(run.calibration), run.calibration)
        return cls(float(facts.get("temperature", 1.0)), float(facts.get("threshold", 0.0)))
