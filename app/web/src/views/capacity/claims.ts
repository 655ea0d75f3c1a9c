/** What hangs on a promise: nodes that do not operate yet, what runs on them, what a plan for a later day puts there, and what
 * becomes of that without them. */
import { isAbort, type Api } from "../../api";
import { fill, h, type Child } from "../../dom";
import type { I18n } from "../../i18n";
import { href } from "../../route";
import { region, sentence } from "../../states";
import { table, type Column } from "../../table";
import type { AllocationOut, Decision, PlanOut } from "../../wire";
import { askedWithout, repairing, type Called } from "../../without";
import { counts, type NodeFact } from "./facts";

/** Shards that are listed of each kind, and read in all. */
const LISTED = 12;
const PAGE = 1_000;

type Hanging = AllocationOut | Decision;

/** Nodes that rest on a promise: they do not operate on the day, the first to come first, those without a day last. */
export function promised(nodes: readonly NodeFact[], today: string): NodeFact[] {
  const later = nodes.filter((node) => node.step > 0 || (node.from !== null && node.from > today));
  return later.sort((a, b) => (a.from ?? "9").localeCompare(b.from ?? "9") || a.step - b.step || (a.id < b.id ? -1 : 1));
}

/** The newest plan for a day after today whose terms count on a node; what supposes something of the network is no such plan. */
export function planAhead(plans: readonly PlanOut[], today: string, node: NodeFact, commitments: readonly string[]): PlanOut | null {
  const lowest = (plan: PlanOut): number => Math.max(0, commitments.indexOf(plan.result?.effective_terms?.lowest_commitment ?? plan.terms.lowest_commitment ?? ""));
  const ahead = plans.filter(
    (plan) => plan.result !== null && !plan.what_if && plan.terms.horizon > today && counts(node, { day: plan.terms.horizon, step: lowest(plan) }),
  );
  return ahead.reduce<PlanOut | null>((newest, plan) => (newest === null || plan.submitted_at > newest.submitted_at ? plan : newest), null);
}

export interface ClaimsState {
  nodes: readonly NodeFact[];
  commitments: readonly string[];
  plans: readonly PlanOut[];
  today: string;
  /** The generation that last changed what is in force, or the network. */
  generation: number;
  /** The node that is looked at. */
  chosen: string;
  site(id: string): string;
  node(id: string): string;
}

export interface Claims {
  element: HTMLElement;
  update(state: ClaimsState): void;
}

export interface ClaimsOptions {
  i18n: I18n;
  api: Api;
  link(id: string): string;
}

export function claimsPart({ i18n, api, link }: ClaimsOptions): Claims {
  let state: ClaimsState | null = null;
  let shown = "";
  const columns: Column<NodeFact>[] = [
    { key: "node", label: i18n.t("capacity.node"), value: (one) => one.name },
    { key: "commitment", label: i18n.t("capacity.commitment"), value: (one) => one.step, cell: (one) => i18n.word("commitment", state?.commitments[one.step] ?? "") },
    { key: "from", label: i18n.t("capacity.day"), value: (one) => one.from, cell: (one) => (one.from === null ? i18n.t("capacity.dateless") : i18n.day(one.from)) },
    { key: "cards", label: i18n.t("capacity.allCards"), align: "end", value: (one) => one.cards.reduce((sum, [, count]) => sum + count, 0) },
    { key: "owner", label: i18n.t("capacity.cards.owner"), value: (one) => one.owner },
  ];
  const list = table<NodeFact>({
    i18n,
    caption: i18n.t("capacity.claims.caption"),
    columns,
    id: (one) => one.id,
    href: (one) => link(one.id),
    empty: i18n.t("capacity.claims.none"),
  });
  const inside = h("div", { class: "card-body capacity-hanging", "data-part": "hanging", hidden: true, tabIndex: -1 });
  const element = h("section", { class: "card capacity-claims", "data-part": "claims" }, list.element, h("p", { class: "small quiet capacity-note" }, i18n.t("capacity.claims.note")), inside);

  const part = region<Child>(
    inside,
    i18n,
    async () => {
      const now = state;
      const node = now?.nodes.find((one) => one.id === now.chosen);
      if (!now || !node) return null;
      const ahead = planAhead(now.plans, now.today, node, now.commitments);
      const [runs, would] = await Promise.all([
        api.all("/v1/allocations", { query: { node: node.id, limit: PAGE } }),
        ahead === null ? [] : api.all("/v1/plans/{id}/decisions", { path: { id: ahead.id }, query: { node: node.id, limit: PAGE } }),
      ]);
      return story(now, node, runs, ahead, would);
    },
    (told) => told,
  );

  function story(now: ClaimsState, node: NodeFact, runs: readonly Hanging[], ahead: PlanOut | null, would: readonly Hanging[]): Child {
    const day = node.from !== null && node.from > now.today ? node.from : now.today;
    return [
      h("h3", {}, i18n.t("capacity.claims.hangs", { node: node.name })),
      h(
        "div",
        { "data-part": "now" },
        h("strong", {}, i18n.t("capacity.claims.now", { shards: i18n.measure(runs.length, "shards") })),
        shardList(now, runs),
        runs.length > 0 && without(now, node, null, runs),
      ),
      ahead === null
        ? h("p", { "data-part": "ahead" }, i18n.t("capacity.claims.noPlan"), " ", h("a", { href: href("plans", { new: "1", horizon: day, commitment: now.commitments[node.step] ?? "" }) }, i18n.t("capacity.whatIf", { day: i18n.day(day) })))
        : h(
            "div",
            { "data-part": "ahead" },
            h("strong", {}, i18n.t("capacity.claims.ahead", { shards: i18n.measure(would.length, "shards"), day: i18n.day(ahead.terms.horizon) })),
            " ",
            h("a", { href: href("plans", { plan: ahead.id }) }, ahead.name ?? ahead.id.slice(0, 8)),
            shardList(now, would),
            would.length > 0 && without(now, node, ahead, would),
          ),
    ];
  }

  const label = (now: ClaimsState, one: Hanging): HTMLElement => h("a", { href: href("map", { workload: one.workload }) }, `${now.site(one.site)} · ${one.model}`);

  function shardList(now: ClaimsState, shards: readonly Hanging[]): Child {
    if (shards.length === 0) return null;
    return h("ul", {}, shards.slice(0, LISTED).map((one) => h("li", {}, label(now, one), ` (${i18n.measure(one.devices, "devices")})`)), more(shards.length));
  }

  function more(count: number): Child {
    return count > LISTED && h("li", { class: "quiet" }, i18n.t("map.rehearsedMore", { count: i18n.number(count - LISTED) }));
  }

  /** The button that asks what becomes of what runs, or of a plan, without the node, and what the plan says. */
  function without(now: ClaimsState, node: NodeFact, ahead: PlanOut | null, hanging: readonly Hanging[]): HTMLElement {
    const told = h("div", { role: "status", "data-part": "without" });
    const button = h("button", { type: "button", on: { click: () => void ask() } }, i18n.t(ahead === null ? "capacity.claims.withoutNow" : "capacity.claims.without"));
    async function ask(): Promise<void> {
      button.disabled = true;
      fill(told, h("p", { class: "quiet" }, i18n.t("map.rehearsing")));
      try {
        const asked = ahead === null ? repairing(now.today) : await api.get("/v1/plans/{id}/request", { path: { id: ahead.id } });
        fill(told, await askedWithout(api, i18n, asked, i18n.t("map.withoutName", { node: node.name }), node.id, ahead?.id ?? "allocation", called(now, hanging)));
      } catch (error) {
        if (!isAbort(error)) fill(told, h("p", { class: "notice" }, sentence(i18n, error)));
      } finally {
        button.disabled = false;
      }
    }
    return h("div", { class: "deeds" }, h("div", { class: "bar" }, button), told);
  }

  /** Shards by their site and model, as they are listed above. */
  function called(now: ClaimsState, hanging: readonly Hanging[]): Called {
    const known = new Map(hanging.map((one) => [`${one.workload} ${one.shard}`, one]));
    return {
      shard: ({ workload, shard }) => {
        const one = known.get(`${workload} ${shard}`);
        return one ? label(now, one) : h("a", { href: href("map", { workload }) }, workload);
      },
      node: now.node,
    };
  }

  return {
    element,
    update(next) {
      state = next;
      list.update(promised(next.nodes, next.today));
      list.select(next.chosen === "" ? null : next.chosen);

      // What was asked about the node stays as long as the same hangs on it.
      const node = next.nodes.find((one) => one.id === next.chosen);
      inside.hidden = node === undefined;
      const ahead = node === undefined ? null : planAhead(next.plans, next.today, node, next.commitments);
      const question = `${node?.id ?? ""} ${next.generation} ${ahead?.id ?? ""}`;
      if (question === shown) return;
      shown = question;
      if (node !== undefined) void part.load();
    },
  };
}
