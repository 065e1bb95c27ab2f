"""What annotators chose is the label: one chose, or most did, or nobody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.corpora.readers import ReadOptions, read_table
from sentiment.corpora.readers.annotated import plain
from sentiment.errors import InputError

KEYS = ["data", "annotations", "result", "value", "choices", "answer", "accept"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner),
    max_leaves=12,
)


def _judged(*choices, **more):
    result = [{"type": "choices", "from_name": "mood", "to_name": "text", "value": {"choices": list(choices)}}]
    return {"result": result if choices else [], **more}


@pytest.mark.parametrize(
    ("annotations", "mood"),
    [
        ([_judged("sad")], "sad"),
        ([_judged("sad"), _judged("happy"), _judged("sad")], "sad"),
        ([_judged("sad"), _judged("happy")], None),
        ([_judged("sad"), _judged("happy", ground_truth=True)], "happy"),
        ([_judged("sad", was_cancelled=True), _judged("happy")], "happy"),
        ([_judged("sad", "angry"), _judged("angry", "sad")], ["angry", "sad"]),
        ([{"result": [{"from_name": "mood", "value": {"rating": 4}}]}], 4),
    ],
)
def test_a_task_of_label_studio_has_the_label_that_most_gave(annotations, mood):
    task = {"id": 1, "data": {"text": "hm", "user": 3}, "annotations": annotations}
    assert plain(task) == {"text": "hm", "user": 3, "mood": mood}


@pytest.mark.parametrize("annotations", [[], [_judged()], [_judged("sad", was_cancelled=True)]])
def test_a_task_that_was_skipped_has_no_label(annotations):
    assert plain({"data": {"text": "hm"}, "annotations": annotations}) == {"text": "hm"}


def test_spans_within_a_text_are_no_labels_of_it():
    span = {"type": "labels", "from_name": "names", "value": {"start": 0, "end": 2, "text": "hm", "labels": ["PER"]}}
    assert plain({"data": {"text": "hm"}, "annotations": [{"result": [span]}]}) == {"text": "hm"}


@pytest.mark.parametrize(
    ("answer", "chosen", "label"),
    [
        ("accept", {"label": "sad"}, "sad"),
        ("reject", {"label": "sad"}, None),
        ("ignore", {"label": "sad"}, None),
        ("accept", {"accept": ["sad"], "options": [{"id": "sad"}]}, "sad"),
        ("accept", {"accept": ["sad", "angry"], "options": []}, ["sad", "angry"]),
        ("accept", {"accept": [], "options": []}, []),
    ],
)
def test_an_answer_of_prodigy_is_a_label_where_it_was_accepted(answer, chosen, label):
    record = {"text": "hm", "_task_hash": 5, "meta": {"source": "x"}, "answer": answer, **chosen}
    assert plain(record) == {"text": "hm", "_task_hash": 5, "meta": {"source": "x"}, "label": label}


@given(JSON)
def test_any_other_record_is_read_as_it_is(value):
    found = plain(value)
    if not (isinstance(value, dict) and "data" in value and "annotations" in value):
        assert found is value
    assert plain({"text": "a", "label": "b", "answer": "accept"}) == {"text": "a", "label": "b", "answer": "accept"}


def test_objects_are_no_labels(tmp_path):
    path = tmp_path / "own.jsonl"
    path.write_text('{"text": "hm", "label": [{"name": "sad"}]}\n' * 3, "utf-8")
    with pytest.raises(InputError, match=r"own\.jsonl: column 'label' holds objects, such as \[\{'name': 'sad'\}\]: "):
        read_table(path, ReadOptions(label="label"))
    table = read_table(path)  # as for predictions: its texts can be had
    assert table.texts == ["hm"] * 3
    assert not table.labelled
