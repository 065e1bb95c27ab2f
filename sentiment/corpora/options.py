"""What a user may say about their own files; what is left at its default is found out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Literal

from sentiment.corpora.readers import DialectOptions, ReadOptions, columns_in
from sentiment.errors import InputError

BadRows = Literal["report", "stop", "skip"]
Rare = Literal["drop", "merge"]
DEFAULT_SHARES = "80/10/10"


@dataclass(frozen=True, kw_only=True)
class CorpusOptions(DialectOptions):
    """How files become a corpus, besides their dialect.

    Attributes:
        split_column: the column that says which split a row belongs to; None: one called "split", if its cells do.
        validation, test: files of these splits, beside the one that then trains; None: no such file.
        shares: of the splits that we cut, in percent: "90/5/5" for train, validation and test, "90/10" without test.
        bad_rows: what becomes of rows that can't be used. "report": they are left out, unless they are one in a hundred
            or more; "skip": left out, however many; "stop": the first stops everything.
        label_map: label in the file -> label to train on, or "" to leave its rows out.
        min_per_class: how many rows a class must have.
        rare: what becomes of the others: "drop" their rows, or "merge" them into one class, `labels.OTHER`.

    Raises InputError for a value that can't be used.
    """

    split_column: str | None = None
    validation: str | None = None
    test: str | None = None
    shares: str = DEFAULT_SHARES
    bad_rows: BadRows = "report"
    label_map: dict[str, str] = field(default_factory=dict)
    min_per_class: int = 1
    rare: Rare = "drop"

    def __post_init__(self) -> None:
        super().__post_init__()
        self.portions()
        if self.min_per_class < 1:
            raise InputError(f"--min-per-class {self.min_per_class}: give 1 or more")

    def reading(self, text_column: str | Sequence[str] | None = None, label_column: str | None = None) -> ReadOptions:
        """Returns the reader's part."""
        dialect = {each.name: getattr(self, each.name) for each in fields(DialectOptions)}
        return ReadOptions(text=columns_in(text_column), label=label_column, split=self.split_column, **dialect)

    def portions(self) -> dict[str, float]:
        """Returns the shares of "train", "validation" and, unless it gets none, "test"; they sum to 1."""
        if not re.fullmatch(r"\d+(\.\d+)?(/\d+(\.\d+)?){1,2}", self.shares):
            raise InputError(
                f"--shares {self.shares}: write percentages, such as {DEFAULT_SHARES}, or 90/10 for no test"
            )
        train, validation, *test = map(float, self.shares.split("/"))
        total = train + validation + sum(test)
        if min(train, validation) <= 0 or abs(total - 100) > 0.01:
            raise InputError(
                f"--shares {self.shares}: train and validation must be above 0, and all sum to 100, as {DEFAULT_SHARES}"
            )
        named = zip(("train", "validation", "test"), (train, validation, *test), strict=False)
        return {name: share / total for name, share in named if share > 0}
