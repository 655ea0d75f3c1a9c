"""What was promised, by whom and how firmly: the claims of the facts, and the nodes that embody each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from data.korea.sources import table
from solver.facts.network import Commitment

#: Which nodes stand for each claim. A claim may have none: an alliance of software adds no capacity.
NODES: dict[str, tuple[str, ...]] = {
    "skt-af-2027": ("skt-nvidia-af1",),
    "skt-nvidia-2gw": (),
    "sk-hyper": (),
    "sk-horizon": ("sk-aws-ulsan-p1", "sk-aws-ulsan-p2"),
    "sk-8dc": ("skb-gasan", "skb-pangyo", "skb-bundang", "skb-ilsan", "skb-seocho", "skb-yangju"),
    "skt-haein": ("skb-gasan",),
    "sk-mfg-cloud": ("sk-mfg-cloud",),
    "ulsan-p1": ("sk-aws-ulsan-p1",),
    "ulsan-p2": ("sk-aws-ulsan-p2",),
    "naver-55": ("naver-gak-sejong-ai1",),
    "naver-100-200": ("naver-gak-sejong-ai2", "naver-gak-sejong-ai3"),
    "naver-gw": ("naver-gak-sejong-gw",),
    "naver-now": ("naver-gak-sejong-p1",),
    "nemotron": (),
    "lg-af": ("lg-ai-factory",),
    "lgu-paju": ("lgu-paju-b1", "lgu-paju-rest"),
    "hmg-50k": (),
    "hmg-saemangeum": ("hmg-saemangeum-dc",),
    "doosan": (),
    "kr-260k": ("samsung-ai-factory",),
    "koacc": ("koacc-haenam",),
    "stargate-kr": ("skt-openai-southwest",),
}

#: The steps of the facts under the names that the solver knows: money in counts as contracted, a letter of intent as a
#: memorandum.
STEPS = {"funded": Commitment.CONTRACTED, "loi": Commitment.MOU}


def step(ladder: str) -> Commitment:
    """The commitment step that a ladder word of the facts stands for."""
    return STEPS.get(ladder) or Commitment(ladder)


def claims() -> Iterator[dict[str, Any]]:
    """The claims, as wire entities."""
    for row in table("capacity_commitments"):
        yield {
            "id": row["claim_id"],
            "system": row["system"],
            "claim": row["claim"],
            "quantity": int(row["quantity"]) if row["quantity"] else None,
            "unit": row["unit"] or None,
            "announced": row["date_announced"],
            "target": row["target"],
            "legal_status": row["legal_status"],
            "ladder": row["ladder"],
            "commitment": step(row["ladder"]).value,
            "confidence": row["confidence"],
            "caveat": row["conflict_or_caveat"] or None,
            "source": row["source"],
            "nodes": list(NODES[row["claim_id"]]),
        }


def ladder() -> Iterator[dict[str, Any]]:
    """The steps of the ladder, firmest first."""
    meaning = {
        Commitment.OPERATIONAL: "running, reported by the owner; the only step that counts for placing now",
        Commitment.UNDER_CONSTRUCTION: "works in progress; counts from its date on",
        Commitment.CONTRACTED: "signed contract or money in",
        Commitment.ANNOUNCED: "public plan by the owner, not signed",
        Commitment.MOU: "non-binding paper: memorandum or letter of intent",
        Commitment.ASPIRATION: "goal without site, money or date; never used in placement",
    }
    for item in Commitment:
        yield {"step": item.step, "commitment": item.value, "meaning": meaning[item]}
