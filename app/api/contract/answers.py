"""Which models do the answers of an operation have? Only the document for client developers asks.

Our routes make their answers themselves and give them to FastAPI ready. It would still build a serialiser for each of
the six hundred answers that operations declare, at every start; here that waits until the document is made.
"""

import inspect
from collections.abc import Callable, Iterable
from typing import Any

from fastapi.datastructures import DefaultPlaceholder
from fastapi.routing import APIRoute
from fastapi.utils import create_model_field
from starlette.responses import Response
from starlette.routing import BaseRoute

Declared = dict[int | str, dict[str, Any]]


class Operation(APIRoute):
    """A route that answers with ready bytes. Raises TypeError for a function that would leave them to FastAPI."""

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        response_model: Any = None,  # noqa: ANN401 - a model, or what a field of one may be
        responses: Declared | None = None,
        **options: Any,  # noqa: ANN401 - FastAPI's
    ) -> None:
        answer = inspect.get_annotations(endpoint, eval_str=True).get("return")
        if not (isinstance(answer, type) and issubclass(answer, Response)):
            raise TypeError(f"{endpoint.__name__} must return a Response: what it declares is not applied to anything.")
        declared = responses or {}
        without_models = {status: {**said, "model": None} for status, said in declared.items()}
        super().__init__(path, endpoint, response_model=None, responses=without_models, **options)
        self.declared_model = None if isinstance(response_model, DefaultPlaceholder) else response_model
        self.declared_models = {status: said["model"] for status, said in declared.items() if "model" in said}

    def declare(self) -> None:
        """Let FastAPI know the models, named as it names them."""
        if self.declared_model is not None:
            self.response_field = create_model_field(
                name=f"Response_{self.unique_id}", type_=self.declared_model, mode="serialization"
            )
        self.response_fields = {
            status: create_model_field(name=f"Response_{status}_{self.unique_id}", type_=model, mode="serialization")
            for status, model in self.declared_models.items()
        }


def declare(routes: Iterable[BaseRoute]) -> None:
    """Let FastAPI know the models of all answers, before it makes the document."""
    for route in routes:
        if isinstance(route, Operation):
            route.declare()
