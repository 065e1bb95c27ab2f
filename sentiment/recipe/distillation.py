"""What a config says of a distillation, besides how its student is trained."""

from dataclasses import dataclass

from sentiment.config import SettingError


@dataclass(frozen=True, kw_only=True)
class Distillation:
    """What teachers label, and what a student takes of their answers.

    Attributes:
        texts: the sources whose texts the teachers label: files, folders or known corpora, whose training texts count.
        labelled: the corpus, as `load_corpus.source` names one, whose labelled rows are learned beside them and
            validate; None: the teachers' labels do.
        temperature: of the teachers' probabilities (Hinton et al. 2015): above 1 they are drawn towards each other,
            below 1 apart; 0 leaves the most probable class alone (hard labels).
        confidence: texts whose most probable class has less than this are left out of training.
    """

    texts: tuple[str, ...] = ()
    labelled: str | None = None
    temperature: float = 1.0
    confidence: float = 0.0

    def __post_init__(self):
        if not 0 <= self.temperature <= 100:
            raise SettingError(f"Distillation.temperature = {self.temperature}: must be 0 (hard labels) to 100")
        if not 0 <= self.confidence < 1:
            raise SettingError(f"Distillation.confidence = {self.confidence}: must be 0 or more, and less than 1")
