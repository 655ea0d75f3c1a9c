/** What the service is asked for to draw the map: the network, what runs on it or would, and how that stands. */
import { Refused, type Api } from "../../api";
import { localDay } from "../../today";
import type { AllocationSummary, NetworkMap, PlacementMap, PlanOut, Terms } from "../../wire";
import { termsOf } from "../plans/terms";
import { brokenIn, type BrokenBy } from "./disturbed";

/** What the service was found to have. */
export interface Found {
  map: NetworkMap;
  placement: PlacementMap | null;
  /** Why the plan that the URL names cannot be drawn. */
  problem: Refused | null;
  /** Why what is drawn as disturbed is so. */
  broken: BrokenBy;
  /** How what is in force stands now; null where a plan is drawn. */
  summary: AllocationSummary | null;
  /** The plan that is drawn; null where it is what is in force. */
  plan: PlanOut | null;
  /** The id of the plan that is in force; null where none is. */
  inForce: string | null;
  /** The terms of what is drawn; null where they are not known. */
  terms: Terms | null;
  /** What is in force, as of the day that the plan is for, to be seen beside it; null where that is not asked for. */
  before: { placement: PlacementMap; broken: BrokenBy; day: string } | null;
}

/** What is to be drawn: a plan, or what is in force without; as of which day; and whether what is in force stands beside it. */
export interface Wanted {
  plan: string;
  day: string;
  wipe: boolean;
}

/** Asks the service for what is wanted now, each time it is called. */
export function finding(api: Api, wanted: () => Wanted): () => Promise<Found> {
  const reasons = new Map<string, { placement: PlacementMap; broken: BrokenBy }>();
  /** The reasons of a placement, read once: a new one has new ones. */
  async function brokenOf(placement: PlacementMap, plan: string): Promise<BrokenBy> {
    const known = reasons.get(plan);
    if (known?.placement === placement) return known.broken;
    const broken = await brokenIn(api, placement, plan);
    reasons.set(plan, { placement, broken });
    return broken;
  }

  /** What is in force: as full as it is on the day that is looked at. */
  async function inForce(): Promise<Omit<Found, "map">> {
    const [placement, summary] = await Promise.all([
      allocationOn(wanted().day),
      api.get("/v1/allocations/summary"),
    ]);
    const [broken, terms] = await Promise.all([brokenOf(placement, ""), termsOfPlan(placement.plan)]);
    return { placement, summary, broken, terms, plan: null, inForce: placement.plan, problem: null, before: null };
  }

  /** What is in force, as full as it is on a day that is not past. */
  const allocationOn = (day: string): Promise<PlacementMap> => api.get("/v1/map/allocation", day > localDay(new Date()) ? { query: { day } } : {});

  /** The terms of a plan that is in force; null where it is not kept. */
  async function termsOfPlan(id: string | null): Promise<Terms | null> {
    if (id === null) return null;
    try {
      return termsOf(await api.get("/v1/plans/{id}", { path: { id } }));
    } catch (error) {
      if (error instanceof Refused) return null;
      throw error;
    }
  }

  async function planned(id: string): Promise<Omit<Found, "map">> {
    try {
      const [placement, plan, standing] = await Promise.all([
        api.get("/v1/map/plans/{id}", { path: { id } }),
        api.get("/v1/plans/{id}", { path: { id } }),
        api.get("/v1/allocations/summary"),
      ]);
      const [today, horizon] = [localDay(new Date()), plan.terms.horizon];
      const day = horizon > today ? horizon : today;
      const [broken, now] = await Promise.all([brokenOf(placement, id), wanted().wipe ? allocationOn(day) : null]);
      const before = now && { placement: now, broken: await brokenOf(now, ""), day };
      return { placement, plan, inForce: standing.plan, broken, terms: termsOf(plan), summary: null, problem: null, before };
    } catch (error) {
      if (error instanceof Refused) return { placement: null, plan: null, inForce: null, broken: new Map(), terms: null, summary: null, problem: error, before: null };
      throw error;
    }
  }

  return async () => {
    const { plan } = wanted();
    const [map, placed] = await Promise.all([api.get("/v1/map"), plan === "" ? inForce() : planned(plan)]);
    return { map, ...placed };
  };
}

/** How many plans are read. */
const PLANS = 200;

/** Plans, the newest first. */
export const plansOf = (api: Api): Promise<PlanOut[]> => api.all("/v1/plans", { query: { limit: PLANS } }, PLANS);

/** The newest of them that can be drawn. */
export const drawable = (plans: readonly PlanOut[]): PlanOut | undefined => plans.find((plan) => plan.result !== null);

/** Its id; null where there is none. */
export const newestPlan = async (api: Api): Promise<string | null> => drawable(await plansOf(api))?.id ?? null;

/** Whether the service was found to have the same, so that nothing is to be drawn anew. */
export const sameFound = (a: Found, b: Found): boolean =>
  a.map === b.map && a.placement === b.placement && a.problem === b.problem && a.broken === b.broken && a.summary === b.summary && a.inForce === b.inForce && a.before?.placement === b.before?.placement;

/** The day that is looked at without a choice. */
export const standardDay = (found: Found): string => found.plan?.terms.horizon ?? localDay(new Date());
