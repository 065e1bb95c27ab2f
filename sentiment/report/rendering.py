"""A template and facts -> text: what page and card say alike."""

from jinja2 import Template

from sentiment.evaluation.words import WORDS
from sentiment.report.facts import Facts, pointer
from sentiment.report.verdict import remarks


def rendered(template: Template, facts: Facts, **own: object) -> str:
    """Returns a template filled in with the facts, and with what is its own."""
    return template.render(
        facts=facts,
        figures=facts.value("/figures"),
        several=facts.several,
        remarks=remarks(facts),
        words=WORDS,
        pointer=pointer,
        **own,
    )
