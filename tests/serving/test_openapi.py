"""The OpenAPI document, tried by Schemathesis: whatever it allows or forbids, the service answers as it says."""

from collections.abc import Sequence

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from live_service import in_thread
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import positive_data_acceptance

from sentiment.serving.app import load_app

REFUSED = {400, 413, 415, 422}
CONFIG = {"checks": {"negative_data_rejection": {"expected-statuses": sorted(map(str, REFUSED))}}}
OPERATIONS = ["GET /healthz", "GET /metrics", "GET /readyz", "GET /v1/model", "POST /v1/predict"]
FILE = "POST /v1/predict-file"


@pytest.fixture(scope="module")
def operations(small_run):
    """The operations of a service that listens while the tests of this file run, by name."""
    with in_thread(load_app(small_run)) as port:
        config = SchemathesisConfig.from_dict(CONFIG)
        schema = schemathesis.openapi.from_url(f"http://127.0.0.1:{port}/openapi.json", config=config)
        yield {result.ok().label: result.ok() for result in schema.get_all_operations()}


def _try(operation, mode: GenerationMode, examples: int, unchecked: Sequence = ()) -> set[int]:
    statuses = set()

    @given(operation.as_strategy(generation_mode=mode))
    @settings(max_examples=examples, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
    def call(case):
        statuses.add(case.call_and_validate(excluded_checks=list(unchecked)).status_code)

    call()
    return statuses


def test_every_operation_is_tried(operations):
    assert sorted(operations) == [*OPERATIONS, FILE]


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_answers_as_its_document_says(operations, name):
    assert _try(operations[name], GenerationMode.POSITIVE, 30 if "POST" in name else 2) == {200}


def test_random_bytes_as_a_file_are_read_or_refused_as_the_document_says(operations):
    assert _try(operations[FILE], GenerationMode.POSITIVE, 12, [positive_data_acceptance]) <= {200, 422}
    assert _try(operations[FILE], GenerationMode.NEGATIVE, 12) <= REFUSED


@pytest.mark.parametrize("examples", [100, pytest.param(3000, marks=pytest.mark.slow)])
def test_what_the_document_forbids_is_refused_as_it_says(operations, examples):
    statuses = _try(operations["POST /v1/predict"], GenerationMode.NEGATIVE, examples)
    assert statuses
    assert statuses <= REFUSED
