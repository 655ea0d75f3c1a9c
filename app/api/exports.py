"""For operators: the network as files, in every format that is written, and which formats there are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from app.api.access import AppContext, ContextDep
from app.api.answers import JSON, answer_kept, newest, whole
from app.api.bodies import Taking
from app.api.conditions import NOT_MODIFIED, IfNoneMatch, check_changed
from app.api.problems import refusals
from app.exchange import Format, json_documents
from app.schemas.documents import CatalogueDocument
from app.schemas.wire import Wire
from app.service.exports import exported

_READ = NOT_MODIFIED | refusals()


class FormatOut(Wire):
    """A form of files in which the network goes out or comes in."""

    name: str
    title: str
    use: str = Field(description="What it is for.")
    media_type: str
    suffix: str = Field(description="What the names of its files end with.")
    export: str | None = Field(description="The path that exports the network so; null if it is read only.")
    reads: bool = Field(description="Whether files of it can be read.")


def router_of(formats: Sequence[Format]) -> APIRouter:
    """The endpoints that export in these formats, and the one that lists them."""
    router = APIRouter(route_class=Taking, tags=["operators"])

    @router.get("/v1/formats", responses=refusals(), summary="The formats of files")
    async def list_formats() -> list[FormatOut]:
        """The forms in which the network is exported."""
        return [_out(one) for one in formats]

    for one in formats:
        if one.write is not None:
            _export(router, one, one.write)

    @router.get("/v1/catalogue", response_model=CatalogueDocument, responses=_READ, summary="Export the catalogue")
    async def read_catalogue(request: Request, context: ContextDep, if_none_match: IfNoneMatch = None) -> Response:
        """All accelerators and profiles, in the form that `PUT /v1/catalogue` takes."""
        return await _exported(request, context, "catalogue", json_documents.FORMAT, json_documents.write, if_none_match)

    return router


def _path(one: Format) -> str:
    """Where the network is exported in a format: in the project's own under its name alone."""
    return "/v1/network" if one is json_documents.FORMAT else f"/v1/network/{one.name}"


def _out(one: Format) -> FormatOut:
    return FormatOut(
        name=one.name,
        title=one.title,
        use=one.use,
        media_type=one.media_type,
        suffix=one.suffix,
        export=None if one.write is None else _path(one),
        reads=one.read is not None,
    )


def _export(router: APIRouter, one: Format, write: Callable[[Any], bytes]) -> None:
    """Add the endpoint that exports the network in a format."""
    own = one is json_documents.FORMAT

    async def read(request: Request, context: ContextDep, if_none_match: IfNoneMatch = None) -> Response:
        return await _exported(request, context, "network", one, write, if_none_match)

    read.__doc__ = one.use
    files: dict[int | str, dict[str, Any]] = {}
    if one.media_type != JSON:
        files[200] = {"description": f"The network as {one.title}.", "content": {one.media_type: {}}}
    router.add_api_route(
        _path(one),
        read,
        name="read_network" if own else f"read_{one.name}",
        summary="Export the network" if own else f"Export as {one.title}",
        response_model=one.schema,
        response_class=JSONResponse if one.media_type == JSON else Response,
        responses=files | _READ,
    )


async def _exported(
    request: Request,
    context: AppContext,
    document: str,
    one: Format,
    write: Callable[[Any], bytes],
    if_none_match: str | None,
) -> Response:
    generation = await newest(context, document)
    check_changed(if_none_match, generation)
    kept = await whole(context, f"{document}{one.suffix}", generation, exported, document, write)
    return await answer_kept(request, kept, one.media_type)
