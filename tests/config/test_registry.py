"""What configs may call checks its arguments."""

from typing import Literal

import pytest

from sentiment.config import configurable
from sentiment.errors import InputError


def test_arguments_are_checked_by_type_at_each_call():
    def _sized(n: int, scale: float = 1.0, way: Literal["up", "down"] = "up") -> tuple:
        return n, scale, way

    checked = configurable(_sized, "test_sized")
    assert checked(3) == (3, 1.0, "up")
    assert checked(3, scale=2, way="down") == (3, 2, "down")
    for arguments, words in (
        ({"n": "3"}, "test_sized.n = '3'"),
        ({"n": 3, "way": "left"}, "test_sized.way = 'left'"),
        ({"n": 3, "more": 4}, "test_sized: got an unexpected keyword argument 'more'"),
    ):
        with pytest.raises(InputError) as raised:
            checked(**arguments)
        assert words in str(raised.value)


def test_a_class_is_checked_like_a_function():
    class _Thing:
        def __init__(self, size: int):
            self.size = size

    checked = configurable(_Thing, "test_thing")
    assert checked(3).size == 3
    with pytest.raises(InputError, match=r"test_thing\.size = 'big'"):
        checked("big")
