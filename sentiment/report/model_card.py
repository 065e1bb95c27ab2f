"""Facts -> a model card (Mitchell et al. 2019) in Markdown."""

from sentiment.evaluation.words import WORDS
from sentiment.report.environment import markdown_environment
from sentiment.report.facts import Facts, pointer
from sentiment.report.verdict import remarks


def render(facts: Facts) -> str:
    """Returns the card."""
    return (
        markdown_environment()
        .get_template("model_card.md.jinja")
        .render(
            facts=facts,
            figures=facts.value("/figures"),
            several=facts.several,
            remarks=remarks(facts),
            words=WORDS,
            number=facts.text,
            pointer=pointer,
        )
    )
