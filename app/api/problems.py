"""How refusals are answered: `application/problem+json` (RFC 9457), and how operations document them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from app.api.conditions import Unchanged, answer_unchanged
from app.errors import (
    AppError,
    BadHost,
    Busy,
    ForeignOrigin,
    Invalid,
    NotFound,
    NotJson,
    StoreBusy,
    TooLarge,
    UnknownHost,
    Unreadable,
    every_error,
)
from app.schemas.faults import worded
from app.schemas.reading import MOST_FAULTS

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"


class FaultOut(BaseModel):
    """One thing that is wrong."""

    field: str = Field(description="Where: a path such as `workloads[3].devices`, or a parameter.")
    message: str
    expected: str | None = Field(default=None, description="What was expected there.")


class Problem(BaseModel):
    """Why a request was refused (RFC 9457)."""

    type: str = Field(description="Where this kind of refusal is described.")
    title: str
    status: int
    code: str = Field(description="Never changes; see `/v1/problems` for all of them.")
    detail: str = Field(description="What happened this time.")
    instance: str = Field(description="The path that was asked for.")
    errors: list[FaultOut] = Field(default=[], description="What is wrong, field by field.")


def problem(error: AppError, path: str) -> Problem:
    """An error as it travels."""
    return Problem(
        type=f"/v1/problems#{error.code}",
        title=error.title,
        status=error.status,
        code=error.code,
        detail=error.detail,
        instance=path,
        errors=[FaultOut(field=f.field, message=f.message, expected=f.expected) for f in error.faults],
    )


def answer(error: AppError, path: str, headers: Mapping[str, str] | None = None) -> Response:
    """The response that refuses a request."""
    return Response(
        problem(error, path).model_dump_json(),
        status_code=error.status,
        media_type=MEDIA_TYPE,
        headers=dict(headers or {}) | ({} if error.retry_after is None else {"Retry-After": str(error.retry_after)}),
    )


def install(app: FastAPI) -> None:
    """Have every error of `app` answered as a problem document."""
    app.add_exception_handler(AppError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Unchanged, answer_unchanged)
    app.add_exception_handler(Exception, _broken)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, AppError)
    return answer(error, request.url.path)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    # Where it stands is said without the part of the request that it stands in.
    faults = tuple(worded({**e, "loc": e["loc"][1:] or e["loc"]}) for e in error.errors()[:MOST_FAULTS])
    return answer(Invalid("Some fields are not as expected.", faults), request.url.path)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        known: AppError = NotFound("There is nothing at this path.")
    elif error.status_code == 413:
        known = TooLarge()
    elif error.status_code == 400:
        known = Unreadable("The body could not be read.")
    else:
        known = _other(error)
    return answer(known, request.url.path, error.headers)


def _other(error: HTTPException) -> AppError:
    phrase = HTTPStatus(error.status_code).phrase
    named = type(
        "HttpError",
        (AppError,),
        {
            "status": error.status_code,
            "code": phrase.lower().replace(" ", "_"),
            "title": phrase,
            "__doc__": phrase,
        },
    )
    found: AppError = named(str(error.detail))
    return found


async def _broken(request: Request, error: Exception) -> Response:
    log.error("request.broke", path=request.url.path, exc_info=error)
    # The server closes the connection after an error that it does not know, so the answer says it.
    broken = AppError("The service could not carry this out; it has been logged.")
    return answer(broken, request.url.path, {"Connection": "close"})


def refusals(*kinds: type[AppError], body: bool = False) -> dict[int | str, dict[str, Any]]:
    """The documentation of an operation's refusals, for its `responses`.

    An operation with a `body` can also find it unreadable, too large, or not valid; any operation can find its
    parameters not valid or the store busy.
    """
    common: tuple[type[AppError], ...] = (Invalid, StoreBusy, Busy)
    if body:
        common += (Unreadable, TooLarge)
    return _described((*kinds, *common))


def refuse_everywhere(method: str, operation: dict[str, Any]) -> None:
    """Add to the documentation of an operation the refusals that come before any route is asked (see `app.api.origins`)."""
    kinds: tuple[type[AppError], ...] = (BadHost, UnknownHost)
    if method not in ("get", "head", "options"):
        kinds += (ForeignOrigin, NotJson)
    for status, told in _described(kinds).items():
        known = operation["responses"].setdefault(str(status), told)
        if known is not told:
            known["description"] += f" {told['description']}"
            known["content"][MEDIA_TYPE]["examples"] |= told["content"][MEDIA_TYPE]["examples"]
    operation["responses"] = dict(sorted(operation["responses"].items()))


def _described(kinds: Iterable[type[AppError]]) -> dict[int | str, dict[str, Any]]:
    """The documentation of these refusals, by status."""
    by_status: dict[int, list[type[AppError]]] = {}
    for kind in dict.fromkeys(kinds):
        by_status.setdefault(kind.status, []).append(kind)
    return {
        status: {
            "description": " ".join(f"`{kind.code}`: {kind.__doc__}" for kind in found),
            "content": {
                MEDIA_TYPE: {
                    "schema": {"$ref": "#/components/schemas/Problem"},
                    "examples": {kind.code: {"value": problem(kind(), "/v1/...").model_dump()} for kind in found},
                }
            },
        }
        for status, found in sorted(by_status.items())
    }


class ProblemKind(BaseModel):
    """A kind of refusal."""

    code: str
    status: int
    title: str
    meaning: str


def all_kinds() -> list[ProblemKind]:
    """Every kind of refusal."""
    return [
        ProblemKind(code=kind.code, status=kind.status, title=kind.title, meaning=kind.__doc__ or "")
        for kind in every_error()
        if "code" in vars(kind)
    ]
