"""Facts -> one self-contained HTML page: no script, no network, nothing but the file."""

import re
from html import escape
from importlib import resources

from sentiment.report import sections
from sentiment.report.facts import Facts, Mistake, pointer
from sentiment.report.verdict import remarks

_NUMBER = re.compile(r"\{(/[^{}]*?)(?::([^{}:]*))?\}")
_WORDS = {"good": "Good", "mind": "Mind", "warning": "Warning"}
_STRONGEST = 0.55  # how opaque the colour behind the most important token is


def render(facts: Facts) -> str:
    """Returns the page. Every number in it is an element that names its place in `Facts.numbers`."""
    style = (resources.files("sentiment") / "data" / "report.css").read_text("utf-8")
    title = f"{facts.run}: {facts.value('/figures/corpus')}, {facts.value('/figures/split')}"
    parts = (
        _verdict(facts),
        sections.measured(facts),
        sections.confusion(facts),
        sections.probabilities(facts),
        sections.thresholds(facts),
        sections.slices(facts),
        _leaks(facts),
        _behaviour(facts),
        _mistakes(facts),
        sections.curves(facts),
        _provenance(facts),
    )
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>\n{style}</style></head><body><main>\n" + "\n".join(parts) + "\n</main></body></html>\n"
    )


def with_numbers(sentence: str, show) -> str:
    """Returns a remark's sentence with its pointers replaced by what `show(pointer, form)` gives, the rest escaped."""
    pieces, end = [], 0
    for match in _NUMBER.finditer(sentence):
        pieces += [escape(sentence[end : match.start()]), show(match[1], match[2] or "")]
        end = match.end()
    return "".join([*pieces, escape(sentence[end:])])


def _verdict(facts: Facts) -> str:
    told = "".join(
        f'<li class="{kind}"><b>{_WORDS[kind]}</b><span>{with_numbers(sentence, facts.html)}</span></li>'
        for kind, sentence in remarks(facts)
    )
    corpus, split = (escape(facts.value(f"/figures/{key}")) for key in ("corpus", "split"))
    about = f"evaluated on {corpus}, {split}: {facts.html('/figures/n_texts', ',')} texts"
    return (
        f'<header><h1 class="verbatim">{escape(facts.run)}</h1><p class="soft">A classifier with '
        f'{facts.html("/weights", ",")} weights, {about}.</p></header><ul class="verdict">{told}</ul>'
    )


def _leaks(facts: Facts) -> str:
    head = "<h2>Leak audit: what single tokens give away</h2>"
    if facts.value("/leaks") is None:
        return f"{head}<p>The corpus is too small to tell.</p>"
    rows = [
        [sections.verbatim(" or ".join(rule["tokens"])), sections.verbatim(rule["label"]),
         *(facts.html(f"{at}/{key}", ".1%") for key in ("accuracy", "coverage"))]
        for at, rule in [("/leaks/together", facts.value("/leaks/together"))]
        + [(f"/leaks/alone/{n}", rule) for n, rule in enumerate(facts.value("/leaks/alone"))]
    ]  # fmt: skip
    told = (
        "Whoever answers by these tokens alone, found in the training split, gets so many held-out texts of "
        f"{sections.verbatim(facts.value('/leaks/corpus'))} right; the majority class gets "
        f"{facts.html('/leaks/majority', '.1%')}."
    )
    return f"{head}<p>{told}</p>{sections.table(['a text with', 'is called', 'right', 'in so many texts'], rows)}"


def _behaviour(facts: Facts) -> str:
    rows = []
    for name, row in facts.value("/behaviour").items():
        passed, checks = (facts.html(pointer("behaviour", name, key), "d") for key in ("passed", "checks"))
        bar = f'<meter min="0" max="{row["checks"]}" value="{row["passed"]}" aria-label="{escape(name)}"></meter>'
        failed = "<br>".join(" → ".join(map(escape, texts[:2])) for texts in facts.failed[name][:2])
        rate = facts.html(pointer("behaviour", name, "rate"), ".0%")
        shown = f'<span class="verbatim soft">{failed}</span>'
        rows.append([escape(name), f"{bar} {rate}", f"{passed} of {checks}", shown])
    told = "Sentences written to try one thing each (after CheckList, Ribeiro et al.)."
    table = sections.table(["capability", "passed", "", "failed, for example"], rows)
    return f'<h2>Behavioural checks</h2><p>{told}</p><div class="behaviour">{table}</div>'


def _mistakes(facts: Facts) -> str:
    told = "".join(_mistake(facts, number, mistake) for number, mistake in enumerate(facts.mistakes))
    explained = (
        "The wrong answers it was surest of. Behind each word, what it did: "
        '<mark style="--weight:.35">spoke for the answer</mark>, '
        '<mark class="against" style="--weight:.35">spoke against it</mark>, '
        '<mark class="unknown">unknown to the model</mark>.'
    )
    return f'<h2>Worst errors</h2><p>{explained}</p><ol class="mistakes">{told}</ol>'


def _mistake(facts: Facts, number: int, mistake: Mistake) -> str:
    answer = f"{escape(mistake.label)} with {facts.html(f'/worst/{number}', '.1%')}, but {escape(mistake.truth)}"
    return f'<li><p class="text verbatim">{_coloured(mistake)}</p><p class="soft">{answer}</p></li>'


def _coloured(mistake: Mistake) -> str:
    strongest = max((abs(each.score) for each in mistake.attributions), default=0) or 1
    pieces, end = [], 0
    for each in mistake.attributions:
        if each.span is None or each.span[0] < end:
            continue
        pieces.append(escape(mistake.text[end : each.span[0]]))
        kind = "unknown" if not each.known else "against" if each.score < 0 else "for"
        weight = _STRONGEST * abs(each.score) / strongest
        word = escape(mistake.text[slice(*each.span)])
        pieces.append(f'<mark class="{kind}" style="--weight:{weight:.2f}">{word}</mark>')
        end = each.span[1]
    return "".join([*pieces, escape(mistake.text[end:])])


def _provenance(facts: Facts) -> str:
    pairs = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts.provenance)
    return (
        f'<h2>Where it comes from</h2><dl class="verbatim">{pairs}</dl>'
        "<details><summary>All settings (config.gin)</summary>"
        f'<pre class="verbatim">{escape(facts.settings)}</pre></details>'
    )
