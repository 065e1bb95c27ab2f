"""A run's figures in plain words: what to think of it."""

from typing import NamedTuple

from sentiment.evaluation.baselines import MAJORITY
from sentiment.evaluation.multilabel.baselines import FREQUENT
from sentiment.evaluation.words import MODEL
from sentiment.report.facts import Facts, pointer

SIGNIFICANT = 0.05
_RESTS_ON_EMOTICONS = 0.05
_WELL_CALIBRATED = 0.03
_TOO_FEW_TEXTS = 0.1  # ECE by chance alone, from which on a good one says nothing
_WEAK_CAPABILITY = 0.8
_FAILED_CAPABILITY = 0.5
_ABSTENTION = (("asked", ".1%"), ("n_nothing", "d"), ("nothing", ".1%"))


class Number(NamedTuple):
    """A number of `Facts.numbers`: its JSON pointer, and how it is formatted."""

    place: str
    form: str


class Quoted(NamedTuple):
    """What a corpus or a user wrote, or a note about it: digits in it are no numbers of ours."""

    text: str


class Remark(NamedTuple):
    """A sentence, in pieces; `kind` is "good", "mind" or "warning"."""

    kind: str
    pieces: tuple[str | Number | Quoted, ...]


def remarks(facts: Facts) -> list[Remark]:
    """Returns what is to be said of a run, the most important first."""
    found = [_macro_f1(facts)] if facts.several else [_accuracy(facts)]
    found += [*_beside_baselines(facts), *_emoticons(facts)]
    if facts.leak_verdict:
        found.insert(1, _weak_labels(facts))
    return [*found, _capabilities(facts), _probabilities(facts), *_abstention(facts), *_notes(facts)]


def _accuracy(facts: Facts) -> Remark:
    low, high = (Number(f"/figures/metrics/accuracy/interval/{end}", ".1%") for end in (0, 1))
    value, n_texts = Number("/figures/metrics/accuracy/value", ".1%"), Number("/figures/n_texts", ",")
    pieces = ("Right on ", value, " of ", n_texts, " texts (", low, " to ", high, " with 95% confidence).")
    return Remark("mind" if facts.leak_verdict else "good", pieces)


def _macro_f1(facts: Facts) -> Remark:
    at, right = "/figures/metrics/macro_f1", Number("/figures/metrics/subset_accuracy/value", ".1%")
    spread: tuple[str | Number | Quoted, ...] = ()
    if "interval" in facts.value(at):
        spread = (" (", Number(f"{at}/interval/0", ".4f"), " to ", Number(f"{at}/interval/1", ".4f"), ")")
    pieces = ("Macro-F1 is ", Number(f"{at}/value", ".4f"), *spread, "; ", right, " of ")
    pieces += (Number("/figures/n_texts", ","), " texts have exactly their labels.")
    if facts.value("/figures/calibration/fitted_here"):
        held_out = Number("/figures/calibration/macro_f1_held_out", ".4f")
        pieces += (" With thresholds chosen on other texts of the split macro-F1 is ", held_out, ".")
    return Remark("mind" if facts.leak_verdict else "good", pieces)


def _weak_labels(facts: Facts) -> Remark:
    rule = facts.value("/leaks/together")
    return Remark(
        "warning",
        (
            "The labels are weak: whether a text has ",
            Quoted(" or ".join(rule["tokens"])),
            " alone gets ",
            Number("/leaks/together/accuracy", ".1%"),
            " of ",
            Number("/leaks/n_texts", ","),
            " held-out texts of ",
            Quoted(facts.value("/leaks/corpus")),
            " right (",
            Quoted(rule["label"]),
            " with, ",
            Quoted(rule["otherwise"]),
            " without). A score on such labels says little about language.",
        ),
    )


def _beside_baselines(facts: Facts) -> list[Remark]:
    systems = facts.value("/figures/systems")
    others = [name for name in systems if name not in (MODEL, MAJORITY, FREQUENT)]
    if facts.several:
        return [_beside_in_f1(facts, name) for name in others]
    return [_beside(facts, name) for name in sorted(others, key=lambda name: -systems[name]["accuracy"]["value"])]


def _beside(facts: Facts, name: str) -> Remark:
    at = pointer("figures", "systems", name)
    lead, unsure = facts.value(f"{at}/model_minus_this/accuracy/value"), facts.value(f"{at}/p_value") >= SIGNIFICANT
    if unsure:
        kind, word = "mind", "No different from"
    else:
        kind, word = ("good", "Better than") if lead > 0 else ("warning", "Worse than")
    accuracy, p_value = Number(f"{at}/accuracy/value", ".1%"), Number(f"{at}/p_value", ".2g")
    return Remark(kind, (f"{word} {name}, which gets ", accuracy, " of the same texts (p = ", p_value, ")."))


def _beside_in_f1(facts: Facts, name: str) -> Remark:
    at = pointer("figures", "systems", name)
    low, high = facts.value(f"{at}/model_minus_this/macro_f1/interval")
    word = "good" if low > 0 else "warning" if high < 0 else "mind"
    begin = {"good": "Better than", "warning": "Worse than", "mind": "No different from"}[word]
    lead = [Number(f"{at}/model_minus_this/macro_f1/{end}", "+.4f") for end in ("interval/0", "interval/1")]
    pieces = (f"{begin} {name}, whose macro-F1 is ", Number(f"{at}/macro_f1/value", ".4f"), " on the same texts (lead ")
    return Remark(word, (*pieces, lead[0], " to ", lead[1], ")."))


def _emoticons(facts: Facts) -> list[Remark]:
    if facts.several:  # no labels of a text's sentiment alone, so nothing that emoticons would give away
        return []
    at = pointer("figures", "systems", MODEL)
    lost = facts.value(f"{at}/accuracy/value") - facts.value(f"{at}/stripped_accuracy/value")
    if lost < _RESTS_ON_EMOTICONS:
        return []
    stripped = Number(f"{at}/stripped_accuracy/value", ".1%")
    return [Remark("warning", ("It leans on emoticons: without them it is right on ", stripped, "."))]


def _probabilities(facts: Facts) -> Remark:
    error, by_chance = "/figures/calibration/ece_held_out", "/figures/calibration/ece_by_chance"
    sound = facts.value(error) <= max(_WELL_CALIBRATED, 1.25 * facts.value(by_chance))
    if not sound:
        kind, says = "mind", "Don't take its probabilities at their word"
    elif facts.value(by_chance) > _TOO_FEW_TEXTS:
        kind, says = "mind", "Too few texts to tell whether its probabilities can be taken at their word"
    else:
        kind, says = "good", "Its probabilities can be taken at their word"
    return Remark(
        kind,
        (
            says,
            ": on average they are off by ",
            Number(error, ".1%"),
            "; on as many texts true probabilities would seem off by ",
            Number(by_chance, ".1%"),
            ".",
        ),
    )


def _abstention(facts: Facts) -> list[Remark]:
    if not facts.value("/abstention"):
        return []
    asked, count, share = (Number(f"/abstention/{key}", form) for key, form in _ABSTENTION)
    pieces = ("It abstains from ", asked, " of the texts for having nothing in them to judge, and from ", share, " of ")
    return [Remark("mind", (*pieces, count, " sentences written to have nothing, in English and other languages."))]


def _capabilities(facts: Facts) -> Remark:
    """Returns what the written checks show, the capability that fails most often first, with a sentence of it."""
    rates = {name: row["rate"] for name, row in facts.value("/behaviour").items()}
    failing = sorted((name for name in rates if rates[name] < 1), key=lambda name: rates[name])
    if not failing:
        return Remark("good", ("It passes every written check.",))
    worst, *others = failing
    weak = [name for name in others if rates[name] < _WEAK_CAPABILITY]
    kind = "good" if rates[worst] >= _WEAK_CAPABILITY else "mind" if rates[worst] >= _FAILED_CAPABILITY else "warning"
    pieces: list[str | Number | Quoted] = ["Of the written checks it fails most often at ", *_passed(worst)]
    pieces += [", for example “", Quoted("” → “".join(facts.failed[worst][0])), "”."]
    for name in weak:
        pieces += [" Often also at " if name == weak[0] else ", ", *_passed(name), "." if name == weak[-1] else ""]
    return Remark(kind, tuple(pieces))


def _passed(name: str) -> tuple[str | Number | Quoted, ...]:
    passed, checks = (Number(pointer("behaviour", name, key), "d") for key in ("passed", "checks"))
    return f"“{name}” (passes ", passed, " of ", checks, ")"


def _notes(facts: Facts) -> list[Remark]:
    return [Remark("mind", (Quoted(f"{note[0].upper()}{note[1:]}."),)) for note in facts.value("/figures/notes")]
