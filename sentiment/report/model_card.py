"""Facts -> a model card (Mitchell et al. 2019) in Markdown."""

from sentiment.report.environment import markdown_environment
from sentiment.report.facts import Facts
from sentiment.report.rendering import rendered


def render(facts: Facts) -> str:
    """Returns the card."""
    return rendered(markdown_environment().get_template("model_card.md.jinja"), facts, number=facts.text)
