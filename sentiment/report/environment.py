"""The Jinja2 environments of the templates: what is filled in is escaped, for HTML or for Markdown."""

import re
from collections.abc import Callable

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

_MARKDOWN_SYNTAX = re.compile(r"[\\`*_\[\]<>|~#&!@$]|:(?=//)")


def html_environment() -> Environment:
    """Returns an environment whose templates give HTML."""
    return _environment(None)


def markdown_environment() -> Environment:
    """Returns an environment whose templates give Markdown: a label such as `<b>` or `[x](y)` is shown as it is."""

    def escaped(value: object) -> Markup:
        return value if isinstance(value, Markup) else Markup(escape_markdown(str(value)))

    return _environment(escaped)


def escape_markdown(text: str) -> str:
    """Returns a text on one line, with backslashes before what Markdown (CommonMark, GitHub's tables) would take."""
    return _MARKDOWN_SYNTAX.sub(r"\\\g<0>", re.sub(r"\s+", " ", text))


def _environment(finalize: Callable[[object], Markup] | None) -> Environment:
    return Environment(
        loader=PackageLoader("sentiment.report"),
        autoescape=True,
        finalize=finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
