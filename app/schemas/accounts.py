"""Accounts on the wire: what can be full, by codes and by the ids of what it is of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, cast

from pydantic import Field
from typing_extensions import TypedDict

from app.schemas.wire import Wire
from solver.rules.account import Account, subject_of


class Subject(TypedDict, total=False):
    """What an account is of: of the known parts those that its rule names."""

    group: Annotated[str, Field(description="A spread group.")]
    node: Annotated[str, Field(description="Id of a node.")]
    accelerator: Annotated[str, Field(description="Id of a kind of card on that node.")]
    slice_permille: Annotated[str, Field(description="The least slices of such a card that count, in thousandths.")]
    access: Annotated[str, Field(description="Id of an access.")]
    link: Annotated[str, Field(description="Id of a link.")]
    direction: Annotated[str, Field(description="Id of the node towards which the link carries.")]
    site: Annotated[str, Field(description="A place at which nodes stand.")]
    metro: Annotated[str, Field(description="A metro area.")]
    power_domain: Annotated[str, Field(description="A power feed.")]
    owner: Annotated[str, Field(description="Who owns nodes.")]
    operator: Annotated[str, Field(description="Who operates nodes.")]
    vendor: Annotated[str, Field(description="Who makes cards.")]
    name: Annotated[str, Field(description="A name of something else.")]


class AccountOut(Wire):
    """One thing that can be full."""

    rule: str = Field(description="The rule that limits it.")
    resource: str = Field(description="The code of what is limited: `accelerators`, `bandwidth`, `power_domain`.")
    unit: str = Field(description="The code of its unit: `card_milli` is a thousandth of a card, `kbps` a kbit/s.")
    subject: Subject = Field(description="What has it.")


def subject_told(account: Account) -> Subject:
    """The subject of an account as it travels."""
    return cast(Subject, dict(account.subject))


def fields_of(account: Account) -> dict[str, Any]:
    """The fields of :class:`AccountOut`."""
    return {
        "rule": account.rule, "resource": account.resource, "unit": account.unit, "subject": subject_told(account),
    }  # fmt: skip


def account_in(body: Mapping[str, Any]) -> Account:
    """The account that a stored or sent document names by the fields of :class:`AccountOut`."""
    return Account(body["rule"], body["resource"], body["unit"], subject_of(body["subject"]))
