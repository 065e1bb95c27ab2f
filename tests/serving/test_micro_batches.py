"""Requests that wait while the model is busy are predicted together."""

import asyncio
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.serving.micro_batches import MicroBatches, Overloaded


class Model:
    """Doubles each text once it is let go; remembers its batches."""

    def __init__(self):
        self.batches: list[list[str]] = []
        self.go = threading.Event()

    def __call__(self, texts):
        self.batches.append(list(texts))
        assert self.go.wait(30)
        return [text * 2 for text in texts]

    async def begun(self):
        """Waits until it has its first batch."""
        while not self.batches:
            await asyncio.sleep(0.001)


def _run(coroutine):
    return asyncio.run(coroutine)


def test_a_lone_request_is_answered_at_once_and_what_comes_meanwhile_together():
    async def requests():
        model = Model()
        batches = MicroBatches(model)
        first = asyncio.create_task(batches(["a"]))
        await model.begun()
        later = [asyncio.create_task(batches([letter, letter])) for letter in "bcd"]
        await asyncio.sleep(0)
        model.go.set()
        return await asyncio.gather(first, *later), model.batches

    answers, seen = _run(requests())
    assert answers == [["aa"], ["bb", "bb"], ["cc", "cc"], ["dd", "dd"]]
    assert seen == [["a"], ["b", "b", "c", "c", "d", "d"]]


def test_a_batch_has_a_most_and_a_large_request_goes_in_pieces():
    async def requests():
        model = Model()
        batches = MicroBatches(model, max_batch=3)
        tasks = [asyncio.create_task(batches(list(texts))) for texts in ("ab", "c", "d", "efghi", "j")]
        model.go.set()
        return await asyncio.gather(*tasks), model.batches

    answers, seen = _run(requests())
    assert ["".join(batch) for batch in seen] == ["abc", "def", "jgh", "i"]
    assert [text for answer in answers for text in answer] == [letter * 2 for letter in "abcdefghij"]


def test_large_requests_take_turns_so_that_a_small_one_waits_for_one_batch():
    large = ["x" * MicroBatches.SHARE] * 50

    async def requests():
        model = Model()
        batches = MicroBatches(model, max_characters=4 * MicroBatches.SHARE)
        tasks = [asyncio.create_task(batches(large)) for _ in range(3)]
        await model.begun()
        small = asyncio.create_task(batches(["small"]))
        await asyncio.sleep(0)
        model.go.set()
        await small
        seen = len(model.batches)
        return seen, await asyncio.gather(*tasks)

    seen, answers = _run(requests())
    assert seen <= 3
    assert all(answer == [text * 2 for text in large] for answer in answers)


@given(st.lists(st.lists(st.text(max_size=6), min_size=1, max_size=9), min_size=1, max_size=9), st.integers(1, 5))
def test_each_request_gets_the_answers_to_its_own_texts_in_order(requests, most):
    async def answers():
        batches = MicroBatches(lambda texts: [text[::-1] for text in texts], max_batch=most, max_characters=8)
        return await asyncio.gather(*map(batches, requests))

    assert _run(answers()) == [[text[::-1] for text in texts] for texts in requests]


def test_a_lone_request_is_taken_at_any_size():
    async def request():
        return await MicroBatches(lambda texts: texts, max_batch=2, max_waiting=2)(list("abcde"))

    assert _run(request()) == list("abcde")


def test_more_than_may_wait_is_refused_and_room_is_made_by_answers():
    async def requests():
        model = Model()
        batches = MicroBatches(model, max_waiting=2)
        first = asyncio.create_task(batches(["a"]))
        await model.begun()
        assert not batches.busy
        waiting = asyncio.create_task(batches(["b", "c"]))
        await asyncio.sleep(0)
        assert batches.busy
        with pytest.raises(Overloaded):
            await batches(["d"])
        model.go.set()
        await asyncio.gather(first, waiting)
        return await batches(["e", "f"])

    assert _run(requests()) == ["ee", "ff"]


def test_a_request_that_is_given_up_is_not_predicted():
    async def requests():
        model = Model()
        batches = MicroBatches(model, timeout=0.05)
        first = asyncio.create_task(batches(["a"]))
        await model.begun()
        second = asyncio.create_task(batches(["b"]))
        for task in (first, second):
            with pytest.raises(TimeoutError):
                await task
        model.go.set()
        return await batches(["c"]), model.batches

    assert _run(requests()) == (["cc"], [["a"], ["c"]])


def test_a_bug_in_the_model_reaches_each_request_of_the_batch_and_no_other():
    def model(texts):
        if "bad" in texts:
            raise ZeroDivisionError
        return texts

    async def requests():
        batches = MicroBatches(model)
        failed = await asyncio.gather(batches(["bad"]), batches(["good"]), return_exceptions=True)
        return failed, await batches(["good"])

    failed, later = _run(requests())
    assert [type(error) for error in failed] == [ZeroDivisionError] * 2
    assert later == ["good"]


@pytest.mark.parametrize(("seconds", "in_loop"), [(0.0, True), (0.01, False)])
def test_only_what_a_quick_model_has_soon_done_is_computed_in_the_event_loop(seconds, in_loop):
    threads = []

    def answer(texts):
        threads.append(threading.current_thread())
        until = time.thread_time() + seconds
        while time.thread_time() < until:
            pass
        return texts

    async def requests():
        batches = MicroBatches(answer)
        return [await batches(["a" * 40]) for _ in range(3)] + [await batches(["a" * 10_000_000])]

    assert _run(requests()) == [["a" * 40]] * 3 + [["a" * 10_000_000]]
    assert [each is threading.main_thread() for each in threads] == [False, in_loop, in_loop, False]
