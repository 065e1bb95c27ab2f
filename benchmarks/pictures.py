"""Draws the pictures of README.md and docs/ from a run: the report, its curves of training, the service's page, a file.

    python benchmarks/pictures.py RUN        (needs `make dev` and Chromium: `make browser`)

The report is what `make report` wrote into the run's folder. Pictures go to docs/pictures/.
"""

import contextlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
TEXT = "I can't wait for the weekend, but this rain is awful"
FILE = b"""id,text,team
1,So happy with the new office,sales
2,The printer is broken again :(,support
3,"Great people, awful coffee",sales
4,,support
5,not bad at all,sales
"""
NARROW, WIDE = {"width": 760, "height": 900}, {"width": 1100, "height": 900}


def main(run: str) -> None:
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    report = Path(run).resolve() / "report.html"
    if not chromium or not report.is_file():
        raise SystemExit(f"pictures need Chromium (make browser) and {report} (make report)")
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport=NARROW, color_scheme="light")
        page.goto(report.as_uri())
        page.screenshot(path=PICTURES / "report.png")
        page.set_viewport_size(WIDE)
        curves = page.locator("h2", has_text=re.compile("^Training$")).locator("xpath=following-sibling::div[1]")
        curves.screenshot(path=PICTURES / "learning_curve.png")
        with _serving(run) as address:
            _draw_page(page, address)
        browser.close()
    for picture in sorted(PICTURES.iterdir()):
        print(f"{picture.relative_to(ROOT)}  {picture.stat().st_size / 1000:.0f} kB")


def _draw_page(page: Page, address: str) -> None:
    page.set_viewport_size(NARROW)
    page.goto(address)
    page.locator("#text").fill(TEXT)
    page.locator("#answer").wait_for(state="visible")
    page.locator("#words .word").first.wait_for()
    end = page.locator("#answer").bounding_box()
    clip = {"x": 0, "y": 0, "width": NARROW["width"], "height": end["y"] + end["height"] + 24}
    page.screenshot(path=PICTURES / "page.png", clip=clip, full_page=True)
    page.set_input_files("#file", {"name": "comments.csv", "mimeType": "text/csv", "buffer": FILE})
    page.locator("#download").wait_for(state="visible")
    page.locator("#download").blur()
    page.locator("section", has=page.locator("#file")).screenshot(path=PICTURES / "page_file.png")


@contextlib.contextmanager
def _serving(run: str) -> Iterator[str]:
    """Starts the service on a free port; gives its address."""
    command = [sys.executable, str(ROOT / "scripts" / "serve.py"), "--run", run, "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as service:
        try:
            yield next(found[0] for line in service.stderr if (found := re.search(r"http://\S+:\d+", line)))
        finally:
            service.terminate()


if __name__ == "__main__":
    main(*sys.argv[1:])
