"""What an operation declares to answer with is only looked at for the document."""

import pytest
from starlette.responses import Response

from app.api.contract.answers import Operation, declare
from app.api.deps import routes
from app.api.problems import Problem, responses
from app.main import ROUTERS


async def answers_itself() -> Response:
    return Response()


async def leaves_it() -> dict[str, str]:
    return {}


def test_fields_of_answers_are_made_for_the_document_and_not_before() -> None:
    router = routes("patients")
    router.get("/patients/answers", response_model=Problem, responses=responses())(answers_itself)
    [route] = router.routes
    assert isinstance(route, Operation)
    assert (route.response_field, route.response_fields) == (None, {})
    declare([route])
    assert route.response_field is not None
    assert route.response_field.field_info.annotation is Problem
    assert list(route.response_fields) == [422, 503]


def test_every_operation_waits_so() -> None:
    others = [route for router in ROUTERS for route in router.routes if not isinstance(route, Operation)]
    assert others == []


def test_a_function_that_would_leave_its_answer_to_the_framework_is_refused() -> None:
    with pytest.raises(TypeError, match="leaves_it must return a Response"):
        routes("patients").get("/patients/leaves", response_model=Problem)(leaves_it)
