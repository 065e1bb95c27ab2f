"""Facts -> one self-contained HTML page: no script, no network, nothing but the file."""

from dataclasses import dataclass
from importlib import resources

from markupsafe import Markup

from sentiment.prediction.attribution import marks
from sentiment.report import drawings
from sentiment.report.environment import html_environment
from sentiment.report.facts import Facts, Mistake
from sentiment.report.rendering import rendered

_STRONGEST = 0.55  # how opaque the colour behind the most important token is


@dataclass(frozen=True)
class Word:
    """A piece of a wrongly answered text.

    Attributes:
        text: the piece as written.
        kind: "for" or "against" the answer, "unknown" to the model, or "" between tokens.
        weight: how opaque the colour behind it is, 0 to 1.
    """

    text: str
    kind: str = ""
    weight: float = 0.0


def render(facts: Facts) -> str:
    """Returns the page. Every number in it is an element that names its place in `Facts.numbers`."""
    charts = {
        "systems": drawings.systems(facts),
        "reliability": drawings.reliability(facts),
        "thresholds": drawings.thresholds(facts),
        "training": drawings.training(facts),
    }

    def number(place: str, form: str = ".4f") -> Markup:
        element = Markup('<data data-of="{}" data-form="{}" value="{!r}">{}</data>')
        return element.format(place, form, facts.value(place), facts.text(place, form))

    return rendered(
        html_environment().get_template("report.html.jinja"),
        facts,
        leaks=facts.value("/leaks"),
        charts=charts,
        style=Markup((resources.files("sentiment") / "data" / "report.css").read_text("utf-8")),
        number=number,
        marked=marked,
    )


def marked(mistake: Mistake) -> list[Word]:
    """Returns a text cut at its tokens, each with what it did for the answer."""
    found = marks(mistake.attributions)
    strongest = max((abs(each.score) for each in found), default=0) or 1
    words, end = [], 0
    for each in found:
        words.append(Word(mistake.text[end : each.span[0]]))
        kind = "unknown" if not each.known else "against" if each.score < 0 else "for"
        words.append(Word(mistake.text[slice(*each.span)], kind, _STRONGEST * abs(each.score) / strongest))
        end = each.span[1]
    return [*words, Word(mistake.text[end:])]
