"""How does an error become an answer, and who may learn what is wrong with a body?

The caller comes first. FastAPI looks at path, query, headers and body before a route can open a transaction, and only
the transaction knows whether the token is good. So before anything is said about what was sent, the caller is proven as
any route would prove it: whoever may not call gets the same 401 or 403 whatever the request holds. Only a body beyond
the limit is refused to everybody alike, unread.
"""

from html import escape

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from app.api import deps
from app.api.policies import POLICIES, PUBLIC
from app.api.problems import INTERNAL, PROBLEMS, field_error, problem_response, row_of
from app.domain import errors as e
from app.store.transaction import Transaction

ABOUT_WHAT_WAS_SENT = (e.Invalid, e.MalformedJson, e.PreconditionRequired, e.UnsupportedMediaType)
"""Errors that tell about the request itself; they may come up before the caller is proven."""


def install(app: FastAPI) -> None:
    """Give the application its error handlers and the pages behind `type`."""
    app.add_exception_handler(e.RungError, on_rung_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.include_router(pages)


async def on_rung_error(request: Request, error: Exception) -> Response:
    """The answer for an error of ours."""
    assert isinstance(error, e.RungError)
    return await _answer(request, error)


async def _on_validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if any(one["type"] == "json_invalid" for one in found):
        return await _answer(request, e.MalformedJson("The body cannot be parsed as JSON."))
    if isinstance(error.body, bytes):
        # FastAPI parses only what calls itself JSON, and takes anything else for one long string.
        return await _answer(request, e.UnsupportedMediaType("Send `Content-Type: application/json`."))
    fields = tuple(field_error(one) for one in found[:50])
    names = ", ".join(dict.fromkeys(one.pointer for one in fields))
    return await _answer(request, e.Invalid(f"Look at: {names[:500]}", errors=fields))


async def _answer(request: Request, error: e.RungError) -> Response:
    """The answer for an error, or for the better reason to refuse: that this caller may not call."""
    if isinstance(error, ABOUT_WHAT_WAS_SENT):
        try:
            await _prove(request)
        except e.RungError as better:
            error = better
    return problem_response(request, row_of(error), error.detail, error=error)


async def _prove(request: Request) -> None:
    """Raise what the operation would answer this caller to a request without fault: nothing, when it may be called."""
    operation = getattr(request.scope.get("endpoint"), "__name__", "")
    if POLICIES.get(operation, PUBLIC) == PUBLIC:
        return
    await request.app.state.house.db.read(await deps.caller(request), _nothing)


def _nothing(_tx: Transaction) -> None:
    """Who calls is proven before any question is asked."""


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    kind = {
        400: e.MalformedJson,
        404: e.NotFound,
        405: e.MethodNotAllowed,
        413: e.BodyTooLarge,
        415: e.UnsupportedMediaType,
    }.get(error.status_code)
    if kind is None:
        return problem_response(request, INTERNAL, "")
    return await _answer(request, kind(str(error.detail), headers=dict(error.headers or {})))


pages = APIRouter(include_in_schema=False)


@pages.get("/problems/{code}")
async def explain_problem(code: str) -> HTMLResponse:
    """The page behind `type`: what happened and what to do."""
    row = next((row for row in (*PROBLEMS.values(), INTERNAL) if row.code == code), None)
    if row is None:
        raise e.NotFound("There is no problem with this code.")
    return HTMLResponse(
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(row.title)}</title>"
        f"<h1>{escape(row.title)}</h1><p><code>{row.code}</code>, status {row.status}, retry: {row.retry}</p>"
        f"<p>{escape(row.help)}</p></html>"
    )
