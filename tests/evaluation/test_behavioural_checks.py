"""The behavioural checks pass for what can do them, fail for what can't, and their sentences are sound."""

from collections import Counter
from dataclasses import dataclass

import pytest

from sentiment.evaluation.behavioural_checks import NEGATION, check_behaviour, read_checks

TWO = ("negative", "positive")


@dataclass(frozen=True)
class Said:
    label: str
    probabilities: dict[str, float]
    abstained: bool = False


def _said(positive: float, abstained: bool = False) -> Said:
    label = "positive" if positive > 0.5 else "negative"
    return Said(label, {"negative": 1 - positive, "positive": positive}, abstained)


def _passing():
    """A predictor that knows every answer."""
    truth = {}
    for check in read_checks():
        if check.expected in TWO:
            good = check.expected == "positive"
            values = [0.9 if good else 0.1] if len(check.texts) == 1 else [0.4, 0.6] if good else [0.6, 0.4]
            truth |= dict(zip(check.texts, map(_said, values), strict=True))
        elif check.expected == "abstain":
            truth[check.texts[0]] = _said(0.5, abstained=True)
    return lambda texts: [truth.get(text, _said(0.5)) for text in texts]


def _rates(results) -> dict[str, float]:
    return {result.capability: result.rate for result in results}


def test_what_knows_every_answer_passes_every_check():
    results = check_behaviour(_passing(), TWO)
    assert set(_rates(results).values()) == {1.0}
    assert all(result.failed == () for result in results)
    assert {NEGATION, "intensity", "names", "typos", "emoji", "elongation", "casing"} < set(_rates(results))


def test_what_always_answers_alike_knows_no_negation_and_never_abstains():
    rates = _rates(check_behaviour(lambda texts: [_said(0.8)] * len(texts), TWO))
    assert rates[NEGATION] == rates["emoji"] == rates["nothing to go by"] == 0
    assert rates["plain words"] == 0.5
    assert rates["names"] == rates["typos"] == 1


def test_a_model_that_sees_only_capitals_fails_the_casing_checks():
    results = check_behaviour(lambda texts: [_said(float(text.isupper())) for text in texts], TWO)
    casing = next(result for result in results if result.capability == "casing")
    assert 0 < casing.passed < casing.checks
    assert casing.checks == casing.passed + len(casing.failed)
    assert all(any(text.isupper() for text in texts) for texts in casing.failed)


def test_intensity_forgives_what_is_too_little_to_mean_anything():
    check = next(check for check in read_checks() if check.capability == "intensity" and check.expected == "positive")
    assert check.passes([_said(0.999), _said(0.998)])
    assert not check.passes([_said(0.9), _said(0.7)])


def test_of_other_labels_only_what_must_stay_the_same_is_asked():
    moods = ("calm", "happy", "sad")
    answer = Said("calm", dict.fromkeys(moods, 1 / 3))
    capabilities = set(_rates(check_behaviour(lambda texts: [answer] * len(texts), moods)))
    assert capabilities == {"names", "typos", "elongation", "casing", "nothing to go by"}


def test_the_unseen_pairs_are_asked_only_when_named():
    develop, unseen = (
        {c.texts for c in read_checks(part) if c.capability == NEGATION} for part in ("develop", "unseen")
    )
    assert len(develop) == len(unseen) == 50
    assert not develop & unseen


def test_every_capability_has_enough_checks_balanced_and_none_twice():
    checks = read_checks()
    counts = Counter(check.capability for check in checks)
    assert min(counts.values()) >= 10
    directed = [text for check in checks if check.expected in TWO for text in check.texts]
    assert len(set(directed)) == len(directed)
    for capability in ("plain words", "intensity"):
        sides = Counter(check.expected for check in checks if check.capability == capability)
        assert sides["positive"] == sides["negative"]
    assert {len(check.texts) for check in checks if check.capability == "names"} == {12}


@pytest.mark.parametrize("capability", ["typos", "elongation", "casing", "emoji", "intensity"])
def test_the_two_texts_of_a_check_differ(capability):
    pairs = [check.texts for check in read_checks() if check.capability == capability]
    assert all(len(pair) == 2 for pair in pairs)
    assert all(one != other for one, other in pairs)
