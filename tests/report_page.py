"""What stands on a report's page."""

import re
from html.parser import HTMLParser

VOID = {"meta", "br", "line", "circle", "polyline"}


class Page(HTMLParser):
    """What stands on a page: numbers with their places, and the digits outside them."""

    def __init__(self, html: str):
        super().__init__()
        self.numbers: list[tuple[str, str, str]] = []
        self.stray: list[str] = []
        self.links: list[str] = []
        self._open: list[tuple[str, dict]] = []
        self.feed(html)
        assert self._open == [], "an element is left open"

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.links += [value for name, value in attrs if name in ("src", "href", "xlink:href")]
        if tag not in VOID:
            self._open.append((tag, found))

    def handle_endtag(self, tag):
        if self._open and self._open[-1][0] == tag:
            self._open.pop()

    def handle_data(self, data):
        for tag, found in reversed(self._open):
            if tag == "data":
                self.numbers.append((found["data-of"], found["data-form"], data))
                return
            if tag in ("style", "svg", "title") or "verbatim" in found.get("class", ""):
                return
        self.stray += re.findall(r"\d+", data)
