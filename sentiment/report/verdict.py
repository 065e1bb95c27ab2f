"""A run's figures in plain words: what to think of it."""

from typing import NamedTuple

from sentiment.evaluation.baselines import MAJORITY
from sentiment.evaluation.scoreboard import MODEL
from sentiment.report.facts import Facts

SIGNIFICANT = 0.05
_RESTS_ON_EMOTICONS = 0.05
_WELL_CALIBRATED = 0.03
_WEAK_CAPABILITY = 0.8


class Remark(NamedTuple):
    """A sentence; `kind` is "good", "mind" or "warning". Numbers in it are pointers in braces, "{/a/b:.1%}"."""

    kind: str
    sentence: str


def remarks(facts: Facts) -> list[Remark]:
    """Returns what is to be said of a run, the most important first."""
    told = [_accuracy(facts), *_beside_baselines(facts), *_emoticons(facts)]
    if facts.leak_verdict:
        told.insert(
            1,
            Remark(
                "warning",
                f"The labels are weak: {_quoted_leak(facts)} A score on such labels says little about language.",
            ),
        )
    return [*told, _probabilities(facts), *_capabilities(facts), *(Remark("mind", note) for note in _notes(facts))]


def _accuracy(facts: Facts) -> Remark:
    low, high = "/figures/metrics/accuracy/interval/0", "/figures/metrics/accuracy/interval/1"
    return Remark(
        "good" if not facts.leak_verdict else "mind",
        f"Right on {{/figures/metrics/accuracy/value:.1%}} of {{/figures/n_texts:,}} texts "
        f"({{{low}:.1%}} to {{{high}:.1%}} with 95% confidence).",
    )


def _beside_baselines(facts: Facts) -> list[Remark]:
    systems = facts.value("/figures/systems")
    others = [name for name in systems if name not in (MODEL, MAJORITY)]
    told = []
    for name in sorted(others, key=lambda name: -systems[name]["accuracy"]["value"]):
        at = f"/figures/systems/{name}"
        lead, unsure = facts.value(f"{at}/model_minus_this/accuracy/value"), facts.value(f"{at}/p_value") >= SIGNIFICANT
        kind, word = (
            ("mind", "No different from")
            if unsure
            else ("good", "Better than")
            if lead > 0
            else ("warning", "Worse than")
        )
        told.append(
            Remark(
                kind,
                f"{word} {name}, which gets {{{at}/accuracy/value:.1%}} of the same texts (p = {{{at}/p_value:.2g}}).",
            )
        )
    return told


def _emoticons(facts: Facts) -> list[Remark]:
    at = f"/figures/systems/{MODEL}"
    lost = facts.value(f"{at}/accuracy/value") - facts.value(f"{at}/stripped_accuracy/value")
    if lost < _RESTS_ON_EMOTICONS:
        return []
    return [
        Remark("warning", f"It leans on emoticons: without them it is right on {{{at}/stripped_accuracy/value:.1%}}.")
    ]


def _probabilities(facts: Facts) -> Remark:
    at = "/figures/calibration"
    error = (
        f"on average they are off by {{{at}/ece_held_out:.1%}}; on as many texts the very truth would seem off by "
        f"{{{at}/ece_by_chance:.1%}}"
    )
    if facts.value(f"{at}/ece_held_out") <= max(_WELL_CALIBRATED, 1.25 * facts.value(f"{at}/ece_by_chance")):
        return Remark("good", f"Its probabilities can be taken at their word: {error}.")
    return Remark("mind", f"Its probabilities are not to be taken at their word: {error}.")


def _capabilities(facts: Facts) -> list[Remark]:
    weak = [name for name, row in facts.value("/behaviour").items() if row["rate"] < _WEAK_CAPABILITY]
    if not weak:
        return [Remark("good", "It passes most checks of every capability.")]
    listed = ", ".join(f"{name} ({{/behaviour/{name}/passed:d}} of {{/behaviour/{name}/checks:d}})" for name in weak)
    return [Remark("mind", f"Written checks that it often fails: {listed}.")]


def _quoted_leak(facts: Facts) -> str:
    rule = facts.value("/leaks/together")
    tokens, label, otherwise = map(_plain, (" or ".join(rule["tokens"]), rule["label"], rule["otherwise"]))
    return (
        f"whether a text has {tokens} alone gets {{/leaks/together/accuracy:.1%}} of {{/leaks/n_texts:,}} held-out "
        f"texts of {_plain(facts.value('/leaks/corpus'))} right ({label} with, {otherwise} without)."
    )


def _plain(text: str) -> str:
    # What comes from a corpus must not be taken for a number's place.
    return text.replace("{", "(").replace("}", ")")


def _notes(facts: Facts) -> list[str]:
    return [_plain(f"{note[0].upper()}{note[1:]}.") for note in facts.value("/figures/notes")]
