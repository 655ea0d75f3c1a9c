"""Country codes: the 249 that ISO 3166-1 assigns officially, and what to write in place of codes that it does not.

Source: ISO 3166-1 alpha-2, codes of status "officially assigned", as listed alike by the Debian package iso-codes
(`iso_3166-1.json`) and by `iso3166.tab` of the IANA time zone database. Codes that are reserved, withdrawn or left to
users (UK, EU, SU, XK, XX) are not among them.
"""

from __future__ import annotations

_ASSIGNED = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ
BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ
DE DJ DK DM DO DZ
EC EE EG EH ER ES ET
FI FJ FK FM FO FR
GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY
HK HM HN HR HT HU
ID IE IL IM IN IO IQ IR IS IT
JE JM JO JP
KE KG KH KI KM KN KP KR KW KY KZ
LA LB LC LI LK LR LS LT LU LV LY
MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ
NA NC NE NF NG NI NL NO NP NR NU NZ
OM
PA PE PF PG PH PK PL PM PN PR PS PT PW PY
QA
RE RO RS RU RW
SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ
TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ
UA UG UM US UY UZ
VA VC VE VG VI VN VU
WF WS
YE YT
ZA ZM ZW
"""

#: The officially assigned alpha-2 codes.
COUNTRIES = frozenset(_ASSIGNED.split())

#: What is meant by codes that are in use elsewhere, by code.
_MEANT = {
    "AN": "the Netherlands Antilles are no more; write BQ, CW or SX",
    "BU": "for Burma write MM",
    "CS": "Czechoslovakia, Serbia and Montenegro are no more; write CZ, SK, RS or ME",
    "DD": "for Germany write DE",
    "EL": "for Greece write GR",
    "EN": "that is a language; for the United Kingdom write GB",
    "EU": "the European Union is no country; name its members",
    "EZ": "the euro area is no country; name its members",
    "FX": "for France write FR",
    "JA": "that is a language; for Japan write JP",
    "KO": "that is a language; for the Republic of Korea write KR",
    "SU": "the Soviet Union is no more; write RU or another successor",
    "TP": "for Timor-Leste write TL",
    "UK": "for the United Kingdom write GB",
    "UN": "the United Nations are no country",
    "XK": "ISO 3166-1 has no code for Kosovo",
    "YU": "Yugoslavia is no more; write RS or another successor",
    "ZR": "for the Congo (Kinshasa) write CD",
}


def objection(code: str) -> str | None:
    """What is wrong with a country code, and what to write where that is known; None for an assigned one."""
    if code in COUNTRIES:
        return None
    hint = _MEANT.get(code)
    return f"{code!r} is not an officially assigned country code of ISO 3166-1" + (f": {hint}" if hint else "")
