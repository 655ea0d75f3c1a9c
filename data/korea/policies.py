"""What each class of data allows. Not legal advice: an encoding of the domain facts, section E, that a lawyer can check.

Where the law leaves a choice, the stricter reading is taken and the description says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from data.wire import Origin, entity, estimated, published
from solver.facts.network import KeyCustody
from solver.facts.workloads import Policy

KR = frozenset({"KR"})

_FACTS = "domain facts, section E"


def policies() -> Iterator[dict[str, Any]]:
    """The policies of the reference network, as wire entities."""
    for policy, name, description, law, origin in _TABLE:
        yield entity(policy, name=name, description=description, law=law, provenance=[origin])


_TABLE: tuple[tuple[Policy, str, str, str, Origin], ...] = (
    (
        Policy("public"),
        "Public data",
        "Published anyway; may run anywhere.",
        "none",
        estimated("no rule of section E applies to public data"),
    ),
    (
        Policy("operational"),
        "Operational machine data",
        "Machine states and commands without people or secrets; no law restricts the place.",
        "none found in section E",
        estimated("no rule of section E applies; a customer's contract may"),
    ),
    (
        Policy("business"),
        "Business data",
        "Ordinary business records and dialogue; no law restricts the place.",
        "none found in section E",
        estimated("no rule of section E applies; a customer's contract may"),
    ),
    (
        Policy("trade_secret", countries=KR, transit=KR),
        "Trade secret",
        "Stays in Korea and on Korean transit; who owns the hall is left open.",
        "customer's practice; no residency statute is quoted in section E",
        estimated("practice of large manufacturers, not a rule of section E"),
    ),
    (
        Policy("core_tech", countries=KR, owner_countries=KR, control_jurisdictions=KR, transit=KR),
        "Core technology",
        "In Korea, Korean-owned, and within reach of Korean law only, since losing control counts as leaving the country.",
        "Industrial Technology Protection Act (amended, in force 2025-07-22), strict reading",
        published(f"{_FACTS}: kimchang.com idx=32427; strict reading is this project's"),
    ),
    (
        Policy(
            "national_core_tech",
            countries=KR,
            personnel_countries=KR,
            control_jurisdictions=KR,
            key_custody=KeyCustody.CUSTOMER,
            double_encryption=True,
            transit=KR,
        ),
        "National core technology",
        "Cloud system, backups and operators in Korea, double encryption with the customer's key; control from abroad needs "
        "approval and is refused here.",
        "National Core Technology cloud guide (MOTIE/KAITS, 2025-04); export approval under the amended Act of 2025-07-22",
        published(f"{_FACTS}: USTR NTE 2025-03-31; kimchang.com idx=32427"),
    ),
    (
        Policy("personal", countries=KR, transit=KR),
        "Personal data",
        "In Korea, as long as none of the five grounds for transfer abroad is recorded.",
        "PIPA Art. 28-8 and 28-9",
        published(f"{_FACTS}: PIPA Art. 28-8, 28-9 (statute; re-check before quoting)"),
    ),
    (
        Policy("personal_video", countries=KR, transit=KR),
        "Video of people",
        "Personal data: in Korea, as long as none of the five grounds for transfer abroad is recorded.",
        "PIPA Art. 28-8 and 28-9",
        published(f"{_FACTS}: PIPA Art. 28-8, 28-9 (statute; re-check before quoting)"),
    ),
    (
        Policy("map_1to5000", countries=KR, transit=KR),
        "Detailed map data",
        "1:5,000 map data leaves Korea only with an approval; none is recorded, so it stays.",
        "map export rule; conditional approval of 2026-02-27",
        published(f"{_FACTS}: malaymail.com 2026-02-27 (Reuters)"),
    ),
    (
        Policy("map_personal", countries=KR, owner_countries=KR, transit=KR),
        "Map and personal data together",
        "Vehicle recordings hold detailed map data and people: both rules, and a Korean-owned hall.",
        "PIPA Art. 28-8; map export rule",
        published(f"{_FACTS}: PIPA Art. 28-8; malaymail.com 2026-02-27; Korean ownership is this project's choice"),
    ),
    (
        Policy(
            "gov_O",
            countries=KR,
            personnel_countries=KR,
            certifications=frozenset({"CSAP-L", "CSAP-M", "CSAP-H", "NIS-2027"}),
            transit=KR,
        ),
        "Government, open",
        "Public-sector data without personal information: CSAP Low or better; data, backups and staff in Korea.",
        "CSAP; N2SF grade O",
        estimated(f"{_FACTS}: grades published (biz.chosun.com 2025-10-01, itif.org 2025-05-25); N2SF mapping estimated"),
    ),
    (
        Policy(
            "gov_S",
            countries=KR,
            owner_countries=KR,
            personnel_countries=KR,
            certifications=frozenset({"CSAP-M", "CSAP-H", "NIS-2027"}),
            transit=KR,
        ),
        "Government, sensitive",
        "Non-public work material: CSAP Middle or its successor; data, backups and staff in Korea.",
        "CSAP; N2SF grade S",
        estimated(f"{_FACTS}: grades published (biz.chosun.com 2025-10-01); N2SF mapping estimated"),
    ),
    (
        Policy(
            "gov_C",
            countries=KR,
            owner_countries=KR,
            operator_countries=KR,
            personnel_countries=KR,
            control_jurisdictions=KR,
            certifications=frozenset({"CSAP-H"}),
            transit=KR,
        ),
        "Government, classified",
        "Sensitive internal systems: CSAP High.",
        "CSAP; N2SF grade C",
        estimated(f"{_FACTS}: grades published (biz.chosun.com 2025-10-01); N2SF mapping estimated"),
    ),
    (
        Policy(
            "sovereign",
            countries=KR,
            owner_countries=KR,
            max_foreign_equity_permille=250,
            operator_countries=KR,
            tenant_countries=KR,
            personnel_countries=KR,
            control_jurisdictions=KR,
            transit=KR,
        ),
        "Sovereign compute",
        "A customer's own rule: Korean owner with at most 25 % foreign equity, Korean operator, tenant, staff and law.",
        "none; contract",
        estimated("threshold chosen so that SK Horizon (29 % US) fails it and the step is visible"),
    ),
    (
        Policy("fr_group_data", countries=frozenset({"FR"})),
        "French parent's data",
        "A parent company's rule that its engineering data lies in France; no node here does.",
        "none; contract",
        estimated("made to show a residency that no node meets"),
    ),
    (
        Policy("us_parent_core_tech", countries=KR, owner_countries=frozenset({"US"}), control_jurisdictions=KR, transit=KR),
        "US parent's core technology",
        "The parent asks for a US-owned hall, the law for control by Korean law alone: no hall is both.",
        "Industrial Technology Protection Act against 18 U.S.C. 2713 (citation recalled)",
        estimated("made to show two ownership duties that contradict each other"),
    ),
    (
        Policy("jp_customer", countries=frozenset({"JP"}), operator_countries=frozenset({"JP"})),
        "Japanese customer's data",
        "Lies in Japan with a Japanese operating company.",
        "none; contract",
        estimated("made to show a cap on one owner's share"),
    ),
    (
        Policy(
            "jp_customer_kr_transit",
            countries=frozenset({"JP"}),
            operator_countries=frozenset({"JP"}),
            transit=KR,
        ),
        "Japanese customer's data, Korean transit",
        "Lies in Japan, yet may travel under Korean law only: the way there is refused.",
        "none; contract",
        estimated("made to show a transit rule that no route meets"),
    ),
)
