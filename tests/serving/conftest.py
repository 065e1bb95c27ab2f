"""The page at / of the small run, open in headless Chromium."""

import re
import shutil

import pytest
from live_service import in_thread

from sentiment.serving.app import load_app


@pytest.fixture(scope="module")
def url(small_run):
    """Where the small run is served."""
    with in_thread(load_app(small_run)) as port:
        yield f"http://127.0.0.1:{port}/"


@pytest.fixture(scope="module")
def browser():
    """One browser for all tests of a file."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright: make dev")
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not chromium:
        pytest.skip("needs Chromium: apt-get install chromium (make browser)")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser, url):
    """The page, freshly opened; it must not log an error nor ask another host for anything."""
    with browser.new_context() as context:
        page = context.new_page()
        errors, hosts = [], set()
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("response", lambda response: hosts.add(re.match(r"(\w+://[^/]+/|blob:|data:)", response.url)[1]))
        page.expected_errors = []
        page.goto(url)
        page.wait_for_selector("#model:not(:empty)")
        yield page
        assert [error for error in errors if not any(word in error for word in page.expected_errors)] == []
        assert hosts <= {url, "blob:"}
