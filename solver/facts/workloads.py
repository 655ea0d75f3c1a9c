"""What must run: workloads, and the policies that say what their data allow."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from solver.facts.network import Domain, KeyCustody, Tier
from solver.facts.placement import Placement

#: What moving a shard costs where nobody says otherwise; and the least that a move ever costs.
MOVE_COST = 50_000
LEAST_MOVE_COST = 1


class Pin(StrEnum):
    """Whether a workload may leave the place where its devices are."""

    NONE = "none"
    SITE = "site"
    DEVICE = "device"


@dataclass(frozen=True, slots=True)
class Policy:
    """What one class of data allows. A field that is None (or empty, or False) asks for nothing.

    Sets name what is allowed: where data and backups lie (`countries`), who owns, operates, rents and staffs the
    node, whose law may compel access (`control_jurisdictions`), and through which countries traffic may pass
    (`transit`). `max_foreign_equity_permille` caps what owners from outside `owner_countries` (or, where that is
    None, outside the node's own country) hold together. `certifications` are alternatives: one valid one is enough.
    """

    id: str
    countries: frozenset[str] | None = None
    owner_countries: frozenset[str] | None = None
    max_foreign_equity_permille: int | None = None
    operator_countries: frozenset[str] | None = None
    tenant_countries: frozenset[str] | None = None
    personnel_countries: frozenset[str] | None = None
    control_jurisdictions: frozenset[str] | None = None
    key_custody: KeyCustody | None = None
    double_encryption: bool = False
    certifications: frozenset[str] = frozenset()
    transit: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Workload:
    """One site's fleet for one model: `devices` devices, each asking `rate_mhz` thousandths of a request a second.

    Each request sends `payload_up_bytes` and gets `payload_down_bytes` back within `deadline_us` at the 99th
    percentile. A fleet of more than `shard_devices` devices (0: never) is split into shards whose sizes differ by one
    device at most, placed separately. `value_month` is what leaving the whole of it unplaced costs. No two shards of
    one `spread_group` share a failure domain of kind `spread_over`.

    `current` says where each shard runs now (None, or beyond the end: nowhere). Moving one that does costs `move_cost`,
    though never less than `LEAST_MOVE_COST`.

    What a plan may do: it decides about the shards in `free` (None: all of them); the others stay exactly as they are. Of
    those that run it ends none unless `may_end`. `asked` says that the workload belongs to the request, so that its terms
    speak of it. Where it `stays`, a shard that is known to run somewhere is placed on that node only.
    """

    id: str
    access: str
    model: str
    devices: int
    rate_mhz: int
    payload_up_bytes: int
    payload_down_bytes: int
    deadline_us: int
    policy: str
    value_month: int
    tiers: frozenset[Tier] = frozenset(Tier)
    pin: Pin = Pin.NONE
    shard_devices: int = 0
    spread_group: str | None = None
    spread_over: Domain = Domain.SITE
    current: tuple[Placement | None, ...] = ()
    move_cost: int = MOVE_COST
    free: frozenset[int] | None = None
    may_end: bool = False
    asked: bool = True
    stays: bool = False

    @property
    def shards(self) -> int:
        """Number of parts that are placed separately."""
        return -(-self.devices // self.shard_devices) if self.shard_devices else 1

    @property
    def largest_shard(self) -> int:
        """Devices of the largest shard."""
        return -(-self.devices // self.shards)

    def devices_of(self, shard: int) -> int:
        """Devices that `shard` serves: an even part of the fleet, and one of the rest for each of the first shards."""
        each, more = divmod(self.devices, self.shards)
        return each + (shard < more)

    @property
    def uplink_kbps(self) -> int:
        """Stream of one device towards the network, rounded up to a kbit/s."""
        return -(-self.payload_up_bytes * 8 * self.rate_mhz // 1_000_000)

    @property
    def downlink_kbps(self) -> int:
        """Stream of one device from the network, rounded up to a kbit/s."""
        return -(-self.payload_down_bytes * 8 * self.rate_mhz // 1_000_000)

    def runs_as(self, shard: int) -> Placement | None:
        """The placement of `shard` in force, if it runs and that is known in full."""
        here = self.current[shard] if shard < len(self.current) else None
        return here if here is not None and here.whole else None

    def runs_at(self, shard: int) -> str:
        """Id of the node on which `shard` runs now, or "" when it does not run."""
        here = self.current[shard] if shard < len(self.current) else None
        return "" if here is None else here.node

    def is_free(self, shard: int) -> bool:
        """Whether a plan decides about `shard`."""
        return self.free is None or shard in self.free
