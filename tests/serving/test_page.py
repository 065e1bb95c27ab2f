"""The page at / in headless Chromium: typing, examples, a file, errors, keyboard alone, screen reader."""

import csv
import re
from pathlib import Path

import pytest
from bulk_files import bulk


def _type(page, text: str) -> None:
    page.fill("#text", text)
    page.wait_for_function("text => document.getElementById('words').textContent === text", arg=text)


def _contributions(page) -> dict[str, list[str]]:
    rows = page.locator("#contributions tr").all()
    return {row.locator("th").text_content(): row.locator("td").all_text_contents() for row in rows}


def _give(page, name: str, content: str | bytes) -> None:
    data = content.encode() if isinstance(content, str) else content
    page.set_input_files("#file", {"name": name, "mimeType": "", "buffer": data})


def _downloaded(page) -> list[dict[str, str]]:
    page.wait_for_selector("#download:not([hidden])")
    with page.expect_download() as download:
        page.click("#download")
    assert download.value.suggested_filename.endswith(".predicted.csv")
    with open(download.value.path(), encoding="utf-8", newline="") as file:  # noqa: PTH123 (playwright gives a string)
        return list(csv.DictReader(file))


def test_typing_shows_label_probabilities_and_what_each_word_did(page):
    _type(page, "So HAPPY 😀 today, qwrk!")
    assert page.text_content("#label") == "happy"
    assert page.locator("#classes dt").all_text_contents()[0] == "happy"
    assert page.locator("#classes dt").count() == 3
    words = {word.text_content(): word.get_attribute("class") for word in page.locator("#words .word").all()}
    assert "for" in words["HAPPY"].split()
    assert "unknown" in words["qwrk"].split()
    told = _contributions(page)
    assert told["HAPPY"][0] == "happi"
    assert told["HAPPY"][1].startswith("+")
    assert told["qwrk"][2] == "unknown"
    assert page.text_content("#told").startswith("happy, ")
    assert page.is_hidden("#abstained")


def test_marked_are_the_characters_that_the_model_read_not_others_like_them(page):
    _type(page, "@happyguy: what a happy 😀 hat")
    before = "words => words.map(word => [word.previousSibling.textContent, word.textContent])"
    marks = page.locator("#words .word").evaluate_all(before)
    assert marks == [["@happyguy: what a ", "happy"], [" ", "😀"], [" ", "hat"]]


def test_an_example_is_a_click_and_abstention_is_explained(page):
    page.click("text=xyzzy plugh frobnicate")
    page.wait_for_selector("#abstained:not([hidden])")
    assert "abstains: most words are unknown: xyzzi plugh frobnic" in page.text_content("#abstained")
    assert "abstains" in page.text_content("#told")
    _type(page, "@somebody")
    assert "no word" in page.text_content("#abstained")


def test_only_the_answer_to_the_last_text_is_shown_and_none_to_an_empty_one(page):
    page.locator("#text").press_sequentially("so happy today 😀", delay=5)
    page.wait_for_function("() => document.getElementById('words').textContent === 'so happy today 😀'")
    page.fill("#text", " ")
    page.wait_for_selector("#answer", state="hidden")


def test_what_the_service_refuses_is_told(page):
    page.expected_errors = ["422"]
    page.fill("#text", "a" * 5001)
    page.wait_for_selector("#problem:not([hidden])")
    assert page.text_content("#problem").startswith("The text has 5,001 characters, and may have 5,000;")
    assert "openapi" not in page.text_content("#problem"), "words for programs"
    assert page.is_hidden("#answer")
    _type(page, "so happy")
    assert page.is_hidden("#problem")


def test_a_service_that_is_gone_is_told(page):
    page.expected_errors = ["ERR_FAILED"]
    page.route("**/v1/predict", lambda route: route.abort())
    page.fill("#text", "so happy")
    page.wait_for_selector("#problem:not([hidden])")
    assert "does not answer" in page.text_content("#problem")


def test_a_csv_is_predicted_counted_and_given_back_with_its_columns_but_not_as_formulas(page):
    texts = ['She said ""yes""', "two\nlines", "😀, with a comma", "", "=cmd|'/C calc'!A0", *["so happy"] * 600]
    rows = "".join(f'{n},"{text}"\r\n' for n, text in enumerate(texts))
    _give(page, "mine.csv", "\ufeffid,Text\r\n" + rows)
    told = _downloaded(page)
    used = [text.replace('""', '"') for text in texts if text]
    assert [row["Text"].removeprefix("'") for row in told] == used
    assert told[3]["Text"] == "'=cmd|'/C calc'!A0"
    assert [row["id"] for row in told][:4] == ["0", "1", "2", "4"]
    assert all(row["label"] in ("calm", "happy", "sad") for row in told)
    assert all(len(row["probability"]) == len("0.123456") for row in told)
    assert sum(float(told[0][f"probability_{name}"]) for name in ("calm", "happy", "sad")) == pytest.approx(1, abs=1e-5)
    assert page.text_content("#file-told") == "mine.csv: 604 of 605 rows predicted, 1 left out."
    assert page.text_content("#left-out-told") == "Left out: 1 empty text"
    assert page.locator("#left-out-rows").locator("th, td").all_text_contents() == ["6", "the text is empty"]
    assert sum(int(n.replace(",", "")) for n in page.locator("#counts .share").all_text_contents()) == 604


def test_what_was_found_out_and_the_first_results_are_shown_before_the_download(page):
    _give(page, "mine.txt", "".join(f"so happy {n};{n % 2}\n" for n in range(20)))
    page.wait_for_selector("#download:not([hidden])")
    assert page.text_content("#read-as") == (
        "Read as table, utf-8, cells between ';', quoting double, no header, text: 1, label: 2."
    )
    assert page.text_content("#first-told") == "The first 10 results"
    heads = page.locator("#first-columns th").all_text_contents()
    assert heads == ["Row", "Label", "Probability", "text", "column_2"]
    rows = [row.locator("th, td").all_text_contents() for row in page.locator("#first-rows tr").all()]
    assert [(row[0], row[3]) for row in rows] == [(str(n + 1), f"so happy {n}") for n in range(10)]
    assert all(re.fullmatch(r"(> |< )?\d+\.\d %", row[2]) for row in rows)


def test_the_download_is_what_predict_writes_of_the_same_file(page, small_run, tmp_path):
    content = "id;text\r\n1;so happy, café\r\n2; \r\n3;=2+3, so sad\r\n".encode("cp1252")
    (tmp_path / "mine.csv").write_bytes(content)
    bulk(small_run, tmp_path / "mine.csv", tmp_path / "out.csv", probabilities=True, no_formulas=True)
    _give(page, "mine.csv", content)
    page.wait_for_selector("#download:not([hidden])")
    with page.expect_download() as download:
        page.click("#download")
    assert Path(download.value.path()).read_bytes() == (tmp_path / "out.csv").read_bytes()


def test_other_kinds_of_files_are_read(page, tmp_path):
    import pandas

    frame = pandas.DataFrame({"text": ["so happy", "so sad, sad"]})
    frame.to_excel(tmp_path / "book.xlsx", index=False)
    frame.to_parquet(tmp_path / "arrow.parquet")
    frame.to_csv(tmp_path / "packed.csv.gz", index=False)
    made = {path.name: path.read_bytes() for path in sorted(tmp_path.iterdir())}
    written = {
        "lines.txt": "so happy\nso sad, sad\r\n",
        "table.tsv": 'text\tn\nso happy\t1\n"so sad, sad"\t2\n',
        "rows.jsonl": '{"text": "so happy"}\n{"n": 1, "text": "so sad, sad"}\n',
        "old.txt": "so happy, café\nso sad, sad\n".encode("cp1252"),
    }
    for name, content in (made | written).items():
        _give(page, name, content)
        page.wait_for_function(
            "name => document.getElementById('file-told').textContent.startsWith(name + ':')", arg=name
        )
        assert [row["text"].removesuffix(", café") for row in _downloaded(page)] == ["so happy", "so sad, sad"], name


def test_a_text_that_is_too_long_is_told_and_the_others_are_predicted(page):
    _give(page, "long.txt", "so happy\n" + "a" * 100_001 + "\n" + "😀" * 5000)
    assert [row["text"][:8] for row in _downloaded(page)] == ["so happy", "😀" * 8]
    assert page.text_content("#file-told") == "long.txt: 2 of 3 rows predicted, 1 left out."
    assert page.text_content("#left-out-told") == "Left out: 1 text too long"


BAD_FILES = [
    ("empty.txt", b"\n\n", "none of its 2 rows can be predicted: 2 empty text"),
    ("empty.csv", b"", "the file is empty"),
    ("rows.jsonl", b'{"text": 3}\n', "text is no string"),
    ("broken.parquet", b"PAR1", "no readable Parquet file"),
]


def test_a_file_that_cannot_be_used_is_told(page):
    page.expected_errors = ["422"]
    for name, content, words in BAD_FILES:
        _give(page, name, content)
        told = page.locator("#file-problem", has_text=words)
        told.wait_for(state="visible")
        assert told.text_content().startswith(f"{name}: ")
        assert page.is_hidden("#batch")


def test_a_remedy_is_filled_in_and_works(page):
    page.expected_errors = ["422"]
    rows = "".join(f"{n},so happy to see you all {n}\n" for n in range(20))
    _give(page, "other.csv", f"id,tweet\n{rows}")
    page.wait_for_selector("#file-problem:not([hidden])")
    told = page.text_content("#file-problem")
    assert told == "other.csv: no column 'text' for the texts; its columns are 'id', 'tweet': name the right one"
    assert page.input_value("[name=text]") == "tweet"
    page.keyboard.press("Enter")  # on the button, which has the focus
    assert [row["id"] for row in _downloaded(page)] == [str(n) for n in range(20)]
    _give(page, "lines.txt", "so happy\n")
    assert _downloaded(page)[0]["text"] == "so happy"
    assert page.input_value("[name=text]") == "", "what was said of another file is forgotten"


def test_an_overloaded_service_is_asked_again(page):
    page.expected_errors = ["503"]
    busy = {"type": "urn:problem-type:sentiment:overloaded", "detail": "Too many"}
    answers = iter([True])
    page.route(
        "**/v1/predict-file?**",
        lambda route: route.fulfill(status=503, json=busy) if next(answers, None) else route.continue_(),
    )
    _give(page, "lines.txt", "so happy\nso sad\n")
    assert len(_downloaded(page)) == 2


def test_a_file_can_be_stopped(page):
    page.route("**/v1/predict-file?**", lambda route: None)
    _give(page, "lines.txt", "so happy\n")
    page.click("#stop")
    page.locator("#file-problem", has_text="Stopped.").wait_for(state="visible")
    assert page.is_hidden("#batch")


def test_a_file_is_dropped(page):
    page.evaluate(
        """() => {
            const transfer = new DataTransfer();
            transfer.items.add(new File(["so happy\\nso sad\\n"], "dropped.txt"));
            document.getElementById("drop").dispatchEvent(new DragEvent("drop", {dataTransfer: transfer}));
        }"""
    )
    assert len(_downloaded(page)) == 2


def test_everything_can_be_reached_and_used_by_the_keyboard_alone(page):
    page.keyboard.press("Tab")
    page.keyboard.type("so happy")
    page.wait_for_selector("#answer:not([hidden])")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the first example
    page.wait_for_function("() => document.getElementById('words').textContent.startsWith('What a lovely')")
    reached = []
    while reached[-1:] != ["metrics"] and len(reached) < 20:
        page.keyboard.press("Tab")
        active = "document.activeElement.id || document.activeElement.textContent.trim()"
        reached.append(page.evaluate(active))
        if reached[-1] in ("As a table", "About the model"):
            page.keyboard.press("Enter")
            assert page.evaluate("document.activeElement.parentElement.open")
    assert {
        "xyzzy plugh frobnicate",
        "As a table",
        "file",
        "How to read the file",
        "About the model",
        "openapi.json",
    } <= set(reached)
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    _give(page, "lines.txt", "so happy\n")
    page.wait_for_selector("#download:not([hidden])")
    assert page.evaluate("document.activeElement.id") == "download"
    with page.expect_download():
        page.keyboard.press("Enter")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_screen_reader_and_weak_eyes_find_nothing_to_complain_of(page, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe: make dev").Axe()
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    _type(page, "so happy 😀 and sad, qwrk")
    page.click("text=As a table")
    page.click("text=About the model")
    page.click("text=How to read the file")
    _give(page, "table.csv", "id,text\n1,so happy\n2,\n3,qwrk zzyx\n")
    page.wait_for_selector("#download:not([hidden])")
    page.click("#left-out summary")
    page.click("text=How to read the file")
    _type(page, "qwrk zzyx happy")
    page.wait_for_selector("#abstained:not([hidden])")
    results = axe.run(page)
    assert results.violations_count == 0, results.generate_report()


def test_nothing_is_loaded_from_elsewhere_whatever_the_page_would_like(page):
    page.expected_errors = ["Content Security Policy", "violates"]
    blocked = page.evaluate(
        """() => new Promise((resolve) => {
            document.addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective));
            const image = document.createElement("img");
            image.src = "https://example.org/pixel.png";
            document.body.append(image);
        })"""
    )
    assert blocked == "img-src"


def test_the_page_fits_every_width(page):
    _type(page, "so happy and " + "w" * 200)
    for width in (320, 375, 1200):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
