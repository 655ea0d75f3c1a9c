/**
 * The wire: types of everything that the service sends and takes.
 *
 * Generated from the service's OpenAPI document (`npm run wire`, see the Makefile); `./coming` holds by hand what the
 * document does not have yet. Everything else imports from here.
 */
import type { ComingPaths } from "./coming";
import type { components, paths } from "./service";

export type * from "./coming";

/** A schema of the OpenAPI document by its name. */
export type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];

export type AllocationOut = Schema<"AllocationOut">;
export type AllocationRecord = Schema<"AllocationRecord">;
export type AllocationSummary = Schema<"AllocationSummary">;
export type Applied = Schema<"Applied">;
export type Capacity = Schema<"Capacity">;
export type CapacityGroup = Schema<"CapacityGroup">;
export type CardSavings = Schema<"CardSavings">;
export type Commitment = Schema<"Commitment">;
export type Comparison = Schema<"Comparison">;
export type Decision = Schema<"Decision">;
export type ExplanationOut = Schema<"ExplanationOut">;
export type GroupUse = Schema<"GroupUse">;
export type Latency = Schema<"Latency">;
export type Money = Schema<"Money">;
export type NetworkMap = Schema<"NetworkMap">;
export type Node = Schema<"Node">;
export type NodeState = Schema<"NodeState">;
export type PlacementMap = Schema<"PlacementMap">;
export type PlanOut = Schema<"PlanOut">;
export type PlanResult = Schema<"PlanResult">;
export type PlanStatus = PlanOut["status"];
export type Problem = Schema<"ProblemDetail">;
export type ProgressPoint = Schema<"ProgressPoint">;
export type ProgressSeries = Schema<"ProgressSeries">;
export type Refusal = Schema<"Refusal">;
export type Repair = Refusal["repairs"][number];
export type Holder = Refusal["holders"][number];
export type Scope = Schema<"Scope">["running"];
export type ShardChange = Schema<"ShardChange">;
export type Site = Schema<"Site">;
export type SiteCosts = Schema<"SiteCosts">;
export type Summary = Schema<"Summary">;
export type Terms = Schema<"Terms">;
export type Tier = Schema<"Tier">;
export type Unplaced = Schema<"Unplaced">;
export type UseOut = Schema<"UseOut">;
export type Workload = Schema<"Workload">;

/** One page of a list. */
export interface Page<Item> {
  items: Item[];
  next?: string | null;
}

/** Every path of the service. */
export type Paths = Omit<paths, keyof ComingPaths> & ComingPaths;

type Body<Answer> = Answer extends { content: { "application/json": infer Found } } ? Found : never;
type Responses<Operation> = Operation extends { responses: infer Found } ? Found : never;
type Good<Operation> = Body<Responses<Operation>[keyof Responses<Operation> & (200 | 201 | 202)]>;
type Part<Operation, Name extends "query" | "path"> = Operation extends { parameters: infer All }
  ? Name extends keyof All
    ? Exclude<All[Name], undefined>
    : undefined
  : undefined;

export type Method = "get" | "post" | "put" | "patch" | "delete";

/** The paths that answer a method. */
export type With<M extends Method> = {
  [P in keyof Paths]: Paths[P] extends { [K in M]: { responses: unknown } } ? P : never;
}[keyof Paths];

/** What a path answers when all is well. */
export type Answer<P extends keyof Paths, M extends Method> = M extends keyof Paths[P] ? Good<Paths[P][M]> : never;

/** What a path takes in its query, and in itself. */
export type QueryOf<P extends keyof Paths, M extends Method> = M extends keyof Paths[P] ? Part<Paths[P][M], "query"> : never;
export type PathOf<P extends keyof Paths, M extends Method> = M extends keyof Paths[P] ? Part<Paths[P][M], "path"> : never;

/** What a path takes as its body. */
export type BodyOf<P extends keyof Paths, M extends Method> = M extends keyof Paths[P]
  ? Paths[P][M] extends { requestBody?: infer Given }
    ? Body<Given>
    : undefined
  : never;

/** The paths whose answer is a page, and what their pages hold. */
export type ItemOf<P extends keyof Paths> = Answer<P, "get"> extends { items: (infer Item)[] } ? Item : never;
