"""Facts -> a model card (Mitchell et al. 2019) in Markdown."""

import html

from sentiment.evaluation.summary import WORDS
from sentiment.report.facts import Facts, pointer
from sentiment.report.page import with_numbers
from sentiment.report.verdict import remarks


def render(facts: Facts) -> str:
    """Returns the card."""
    labels = ", ".join(facts.value("/figures/label_names"))
    told = [f"- {html.unescape(with_numbers(sentence, facts.text))}" for _, sentence in remarks(facts)]
    weak = ["", f"> **Weak labels.** {facts.leak_verdict}. Don't take its accuracy for knowledge of language."]
    rows = [
        f"| {WORDS[name]} | {_metric(facts, f'/figures/metrics/{name}')} |" for name in facts.value("/figures/metrics")
    ]
    others = [
        f"| {name} | {_metric(facts, f'/figures/systems/{name}/accuracy')} | "
        f"{_metric(facts, f'/figures/systems/{name}/stripped_accuracy')} |"
        for name in facts.value("/figures/systems")
    ]
    checks = [
        f"| {name} | {facts.text(pointer('behaviour', name, 'passed'), 'd')} of "
        f"{facts.text(pointer('behaviour', name, 'checks'), 'd')} |"
        for name in facts.value("/behaviour")
    ]
    source = [f"- {name}: {value}" for name, value in facts.provenance]
    corpus, split = facts.value("/figures/corpus"), facts.value("/figures/split")
    where = f"{corpus}, {split}, {facts.text('/figures/n_texts', ',')} texts"
    parts = [
        [f"# {facts.run}", *(weak if facts.leak_verdict else [])],
        ["## In short", *told],
        ["## What it is", f"A classifier of short texts into {labels}, with {facts.text('/weights', ',')} weights."],
        ["## What it is for", _INTENDED],
        [f"## Measured on {where}", "| metric | value (95% interval) |", "|---|---|", *rows],
        ["## Beside simpler ways", "| on the same texts | accuracy | without emoticons |", "|---|---|---|", *others],
        ["## Behavioural checks", "| capability | passed |", "|---|---|", *checks],
        ["## Data", *source],
    ]
    return "\n\n".join(_joined(part) for part in parts) + "\n"


_INTENDED = (
    "Texts like those that it was trained on, in English, taken together: trends, sorting, a first look. Not for "
    "decisions about single persons. Irony, other languages and other kinds of text are not measured here."
)


def _joined(part: list[str]) -> str:
    head, *lines = part
    return f"{head}\n\n" + "\n".join(line for line in lines if line) if any(lines) else head


def _metric(facts: Facts, place: str) -> str:
    shown = facts.text(f"{place}/value")
    if "interval" not in facts.value(place):
        return shown
    return f"{shown} ({facts.text(f'{place}/interval/0')} to {facts.text(f'{place}/interval/1')})"
