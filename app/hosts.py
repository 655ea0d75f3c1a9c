"""Hosts and origins as they stand in requests and settings, each in one form that can be compared."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import NamedTuple

_HOST = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<name>[A-Za-z0-9._-]+))(?::(?P<port>[0-9]{0,5}))?")
_ORIGIN = re.compile(r"(?P<scheme>https?)://(?P<host>[^/?#@]+)", re.IGNORECASE)
_PORTS = {"http": 80, "https": 443}
_LONGEST_NAME = 253


class Host(NamedTuple):
    """A host that a request names: a name or an address, in its one form, and the port if there is one."""

    name: str
    port: int | None


@lru_cache(maxsize=256)
def read_host(text: str) -> Host | None:
    """What `Host` says; None where that is no host. Letter case, a final dot and the spelling of addresses do not count."""
    found = _HOST.fullmatch(text)
    if found is None:
        return None
    port = int(found["port"]) if found["port"] else None
    if port is not None and port > 65_535:
        return None
    try:
        name = _address(found["six"]) if found["six"] else _named(found["name"])
    except ValueError:
        return None
    return Host(name, port)


@lru_cache(maxsize=256)
def read_origin(text: str) -> tuple[str, Host] | None:
    """What `Origin` says: scheme, and host with its port, the scheme's own where it names none; None where that is no origin
    of a page."""
    found = _ORIGIN.fullmatch(text)
    host = None if found is None else read_host(found["host"])
    if found is None or host is None:
        return None
    scheme = found["scheme"].lower()
    return scheme, Host(host.name, _PORTS[scheme] if host.port is None else host.port)


def same_place(scheme: str, origin: Host, host: Host) -> bool:
    """Whether a page of an origin came from where a request goes.

    The request's own scheme says nothing: where TLS ends at a gateway it is another one than the page's.
    """
    return origin == Host(host.name, _PORTS[scheme] if host.port is None else host.port)


def is_loopback(name: str) -> bool:
    """Whether only this machine can be meant, by its name or by one of its own addresses."""
    if name == "localhost":
        return True
    try:
        address = ip_address(name)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def is_any(bound: str) -> bool:
    """Whether listening there is listening at every address of this machine."""
    try:
        return not bound or ip_address(bound).is_unspecified
    except ValueError:
        return False


def listened_at(bound: str) -> frozenset[str]:
    """The host that is listened at as requests name it: none where it has a form that no request can have."""
    try:
        return frozenset((plain_host(bound.partition("%")[0]),))
    except ValueError:
        return frozenset()


def plain_host(text: str) -> str:
    """A host of the settings: a name or an address without a port; an IPv6 address may do without brackets.

    Raises
    ------
    ValueError
        If it is something else, such as a URL or a pattern.
    """
    bare = text.strip()
    if bare.count(":") > 1 and not bare.startswith("["):
        bare = f"[{bare}]"
    found = read_host(_ascii(bare))
    if found is None or found.port is not None:
        raise ValueError(f"{text!r} is not the name or address of a host, such as edgeplan.example.net or 10.1.2.3")
    return found.name


def origin(text: str) -> str:
    """An origin of the settings, as browsers write it.

    Raises
    ------
    ValueError
        If it is something else, such as `*`, `null`, or an address with a path.
    """
    found = read_origin(_ascii(text.strip().removesuffix("/")))
    if found is None:
        raise ValueError(f"{text!r} is not an origin, such as https://noc.example.net or http://10.1.2.3:3000")
    return written(*found)


def written(scheme: str, host: Host) -> str:
    """An origin as browsers write it: the port is left out where it is the scheme's own."""
    name = f"[{host.name}]" if ":" in host.name else host.name
    return f"{scheme}://{name}" if host.port == _PORTS[scheme] else f"{scheme}://{name}:{host.port}"


def _named(text: str) -> str:
    """A name without its final dot, or an IPv4 address."""
    name = text.lower().removesuffix(".")
    if not name or len(name) > _LONGEST_NAME or not all(name.split(".")):
        raise ValueError(text)
    return name


def _address(text: str) -> str:
    """An IPv6 address in its shortest form; one that stands for an IPv4 address as that."""
    six = IPv6Address(text)
    return str(six.ipv4_mapped or six)


def _ascii(text: str) -> str:
    """Names in other alphabets as they travel."""
    if text.isascii():
        return text
    scheme, found, host = text.rpartition("://")
    try:
        return scheme + found + host.encode("idna").decode("ascii")
    except UnicodeError:
        return text
