"""The report says what was measured: every number on the page is found again from the saved predictions."""

import re
import shutil
import struct
import subprocess
import zlib
from datetime import UTC, date, datetime
from html import unescape

import numpy as np
import pytest
from fetches import skip_without
from markdown_it import MarkdownIt
from paths import FIXTURES, ROOT
from report_page import Page

from sentiment import __version__
from sentiment.corpora import load_corpus
from sentiment.evaluation.behavioural_checks import check_behaviour
from sentiment.evaluation.evaluate_run import Question
from sentiment.evaluation.intervals import share_interval
from sentiment.evaluation.leak_audit import audit_leaks
from sentiment.evaluation.saved_evaluation import load
from sentiment.evaluation.scoreboard import figures
from sentiment.prediction.attribution import Attribution
from sentiment.prediction.predictor import Predictor
from sentiment.report.facts import Mistake
from sentiment.report.page import marked
from sentiment.report.write import write_report
from sentiment.storage.manifest import read_json
from sentiment.storage.run_directory import RunDirectory
from sentiment.training.train import train

CONSTANTS = {"95", "1"}  # "95% intervals", "F1"
GOOD = ("love", "great", "happy", "lovely", "brilliant", "wonderful")
BAD = ("hate", "awful", "sad", "terrible", "broken", "boring")


@pytest.fixture(scope="module")
def reported(tmp_path_factory):
    """The reported run of 240 made sentences of two sentiments, with enough errors to tell of."""
    folder = tmp_path_factory.mktemp("report")
    rng = np.random.default_rng(0)
    lines = ["text,label"]
    for number in range(240):
        good = number % 2
        word = rng.choice(GOOD if (rng.random() < 0.85) == bool(good) else BAD)
        subject, label = rng.choice(["bus", "film", "day", "shop"]), "positive" if good else "negative"
        lines.append(f"the {subject} {number} was {word},{label}")
    (folder / "made.csv").write_text("\n".join(lines) + "\n", "utf-8")
    source = f"load_corpus.source = '{folder / 'made.csv'}'"
    small = ["mean_classifier.d_embedding = 16", "Recipe.steps = 30"]
    run = train(ROOT / "configs" / "mean.gin", [source, *small], folder / "run")
    assert write_report(run.path, Question()) == (run.path / "report.html", run.path / "MODEL_CARD.md")
    return run


def _again(run: RunDirectory) -> dict:
    """The report's numbers, computed without it: from saved predictions, the corpus and the predictor."""
    board, _ = load(run.evaluation("made.csv", "validation"))
    evaluation, predictor = board.evaluation, Predictor.load(run.path)
    wrong = evaluation.predicted != evaluation.targets
    corpus = load_corpus(read_json(run.model)["corpus"]["source"])
    behaviour = check_behaviour(predictor, predictor.label_names)
    return {
        "figures": figures(board),
        "behaviour": {
            each.capability: {
                "passed": each.passed,
                "checks": each.checks,
                "rate": each.passed / each.checks,
                "interval": list(share_interval(each.passed, each.checks)),
            }
            for each in behaviour
        },
        "leaks": {"corpus": "made.csv", **audit_leaks(corpus).to_dict()},
        "worst": sorted(evaluation.probabilities.max(axis=1)[wrong].tolist(), reverse=True)[:20],
        "weights": read_json(run.metrics)["n_weights"],
    }


def _at(found, pointer: str):
    for key in pointer.split("/")[1:]:
        found = found[int(key)] if isinstance(found, list | tuple) else found[key]
    return found


def test_every_number_on_the_page_is_computed_again_from_the_saved_predictions(reported):
    page = Page((reported.path / "report.html").read_text("utf-8"))
    again = _again(reported)
    assert len(page.numbers) > 150
    for pointer, form, shown in page.numbers:
        value = _at(again, pointer)
        assert shown == ("undefined" if value is None else format(value, form)), pointer
    assert set(page.stray) <= CONSTANTS
    told = {pointer for pointer, _, _ in page.numbers}
    assert {f"/figures/metrics/{name}/value" for name in again["figures"]["metrics"]} <= told
    assert {f"/behaviour/{name}/rate" for name in again["behaviour"]} <= told
    assert {f"/worst/{number}" for number in range(len(again["worst"]))} <= told
    assert again["worst"]


def test_the_page_needs_nothing_but_itself(reported):
    html = (reported.path / "report.html").read_text("utf-8")
    assert all(link.startswith("#") for link in Page(html).links)
    assert "<script" not in html
    assert "url(" not in html
    assert "@import" not in html
    assert html.count("<h1") == 1
    assert all('role="img" aria-label="' in svg for svg in re.findall(r"<svg[^>]*>", html))
    assert "prefers-color-scheme: dark" in html


def test_the_verdict_says_in_words_what_the_numbers_say(reported):
    html = (reported.path / "report.html").read_text("utf-8")
    verdict = re.sub(r"<[^>]+>", "", html.split('<ul class="verdict">')[1].split("</ul>")[0])
    accuracy = _again(reported)["figures"]["metrics"]["accuracy"]["value"]
    assert f"Right on {accuracy:.1%} of 24 texts" in verdict
    assert re.search(r"(Better|Worse) than|No different from", verdict)
    assert "labels are weak" not in verdict


def test_the_verdict_names_the_worst_behavioural_failure(reported):
    html = (reported.path / "report.html").read_text("utf-8")
    verdict = unescape(re.sub(r"<[^>]+>", "", html.split('<ul class="verdict">')[1].split("</ul>")[0]))
    behaviour = _again(reported)["behaviour"]
    worst = min(behaviour, key=lambda name: behaviour[name]["rate"])
    assert behaviour[worst]["rate"] < 0.5
    told = re.search(r"Warning(Of the written checks it fails most often at .*), for example “(.+?)”\.", verdict)
    passed = "“{}” (passes {} of {})".format(worst, behaviour[worst]["passed"], behaviour[worst]["checks"])
    assert told[1].endswith(passed)
    checked = check_behaviour(Predictor.load(reported.path), ("negative", "positive"))
    failed = next(each.failed for each in checked if each.capability == worst)
    assert told[2] == "” → “".join(failed[0])


def test_the_page_says_when_it_was_written_by_what_and_leads_to_each_part(reported):
    html = (reported.path / "report.html").read_text("utf-8")
    written = re.search(r"Written on <[^>]+>(\S+) by sentiment ([^<]+)<", html)
    assert date.fromisoformat(written[1]) <= datetime.now(UTC).date()
    assert written[2] == __version__
    contents = re.findall(r'<li><a href="#(\w+)">([^<]+)</a>', html.split("<nav")[1].split("</nav>")[0])
    assert contents == re.findall(r'<h2 id="(\w+)">([^<]+)</h2>', html)
    assert len(contents) == 10


def test_two_eces_are_told_apart(reported):
    html = (reported.path / "report.html").read_text("utf-8")
    rows = re.findall(r'<th scope="row">(.*?)</th>.*?data-of="([^"]+)"', html)
    named = {re.sub("<[^>]+>", "", name): place for name, place in rows if name.startswith("ECE")}
    assert named["ECE in sample (in folds)"] == named["ECE in sample, which flatters"] == "/figures/metrics/ece/value"
    assert named["ECE with temperature fitted in folds: the verdict’s"] == "/figures/calibration/ece_held_out"
    assert "ECE" not in named


def test_the_model_card_tells_the_same(reported):
    card = (reported.path / "MODEL_CARD.md").read_text("utf-8")
    again = _again(reported)["figures"]
    assert card.startswith("# run\n")
    for name in ("accuracy", "log_loss"):
        assert f"{again['metrics'][name]['value']:.4f}" in card
    assert "Weak labels" not in card
    assert "<" not in card


def test_texts_of_a_corpus_cannot_become_markup(script, elsewhere):
    evil = "<script>alert(1)</script> & <b>bold</b>"
    names = ("<i>n/a</i>", "{{ 7 * 7 }} {/figures/n_texts}")
    rows = [f"{evil} {word} {number},{name}" for name in names for number in range(30) for word in "ab"]
    (elsewhere / "evil.csv").write_text("text,label\n" + "\n".join(rows) + "\n", "utf-8")
    assert script("train", "--corpus", "evil.csv", "--steps", "2", "--run", "run").code == 0
    assert script("report", "--run", "run").code == 0
    html = (elsewhere / "run" / "report.html").read_text("utf-8")
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    card = (elsewhere / "run" / "MODEL_CARD.md").read_text("utf-8")
    assert "<i>" not in MarkdownIt("commonmark").enable("table").render(card)
    assert set(Page(html).stray) <= CONSTANTS


def test_marked_in_a_worst_error_are_the_characters_that_the_model_read():
    text = "@happyguy what GREAT hat!"
    capitals = Attribution("<caps>", 0.5, True, (15, 20))
    attributions = (Attribution("great", 0.5, True, (15, 20)), capitals, Attribution("hat", -1.0, True, (21, 24)))
    found = marked(Mistake(text, "sad", "happy", attributions))
    assert "".join(word.text for word in found) == text
    assert [(word.text, word.kind) for word in found if word.kind] == [("GREAT", "for"), ("hat", "against")]
    assert found[1].weight == found[3].weight


def test_weak_labels_in_training_are_warned_of_whatever_the_evaluation_is_on(script, elsewhere):
    weak = [f"{word} day {n} {':)' if good else ':('},{'positive' if good else 'negative'}"
            for n in range(60) for good, word in enumerate(("one", "other"))]  # fmt: skip
    (elsewhere / "weak.csv").write_text("text,label\n" + "\n".join(weak) + "\n", "utf-8")
    other = [
        f"{word} {n},{label}" for n in range(30) for word, label in (("good day", "positive"), ("bad day", "negative"))
    ]
    (elsewhere / "other.csv").write_text("text,label\n" + "\n".join(other) + "\n", "utf-8")
    assert script("train", "--corpus", "weak.csv", "--steps", "2", "--run", "run").code == 0
    asked = ["--run", "run", "--corpus", "other.csv"]
    assert script("report", *asked).code == 0
    page, card = elsewhere / "run" / "report.html", elsewhere / "run" / "MODEL_CARD.md"
    assert "The labels are weak" in page.read_text("utf-8")
    assert re.search(r"held-out texts of <[^>]+>weak.csv</span> right", page.read_text("utf-8"))
    assert "> **Weak labels.**" in card.read_text("utf-8")
    (elsewhere / "weak.csv").unlink()
    assert script("report", *asked).code == 0
    assert not re.search(r"held-out texts of <[^>]+>weak.csv<", page.read_text("utf-8"))


def test_a_token_that_the_splits_share_unevenly_is_told(script, elsewhere):
    rows = [
        f"word{n % 7} day {n} {'also' if label == 'good' and split == 'train' else ''},{label},{split}"
        for split in ("train", "test")
        for n in range(150)
        for label in ("good", "bad")
    ]
    (elsewhere / "made.csv").write_text("text,label,split\n" + "\n".join(rows) + "\n", "utf-8")
    assert script("train", "--corpus", "made.csv", "--steps", "2", "--run", "run").code == 0
    assert script("report", "--run", "run", "--split", "test").code == 0
    page = Page((elsewhere / "run" / "report.html").read_text("utf-8"))
    told = {pointer: shown for pointer, _, shown in page.numbers}
    assert told["/leaks/uneven/0/trained"] == "50.0%"
    assert told["/leaks/uneven/0/coverage"] == "5.1%"  # of the training file's rows some validate


def test_other_labels_than_sentiments_are_reported_too(script, moods, elsewhere):
    assert script("train", *moods, "--steps", "2", "--run", "run").code == 0
    shutil.rmtree("run/training")
    answer = script("report", "--run", "run", "--split", "test")
    assert answer.out.split() == ["run/report.html", "run/MODEL_CARD.md"]
    html = (elsewhere / "run" / "report.html").read_text("utf-8")
    assert "no history to draw" in html
    assert "VADER" not in html
    assert (FIXTURES / "moods.csv").name in html


def test_chromium_draws_the_page_light_and_dark(reported):
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        skip_without("Chromium", "`make browser` installs it")
    brightness = {}
    for name, flags in {"light": [], "dark": ["--blink-settings=preferredColorScheme=0"]}.items():
        picture = reported.path / f"{name}.png"
        command = [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", *flags]
        command += ["--window-size=1200,900", f"--screenshot={picture}", (reported.path / "report.html").as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        brightness[name] = _first_pixel(picture.read_bytes())
    assert brightness["light"] == (255, 255, 255)
    assert max(brightness["dark"]) < 64


def _first_pixel(png: bytes) -> tuple[int, int, int]:
    """The colour of a PNG's upper left corner, where there is nothing but paper."""
    width, height, depth, kind = struct.unpack(">IIBB", png[16:26])
    assert (width, height, depth) == (1200, 900, 8)
    assert kind in (2, 6)
    data, place = b"", 8
    while place < len(png):
        (size,) = struct.unpack(">I", png[place : place + 4])
        if png[place + 4 : place + 8] == b"IDAT":
            data += png[place + 8 : place + 8 + size]
        place += 12 + size
    return tuple(zlib.decompress(data)[1:4])
