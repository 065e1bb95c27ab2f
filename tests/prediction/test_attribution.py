"""What is marked in a text: pieces that don't overlap, in order, with the scores of all tokens that they give."""

import itertools

from any_text import ANY_TEXT, SETTINGS
from hypothesis import given

from sentiment.prediction.attribution import Attribution, Mark, marks


def test_tokens_of_the_same_characters_share_a_mark():
    great = Attribution("great", 0.5, True, (3, 8))
    capitals = Attribution("<caps>", -0.25, False, (3, 8))
    after = Attribution("day", 1.0, True, (9, 12))
    assert marks([great, capitals, after]) == [Mark((3, 8), 0.25, False), Mark((9, 12), 1.0, True)]
    assert marks([]) == []


def test_tokens_that_overlap_in_part_are_marked_from_the_first_to_the_last():
    assert marks([Attribution(":D", 1.0, True, (0, 5)), Attribution("dd", 1.0, True, (1, 7))]) == [
        Mark((0, 7), 2.0, True)
    ]


@given(SETTINGS, ANY_TEXT)
def test_marks_never_overlap_and_lose_no_score(preprocess, text):
    tokens = preprocess.tokens_with_offsets(text)
    found = marks([Attribution(token.text, 1.0, True, (token.start, token.end)) for token in tokens])
    assert sum(mark.score for mark in found) == len(tokens)
    assert all(one.span[1] <= two.span[0] for one, two in itertools.pairwise(found))
    assert all(mark.span[0] < mark.span[1] <= len(text) for mark in found)
