"""How the page at / looks: hues, signs and what doesn't break on a phone, as answers of a made service show it."""

import pytest


def _answer(page, prediction: dict) -> None:
    """Lets the service answer so whatever it is asked."""
    page.route("**/v1/predict", lambda route: route.fulfill(json={"predictions": [prediction]}))
    page.fill("#text", "bad qwrk")
    page.wait_for_selector("#answer:not([hidden])")


def _prediction(label: str, probability: float, unknown: float = 0.0) -> dict:
    other = "negative" if label == "positive" else "positive"
    marks = [("bad", 0.9, True, [0, 3]), ("qwrk", unknown, False, [4, 8])]
    return {
        "label": label,
        "probability": probability,
        "abstained": False,
        "reason": "",
        "probabilities": {label: probability, other: 1 - probability},
        "attributions": [dict(zip(("token", "score", "known", "span"), each, strict=True)) for each in marks],
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_positive_and_negative_differ_in_hue_and_by_a_sign(page, scheme):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe: make dev").Axe()
    hues = {}
    for label in ("positive", "negative"):
        _answer(page, _prediction(label, 0.9))
        page.wait_for_function("label => document.getElementById('label').textContent === label", arg=label)
        bars = page.locator("#classes dd.bar span").evaluate_all(
            "all => all.map(e => getComputedStyle(e).backgroundColor)"
        )
        signs = page.locator("#classes dt").evaluate_all("all => all.map(e => getComputedStyle(e, '::before').content)")
        word = page.locator("#words .for").evaluate("e => getComputedStyle(e).borderBottomColor")
        assert signs == (['"+ "', '"− "'] if label == "positive" else ['"− "', '"+ "'])
        assert bars[0] != bars[1]
        assert word == bars[0], "what speaks for a label has its colour"
        hues[label] = bars[0]
        results = axe.run(page)
        assert results.violations_count == 0, results.generate_report()
    assert hues["positive"] != hues["negative"]


def test_an_unknown_word_that_gets_a_score_is_said_to_be_unknown(page):
    _answer(page, _prediction("positive", 0.9, unknown=0.267))
    assert page.is_visible("#never-seen")
    assert "Unknown, never seen in training: qwrk." in page.text_content("#never-seen")
    _answer(page, _prediction("positive", 0.9))
    page.wait_for_selector("#never-seen", state="hidden")


def test_on_a_phone_neither_a_percentage_nor_a_head_breaks(page):
    page.set_viewport_size({"width": 360, "height": 800})
    prediction = _prediction("positive", 0.99999)
    prediction["attributions"][0]["token"] = "weekends"
    _answer(page, prediction)
    page.click("text=As a table")
    assert page.text_content("#probability") == "> 99.9 %"
    fits = "element => element.scrollWidth <= element.clientWidth"
    assert page.locator("#answer .scroll").evaluate(fits), "the table is cut off"
    lines = """all => all.map((element) => {
        const range = document.createRange();
        range.selectNodeContents(element);
        return range.getClientRects().length;
    })"""
    for selector in ("#probability", "#classes dd.share", "#answer thead th", "#answer tbody th", "#answer tbody td"):
        assert set(page.locator(selector).evaluate_all(lines)) == {1}, selector


def test_the_weakest_highlight_is_seen_in_the_dark(page):
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    _answer(page, _prediction("positive", 0.9, unknown=0.02))
    alphas = "all => all.map(e => Number(getComputedStyle(e).backgroundColor.match(/[/] ([0-9.]+)/)[1]))"
    assert min(page.locator("#words .for").evaluate_all(alphas)) >= 0.26
