/** Endpoints that the OpenAPI document does not have yet; goes when it does. */
import type { components } from "./service";

type ProgressPoint = components["schemas"]["ProgressPoint"];

interface Get<Found, Query = Record<string, never>, Path = Record<string, never>> {
  get: {
    parameters: { query?: Query; path: Path };
    responses: { 200: { content: { "application/json": Found } } };
  };
}

export const EVENT_TYPES = [
  "generation.changed",
  "plan.queued",
  "plan.started",
  "plan.improved",
  "plan.finished",
  "plan.cancelled",
  "plan.failed",
  "plan.applied",
  "plan.deleted",
  "node.draining",
  "node.failed",
  "node.active",
  "stream.reset",
] as const;

export type EventType = (typeof EVENT_TYPES)[number];

/** One event; `detail` by type as in {@link EventDetails}. */
export interface ServiceEvent<Type extends EventType = EventType> {
  id: number;
  at: string;
  type: Type;
  generation: number | null;
  plan: string | null;
  node: string | null;
  detail: EventDetails[Type];
}

interface Named {
  name: string | null;
}

interface Ended extends Named {
  cost?: number;
  bound?: number;
  gap?: number;
  placed_shards?: number;
  unplaced_shards?: number;
  seconds?: number;
}

export interface EventDetails {
  "generation.changed": { parts: string[] };
  "plan.queued": Named;
  "plan.started": Named;
  "plan.improved": Named & ProgressPoint;
  "plan.finished": Ended;
  "plan.cancelled": Ended;
  "plan.failed": Named & { code: string; reason: string };
  "plan.applied": Named & { placed: number; moved: number; unplaced: number; kept: number; ended: number };
  "plan.deleted": Named;
  "node.draining": { disturbed: number };
  "node.failed": { disturbed: number };
  "node.active": { disturbed: number };
  "stream.reset": Record<string, never>;
}

export interface EventPage {
  items: ServiceEvent[];
  next: string | null;
  /** Id of the newest event. */
  last: number;
}

/** The network in columns; `tier`, `state` and their like are indices into the lists of words, -1 where not said. */
export interface NetworkMap {
  generation: number;
  tiers: string[];
  states: string[];
  commitments: string[];
  provinces: string[];
  countries: string[];
  owners: string[];
  kinds: string[];
  accelerators: string[];
  sovereignties: string[];
  nodes: {
    id: string[];
    name: (string | null)[];
    name_ko: (string | null)[];
    lat: (number | null)[];
    lon: (number | null)[];
    tier: number[];
    state: number[];
    commitment: number[];
    available_from: (string | null)[];
    province: number[];
    owner: number[];
    owner_country: number[];
    country: number[];
    sovereignty: number[];
    cards: [accelerator: number, count: number][][];
  };
  sites: {
    id: string[];
    name: (string | null)[];
    name_ko: (string | null)[];
    lat: (number | null)[];
    lon: (number | null)[];
    kind: number[];
    province: number[];
  };
  links: { id: string[]; source: number[]; target: number[]; latency_us: number[]; capacity_kbps: number[] };
}

/** What runs where, in columns; indices as in {@link NetworkMap}. */
export interface AllocationMap {
  generation: number;
  plan: string | null;
  sites: string[];
  nodes: string[];
  models: string[];
  policies: string[];
  profiles: string[];
  resources: string[];
  statuses: ("placed" | "unplaced" | "disturbed")[];
  shards: {
    workload: string[];
    shard: number[];
    site: number[];
    node: number[];
    previous_node: number[];
    model: number[];
    policy: number[];
    profile: number[];
    status: number[];
    devices: number[];
    servers: number[];
    margin_us: (number | null)[];
    deadline_us: number[];
  };
  load: { node: number[]; resource: number[]; used_permille: number[] };
}

export interface CapacityGroup {
  by: "tier" | "province" | "accelerator";
  group: string;
  resource: string;
  unit: string;
  nodes: number;
  used: number;
  capacity: number;
  used_permille: number;
}

export interface TightRow {
  rule: string;
  key: string;
  resource: string;
  unit: string;
  used: number;
  capacity: number;
  used_permille: number;
  /** What one more unit would save; null where the plan has no price for it. */
  price_krw: number | null;
}

export interface Capacity {
  generation: number;
  plan: string | null;
  groups: CapacityGroup[];
  tightest: TightRow[];
}

export interface Move {
  workload: string;
  shard: number;
  action: string;
  from_node: string | null;
  to_node: string | null;
  from_profile: string | null;
  to_profile: string | null;
  from_servers: number | null;
  to_servers: number | null;
}

export interface Comparison {
  plan: string;
  other: string;
  cost: number;
  other_cost: number;
  cost_by_goal: { goal: string; krw_month: number; other_krw_month: number }[];
  kept: number;
  moved: number;
  resized: number;
  placed: number;
  unplaced: number;
  ended: number;
  items: Move[];
  next: string | null;
}

export interface ComingPaths {
  "/v1/events/log": Get<EventPage, { after?: number; types?: string; plan?: string; limit?: number }>;
  "/v1/map": Get<NetworkMap>;
  "/v1/map/allocation": Get<AllocationMap>;
  "/v1/map/plans/{id}": Get<AllocationMap, Record<string, never>, { id: string }>;
  "/v1/capacity": Get<Capacity, { plan?: string }>;
  "/v1/plans/{id}/comparison": Get<Comparison, { with?: string; limit?: number; cursor?: string }, { id: string }>;
}
