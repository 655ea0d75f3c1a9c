"""How refusals are answered: `application/problem+json` (RFC 9457), and how operations document them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from http import HTTPStatus
from typing import Annotated, Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from app.api.conditions import Unchanged, answer_unchanged
from app.errors import (
    AppError,
    BadHost,
    Busy,
    Fault,
    FaultCode,
    ForeignOrigin,
    Invalid,
    NotFound,
    NotJson,
    OutcomeUnknown,
    StoreBusy,
    StoreDamaged,
    StoreFull,
    StoreReadOnly,
    StoreUnusable,
    TooLarge,
    UnknownHost,
    Unreadable,
    every_error,
)
from app.schemas.expecting import WHOLE
from app.schemas.faults import FAULTS_TOLD, all_worded

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"

#: How any operation that asks the store can be refused.
STORE_REFUSALS = (StoreBusy, StoreFull, StoreReadOnly, StoreDamaged, StoreUnusable)


class FaultOut(BaseModel):
    """One thing that is wrong."""

    field: str = Field(description="Where: a path such as `workloads[3].devices`, or a parameter.")
    message: str = Field(description="What is wrong with it.")
    expected: str | None = Field(default=None, description="What was expected there.")
    value: str | None = Field(default=None, description="What stands there, as JSON has it, shortened.")
    fix: str | None = Field(default=None, description="How to mend it, where a way is known.")
    document: str | None = Field(default=None, description="The document that it stands in, where several were sent.")
    id: str | None = Field(default=None, description="The id of the entity that has it, where a document was sent.")
    code: FaultCode | None = Field(
        default=None, description="Which kind of fault, where it is one of these; a code never changes."
    )
    least: float | None = Field(default=None, description="The least that was expected, of the value or of its size.")
    most: float | None = Field(default=None, description="The most that was expected, of the value or of its size.")
    among: tuple[str, ...] = Field(default=(), description="The words of which one was expected, where they are few.")


class ProblemDetail(BaseModel):
    """Why a request was refused (RFC 9457)."""

    type: str = Field(description="Where this kind of refusal is described.")
    title: str
    status: int
    code: str = Field(description="Never changes; see `/v1/problems` for all of them.")
    detail: str = Field(description="What happened this time.")
    instance: str = Field(description="The path that was asked for.")
    errors: list[FaultOut] = Field(default=[], description="What is wrong, field by field.")


def problem(error: AppError, path: str) -> ProblemDetail:
    """An error as it travels."""
    return ProblemDetail(
        type=f"/v1/problems#{error.code}",
        title=error.title,
        status=error.status,
        code=error.code,
        detail=error.detail,
        instance=path,
        errors=[FaultOut(**asdict(fault)) for fault in error.faults],
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
    faults = _worded(request, error.errors())
    told, more = faults[:FAULTS_TOLD], len(faults) - FAULTS_TOLD
    detail = "Some fields are not as expected." + (
        f" Told are the first {FAULTS_TOLD}; there are {more:,} more." if more > 0 else ""
    )
    return answer(Invalid(detail, tuple(told)), request.url.path)


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


def _worded(request: Request, errors: Sequence[Mapping[str, Any]]) -> list[Fault]:
    """What is wrong with the parts of a request, in words."""
    kinds = _kinds(request)
    faults: list[Fault] = []
    for part in dict.fromkeys(error["loc"][0] for error in errors):
        inside = [error for error in errors if error["loc"][0] == part]
        for name in dict.fromkeys(error["loc"][1] if len(error["loc"]) > 1 else None for error in inside):
            kind = kinds.get((part, name), kinds.get((part, None)))
            lone = name is not None and (part, name) in kinds
            own = [error for error in inside if (error["loc"][1] if len(error["loc"]) > 1 else None) == name]
            told = all_worded([{**error, "loc": error["loc"][2 if lone else 1 :]} for error in own], kind)
            faults += [replace(fault, field=_under(str(name), fault.field)) if lone else fault for fault in told]
    return faults


def _under(name: str, field: str) -> str:
    """The path of a field of a parameter."""
    return name if field == WHOLE else f"{name}{'' if field.startswith('[') else '.'}{field}"


def _kinds(request: Request) -> dict[tuple[str, str | None], Any]:
    """What a route takes: (part of the request, name of a parameter or None for all together) -> what it is validated as."""
    route = request.scope.get("route")
    if not isinstance(route, APIRoute):
        return {}
    kinds: dict[tuple[str, str | None], Any] = {}
    waiting = [route.dependant]
    while waiting:
        dependant = waiting.pop()
        waiting += dependant.dependencies
        for part, fields in (
            ("path", dependant.path_params), ("query", dependant.query_params), ("header", dependant.header_params),
            ("body", dependant.body_params),
        ):  # fmt: skip
            for field in fields:
                kind = field.field_info.annotation
                whole = part == "body" or (isinstance(kind, type) and issubclass(kind, BaseModel))
                about = tuple(field.field_info.metadata)
                kinds[part, None if whole else field.alias] = Annotated[kind, *about] if about else kind
    return kinds


def refusals(*kinds: type[AppError], body: bool = False) -> dict[int | str, dict[str, Any]]:
    """The documentation of an operation's refusals, for its `responses`.

    An operation with a `body` can also find it unreadable, too large, or not valid; any operation can find its
    parameters not valid, or the store busy, full, read-only, damaged or not to be reached.
    """
    common: tuple[type[AppError], ...] = (Invalid, Busy, *STORE_REFUSALS)
    if body:
        common += (Unreadable, TooLarge)
    return _described((*kinds, *common))


def refuse_everywhere(method: str, operation: dict[str, Any]) -> None:
    """Add to the documentation of an operation the refusals that come before any route is asked (see `app.api.origins`)."""
    kinds: tuple[type[AppError], ...] = (BadHost, UnknownHost)
    if method not in ("get", "head", "options"):
        kinds += (ForeignOrigin, NotJson, OutcomeUnknown)
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
                    "schema": {"$ref": "#/components/schemas/ProblemDetail"},
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
