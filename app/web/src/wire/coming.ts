/**
 * What the OpenAPI document does not have: the details of events by type, which it leaves open, and endpoints to come.
 */
import type { components } from "./service";

type ProgressPoint = components["schemas"]["ProgressPoint"];

interface Get<Found, Query = Record<string, never>, Path = Record<string, never>> {
  get: {
    parameters: { query?: Query; path: Path };
    responses: { 200: { content: { "application/json": Found } } };
  };
}

/** Every type, in the order of the service's own list; both hold the same. */
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
  "allocation.disturbed",
  "allocation.restored",
  "stream.reset",
] as const satisfies readonly EventType[];

export type EventType = components["schemas"]["EventOut"]["type"];
export type Severity = components["schemas"]["EventOut"]["severity"];

/** Does not compile while a type of the service is missing above. */
export const EVERY_TYPE: Record<Exclude<EventType, (typeof EVENT_TYPES)[number]>, never> = {};

/** One event; `detail` by type as in {@link EventDetails}. */
export interface ServiceEvent<Type extends EventType = EventType> {
  id: number;
  at: string;
  type: Type;
  severity: Severity;
  generation: number | null;
  plan: string | null;
  node: string | null;
  detail: EventDetails[Type];
}

interface Named {
  name: string | null;
}

interface Ended extends Named {
  warnings?: { code: string; message: string }[];
  cost?: number;
  bound?: number;
  gap?: number;
  placed_shards?: number;
  unplaced_shards?: number;
  seconds?: number;
}

/** Shards that run, and up to 20 of their workloads. */
interface Affected {
  shards: number;
  devices: number;
  workloads: string[];
}

export interface EventDetails {
  "generation.changed": { parts: string[] };
  "plan.queued": Named;
  "plan.started": Named;
  "plan.improved": Named & ProgressPoint;
  "plan.finished": Ended;
  "plan.cancelled": Ended;
  "plan.failed": Named & { code: string; reason: string };
  "plan.applied": Named & { placed: number; moved: number; resized?: number; unplaced: number; kept: number; ended: number; disturbed?: number };
  "plan.deleted": Named;
  "node.draining": { disturbed: number };
  "node.failed": { disturbed: number };
  "node.active": { disturbed: number };
  "allocation.disturbed": Affected & { rules: Record<string, number>; unlawful: number };
  "allocation.restored": Affected;
  "stream.reset": Record<string, never>;
}

export interface EventPage {
  items: ServiceEvent[];
  next: number | null;
  /** Id of the newest event. */
  last: number;
}

export interface ComingPaths {
  "/v1/events/log": Get<EventPage, { after?: number; before?: number; types?: string; severity?: string; plan?: string; limit?: number }>;
}
