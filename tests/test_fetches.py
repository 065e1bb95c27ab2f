"""A test skips where data can't be fetched and for no other reason; in CI it fails instead."""

import pytest
from fetches import fetch_or_skip

from sentiment.errors import InputError, UnavailableError


def _outcome(error: Exception) -> BaseException:
    with pytest.raises(BaseException) as caught, fetch_or_skip("the data"):
        raise error
    return caught.value


def test_what_cannot_be_fetched_skips_with_its_reason(monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    skipped = _outcome(UnavailableError("no network"))
    assert isinstance(skipped, pytest.skip.Exception)
    assert str(skipped) == "needs the data: no network"


def test_in_ci_it_fails(monkeypatch):
    monkeypatch.setenv("CI", "true")
    failed = _outcome(UnavailableError("no network"))
    assert isinstance(failed, pytest.fail.Exception)
    assert str(failed) == "CI needs the data: no network"


def test_any_other_bad_input_is_no_reason_to_skip(monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    assert type(_outcome(InputError("a broken file"))) is InputError
