"""What is described is what is answered: no failure of the server, no undeclared status, no answer off its schema.

Requests are made from the description, with data that fit it and data that do not, at the addresses of real things.
"""

import copy
from functools import cache
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode, checks

from flowdock.protocol import endpoints
from flowdock.protocol.endpoints import Endpoint
from flowdock.server.http.describing import document
from flowdock.testing import Server
from tests.contract.cast import CALLERS, Caller, Wire, new_world
from tests.contract.expectations import CASES, Case, Outcome

CHECKS = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
DESCRIBED = document("http://flowdock.example")
SCHEMA = schemathesis.openapi.from_dict(DESCRIBED)
EXAMPLES = 12
"""For each endpoint."""
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
"""Data that fit the description, and data that do not."""

MEMBER = next(one for one in CALLERS if one.name == "member")
ROWS = endpoints.ALL


@cache
def validator(status: int, row: Endpoint[Any]) -> Any:
    """Of an answer, without members that nobody described; None where there is no body."""
    told = DESCRIBED["paths"][row.path][row.method.lower()]["responses"][str(status)]
    if "content" not in told:
        return None
    closed = copy.deepcopy(DESCRIBED["components"])
    for component in closed["schemas"].values():
        if "properties" in component:
            component["additionalProperties"] = False
    schema = {**told["content"]["application/json"]["schema"], "components": closed}
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


def allowed(case: Case) -> Caller:
    """Who may do it: the founder where they are one of those."""
    return next(one for one in (CALLERS[1], *CALLERS[2:], CALLERS[0]) if case.expected(one) is Outcome.ALLOWED)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_is_granted_is_answered_as_described_and_with_nothing_else(server: Server, wire: Wire, case: Case) -> None:
    world = new_world(server, wire)

    answer = world.ask(allowed(case), case.row, case.at, case.parameters)

    told = validator(answer.status, case.row)
    if told is None:
        assert answer.body == b""
    else:
        assert [f"{error.instance_path} {error.message}" for error in told.iter_errors(answer.json)] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_answer_is_described(server: Server, wire: Wire, row: Endpoint[Any]) -> None:
    world = new_world(server, wire)
    case = next(one for one in CASES if one.row is row)
    real = {name: str(world.filled(value)) for name, value in case.at.items()}
    callers = list({allowed(case): None, MEMBER: None})
    operation = SCHEMA[row.path][row.method]

    @settings(
        max_examples=EXAMPLES, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(
        made=st.one_of([operation.as_strategy(generation_mode=mode) for mode in MODES]),
        at_something_real=st.booleans(),
        caller=st.sampled_from(callers),
    )
    def answers_are_described(made: schemathesis.Case[Any], at_something_real: bool, caller: Caller) -> None:
        if at_something_real:
            made.path_parameters = dict(real)
        more = {"flow_token": world.flow_tokens[caller.name]} if caller.name in world.flow_tokens else None
        response = made.call(base_url=server.url, headers=world.headers(caller), params=more)
        assert response.status_code not in (500, 503), response.text
        made.validate_response(response, checks=CHECKS)

    answers_are_described()
