"""The collections of entities: each with the same five operations, made from its model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Response, status

from app.api.access import CallerDep, ContextDep, PathId, StoreDep, path_id, written
from app.api.bodies import Sent, Taking
from app.api.conditions import NOT_MODIFIED, IfMatch, IfNoneMatch, check_changed
from app.api.examples import THERE
from app.api.keys import KEY_REFUSALS, Asking, IdempotencyKey, again
from app.api.paging import cut, encode, page
from app.api.problems import refusals
from app.api.queries import NUMERIC
from app.api.tags import Matching
from app.errors import Exists, InUse, NotFound, StaleEntity, UnknownReference
from app.schemas.documents import KINDS, PATCHES
from app.schemas.entities import Entity
from app.schemas.silences import WRITTEN
from app.schemas.wire import Page, Paging
from app.service import entities, sent
from app.service.sent import StoredEntity
from app.store.records import EntityRow, PageQuery


def collection(
    kind: str, one: str, query: type[Paging], example: dict[str, Any], change: dict[str, Any], tags: list[str]
) -> APIRouter:
    """The router of one collection.

    Parameters
    ----------
    kind, one
        The collection's name, as in its path, and what one of it is called.
    query
        What its list can be filtered and sorted by.
    example, change
        One of it, and a change to one, for the documentation.
    """
    router = APIRouter(route_class=Taking, prefix=f"/v1/{kind}", tags=list(tags))
    _add_list(router, kind, query)
    _add_creation(router, kind, one, example)
    _add_reading(router, kind, one)
    _add_change(router, kind, one, change)
    _add_deletion(router, kind, one, example["id"])
    return router


def _add_list(router: APIRouter, kind: str, query: type[Paging]) -> None:
    model = KINDS[kind]
    pages: Any = Page[model]  # type: ignore[valid-type]

    def list_entities(store: StoreDep, query: Any) -> Page[Entity]:
        asked = cut(query, query.sort, NUMERIC)
        rows, more = page(entities.listed(store, kind, asked), query.limit)
        found: Page[Entity] = pages(
            items=tuple(model.model_validate(row.body) for row in rows),
            next=_following(rows[-1], asked) if more else None,
        )
        return found

    list_entities.__annotations__["query"] = Annotated[query, Query()]
    router.add_api_route(
        "",
        list_entities,
        methods=["GET"],
        response_model=pages,
        summary=f"List {kind}",
        description=f"{model.__doc__} Paged, filtered, sorted.",
        operation_id=f"list_{kind}",
        responses=refusals(),
    )


def _add_creation(router: APIRouter, kind: str, one: str, example: dict[str, Any]) -> None:
    model = KINDS[kind]

    def create_entity(context: ContextDep, caller: CallerDep, body: Any, key: IdempotencyKey = None) -> Response:
        with context.keys.under_way(caller, key):
            promise = key and Asking(caller, f"POST /v1/{kind}", key, body.data).promise(context.settings.key_hours)
            first = promise.earlier(context.store) if promise else None
            if first is not None:
                return again(first)
            kept = written(context, sent.create, caller, kind, body.data, promise or None)
            return stored(kept, sent.CREATED_STATUS, sent.created_headers(kind, kept))

    create_entity.__annotations__["body"] = Annotated[Sent[model], Body(openapi_examples={one: {"value": example}})]  # type: ignore[valid-type]
    router.add_api_route(
        "",
        create_entity,
        methods=["POST"],
        response_model=WRITTEN[kind],
        status_code=status.HTTP_201_CREATED,
        summary=f"Create {_a(one)}",
        description="Makes the next generation. What it names must exist. `warnings` tell of numbers that were not said and "
        "are taken for 0.",
        operation_id=f"create_{_id(one)}",
        responses=refusals(Exists, UnknownReference, *KEY_REFUSALS, body=True),
    )


def _add_reading(router: APIRouter, kind: str, one: str) -> None:
    model = KINDS[kind]

    def read_entity(store: StoreDep, id: PathId, response: Response, if_none_match: IfNoneMatch = None) -> Entity:
        row = entities.read(store, kind, id)
        check_changed(if_none_match, row.revision)
        response.headers.update(sent.version_headers(row))
        return model.model_validate(row.body)

    read_entity.__annotations__["id"] = Annotated[str, path_id(THERE[kind])]
    router.add_api_route(
        "/{id}",
        read_entity,
        methods=["GET"],
        response_model=model,
        summary=f"Read {_a(one)}",
        description="The `ETag` is its revision, which grows by one with each of its changes; "
        "`Edgeplan-Generation` is the generation that last changed it.",
        operation_id=f"read_{_id(one)}",
        responses=NOT_MODIFIED | refusals(NotFound),
    )


def _add_change(router: APIRouter, kind: str, one: str, change: dict[str, Any]) -> None:
    def change_entity(context: ContextDep, caller: CallerDep, id: PathId, body: Any, if_match: IfMatch = None) -> Response:
        return stored(written(context, sent.change, caller, kind, id, body.data, Matching(if_match)))

    change_entity.__annotations__["id"] = Annotated[str, path_id(THERE[kind])]
    change_entity.__annotations__["body"] = Annotated[
        Sent[PATCHES[kind]], Body(openapi_examples={"change": {"value": change}})  # type: ignore[valid-type]
    ]
    router.add_api_route(
        "/{id}",
        change_entity,
        methods=["PATCH"],
        response_model=WRITTEN[kind],
        summary=f"Change {_a(one)}",
        description="A merge patch: fields that are given change, null sets a field back to its default. "
        "`warnings` tell of numbers that are taken for 0 now because the change does not say them.",
        operation_id=f"change_{_id(one)}",
        responses=refusals(NotFound, InUse, StaleEntity, UnknownReference, body=True),
    )


def _add_deletion(router: APIRouter, kind: str, one: str, example: str) -> None:
    def delete_entity(context: ContextDep, caller: CallerDep, id: PathId, if_match: IfMatch = None) -> Response:
        generation = written(context, entities.delete, caller, kind, id, Matching(if_match))
        return Response(status_code=status.HTTP_204_NO_CONTENT, headers={"Edgeplan-Generation": str(generation)})

    delete_entity.__annotations__["id"] = Annotated[str, path_id(example)]
    router.add_api_route(
        "/{id}",
        delete_entity,
        methods=["DELETE"],
        status_code=status.HTTP_204_NO_CONTENT,
        response_class=Response,
        summary=f"Delete {_a(one)}",
        description="Refused while something names it or runs on it.",
        operation_id=f"delete_{_id(one)}",
        responses=refusals(NotFound, InUse, StaleEntity),
    )


def stored(kept: StoredEntity, status_code: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """The answer that tells of an entity as it is stored now."""
    told = {**sent.version_headers(kept), **(headers or {})}
    return Response(kept.body, status_code, told, media_type="application/json")


def _following(last: EntityRow, asked: PageQuery) -> str:
    """The cursor of the page after `last`."""
    if asked.sort == "id":
        return encode(last.id)
    value = last.body.get(asked.sort)
    if value is None:
        value = 0 if asked.numeric else ""
    return encode(value, last.id)


def _a(one: str) -> str:
    return f"an {one}" if one[0] in "aeiou" else f"a {one}"


def _id(one: str) -> str:
    return one.replace(" ", "_")
