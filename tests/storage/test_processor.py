"""Processors are told apart by their features, not by what changes from second to second."""

import pytest

from sentiment.storage import processor
from sentiment.storage.processor import processor_kind


@pytest.fixture(autouse=True)
def _asked_anew():
    processor_kind.cache_clear()
    yield
    processor_kind.cache_clear()


def test_features_make_the_kind_and_the_clock_does_not(tmp_path, monkeypatch):
    info = tmp_path / "cpuinfo"
    monkeypatch.setattr(processor, "_CPU_INFO", info)

    def kind(text):
        info.write_text(text)
        processor_kind.cache_clear()
        return processor_kind()

    plain = kind("processor : 0\nmodel name : A CPU\nflags : fpu avx2\ncpu MHz : 2400\n")
    assert plain != kind("processor : 0\nmodel name : A CPU\nflags : fpu avx2 avx512f\ncpu MHz : 2400\n")
    assert plain == kind("processor : 1\nmodel name : A CPU\nflags : fpu avx2\ncpu MHz : 800\n")


def test_a_system_without_the_list_has_a_kind_too(tmp_path, monkeypatch):
    monkeypatch.setattr(processor, "_CPU_INFO", tmp_path / "none")
    assert len(processor_kind()) == 16
