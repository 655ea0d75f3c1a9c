"""What the network counts money in: kept beside its entities, and given another value only with all of them."""

from __future__ import annotations

from collections.abc import Collection

from app.clock import now_ms
from app.errors import Fault, InUse, Invalid
from app.schemas.documents import DOCUMENTS
from app.schemas.money import WON, Money, former_faults, said
from app.store.port import Session, Store
from app.store.records import ChangeRow, EntityRow

#: Under which kind and id it is kept.
_KIND = _ID = "network"


def money_of(session: Session) -> Money:
    """What the stored network counts money in."""
    return _said_in(session.entities.get(_KIND, _ID))


def _said_in(row: EntityRow | None) -> Money:
    return WON if row is None else Money.model_validate(row.body["money"])


def put_money(session: Session, money: Money, generation: int) -> None:
    """Have the network count in this, as part of an import that makes this generation, and note it in the history."""
    held, after = session.entities.get(_KIND, _ID), money.model_dump(mode="json")
    before = _said_in(held).model_dump(mode="json")
    revision = generation if held is None else held.revision + 1
    session.entities.discard(_KIND, [_ID])
    session.entities.put_all([EntityRow(_KIND, _ID, generation, revision, {"money": after})], [])
    # The rows of the documents come before it.
    session.changes.note(
        [ChangeRow(generation, len(DOCUMENTS), now_ms(), _KIND, "money", "changed", before, after, None, revision)]
    )


def check_free(session: Session, money: Money, ends: bool, replaced: Collection[str]) -> None:
    """Refuse to count in something else while amounts stay that were counted before.

    Raises
    ------
    InUse
        If workloads stay that are not among the documents `replaced`, or anything is in force that does not end.
    """
    was = money_of(session)
    if money == was:
        return
    stays = []
    if "workloads" not in replaced and session.entities.count("workloads"):
        stays.append(f"the stored workloads have values in {said(was)}; import them together with the network")
    if not ends and session.allocation.counts():
        stays.append(f"what is in force was chosen by its cost in {said(was)}; a fresh import ends it")
    if stays:
        faults = tuple(Fault("network.money", why, code="in_use") for why in stays)
        raise InUse(f"The network cannot count in {said(money)} instead of {said(was)}.", faults)


def check_former(store: Store, former: Collection[str], money: Money | None = None, fresh: bool = False) -> None:
    """Refuse former names of fields, which speak of won, where the network counts in something else.

    Parameters
    ----------
    former
        Those that a body uses.
    money, fresh
        What the body itself says that the network counts in, and whether nothing of what is stored stays.

    Raises
    ------
    Invalid
        Naming each of them.
    """
    if not former:
        return
    if money is None:
        with store.reading() as session:
            money = WON if fresh else money_of(session)
    faults = former_faults(former, money)
    if faults:
        raise Invalid(f"Amounts in won are not taken: the network counts in {said(money)}.", faults)
