"""What a template fills in is shown as it was written, in HTML and in Markdown."""

import html
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from markdown_it import MarkdownIt

from sentiment.report.environment import html_environment, markdown_environment

NASTY = "\\`*_[]<>|~#&!@$()-+.:/ \n1a"
WRITTEN = st.text(st.sampled_from(NASTY)) | st.text(st.characters(exclude_categories=["Cs", "Cc"]))


def _shown(markdown: str) -> str:
    """The text of rendered Markdown, without its markup."""
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    return html.unescape(re.sub(r"<[^>]+>", "", parser.render(markdown)))


@given(WRITTEN)
@example("<script>alert(1)</script>")
@example("[here](https://example.org) ![](x) | `a` *b* ~~c~~ &amp; #d")
@example("two\nlines")
def test_a_label_in_markdown_is_shown_as_written_on_one_line(label):
    template = markdown_environment().from_string("begin {{ label }} end\n\n| head |\n|---|\n| x{{ label }}x |\n")
    assert _shown(template.render(label=label)).split() == f"begin {label} end head x{label}x".split()


@given(WRITTEN)
def test_a_label_in_html_is_shown_as_written(label):
    rendered = html_environment().from_string('<p title="{{ label }}">{{ label }}</p>').render(label=label)
    inside = re.fullmatch(r'<p title="([^"<>]*)">([^<>]*)</p>', rendered)
    assert inside
    assert [html.unescape(each) for each in inside.groups()] == [label, label]


@pytest.mark.parametrize("environment", [html_environment, markdown_environment])
def test_a_name_that_nobody_gave_is_an_error_not_a_gap(environment):
    with pytest.raises(UndefinedError, match="typo"):
        environment().from_string("{{ typo }}").render()
