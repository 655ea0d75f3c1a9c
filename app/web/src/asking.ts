/** What if: plans of a network that does not exist, asked for while somebody waits. They are never applied. */
import type { Api } from "./api";
import type { BodyOf, PlanOut } from "./wire";

export type PlanRequest = BodyOf<"/v1/plans", "post">;
export type WhatIf = NonNullable<PlanRequest["what_if"]>;
export type NodeWhatIf = NonNullable<WhatIf["nodes"]>[number];

const PREFER = "wait=20";
const LOOK_MS = 500;
const ENDED = ["finished", "cancelled", "failed"];

/** Ask for a plan, and wait until it has ended. */
export async function askedFor(api: Api, body: PlanRequest): Promise<PlanOut> {
  let plan = await api.post("/v1/plans", { prefer: PREFER, body });
  while (!ENDED.includes(plan.status)) {
    await new Promise((wake) => setTimeout(wake, LOOK_MS));
    plan = await api.get("/v1/plans/{id}", { path: { id: plan.id } });
  }
  return plan;
}

export type Weights = NonNullable<PlanRequest["terms"]["weights"]>;

/**
 * A request as it would be with a node otherwise, or, without one, as it is: a what-if either way, on top of what it supposes
 * already.
 *
 * `weights` take the place of those that it was asked on.
 */
export function supposing(asked: PlanRequest, name: string, seconds: number, node?: NodeWhatIf, weights?: Weights): PlanRequest {
  const nodes = asked.what_if?.nodes ?? [];
  const others = node === undefined ? nodes : nodes.filter((one) => one.id !== node.id);
  const same = node === undefined ? [] : [{ ...nodes.find((one) => one.id === node.id), ...node }];
  return {
    ...asked,
    name,
    note: null,
    priority: "high",
    terms: weights === undefined ? asked.terms : { ...asked.terms, weights },
    limits: { ...asked.limits, seconds },
    what_if: { ...asked.what_if, nodes: [...others, ...same] },
  } as PlanRequest;
}
