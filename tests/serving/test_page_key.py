"""The page of a service that wants a key: it asks for one, keeps it for its tab, and then works as ever."""

import hashlib

import pytest
from live_service import in_thread

from sentiment.serving.access import Access
from sentiment.serving.app import load_app

KEY = "the-key-of-the-service"


@pytest.fixture(scope="module")
def url(small_run):
    access = Access(key_hashes=(hashlib.sha256(KEY.encode()).digest(),))
    with in_thread(load_app(small_run, access=access)) as port:
        yield f"http://127.0.0.1:{port}/"


@pytest.fixture
def locked(browser, url):
    """The page, freshly opened by somebody who has given no key."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(url)
        page.wait_for_selector("#key-form:not([hidden])")
        yield page


def _give_key(page, key: str) -> None:
    page.fill("#key", key)
    page.press("#key", "Enter")


def test_the_page_asks_for_a_key_and_works_with_it(locked):
    assert locked.is_hidden("#wrong-key")
    _give_key(locked, KEY)
    locked.wait_for_selector("#model:not(:empty)")
    assert locked.is_hidden("#key-form")
    assert locked.is_hidden("#problem")
    assert "250,000 rows" in locked.text_content("#formats")
    locked.fill("#text", "so happy")
    locked.wait_for_function("() => document.getElementById('label').textContent === 'happy'")
    locked.set_input_files("#file", {"name": "a.csv", "mimeType": "", "buffer": b"text\nso happy\ncrying\n"})
    locked.wait_for_selector("#download:not([hidden])")
    locked.reload()
    locked.wait_for_selector("#model:not(:empty)")
    assert locked.is_hidden("#key-form"), "the tab keeps it"


def test_what_was_typed_before_is_answered_once_there_is_a_key(locked):
    locked.fill("#text", "so happy")
    locked.wait_for_selector("#problem:not([hidden])")
    _give_key(locked, KEY)
    locked.wait_for_function("() => document.getElementById('label').textContent === 'happy'")


def test_a_wrong_key_is_said_to_be_wrong_and_another_may_be_given(locked):
    _give_key(locked, "some-other-key-01234")
    locked.wait_for_selector("#wrong-key:not([hidden])")
    _give_key(locked, KEY)
    locked.wait_for_selector("#model:not(:empty)")
    assert locked.is_hidden("#key-form")


def test_what_no_key_can_be_is_not_sent(locked):
    asked = []
    locked.on("request", lambda request: asked.append(request.url))
    _give_key(locked, "ключ")
    assert asked == []
    assert locked.is_visible("#key-form")


@pytest.mark.parametrize("width", [360, 1280])
def test_the_form_is_accessible_and_fits(locked, width):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe: make dev").Axe()
    locked.set_viewport_size({"width": width, "height": 800})
    results = axe.run(locked)
    assert results.violations_count == 0, results.generate_report()
    assert locked.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
