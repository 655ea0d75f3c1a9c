/** The story of a node: what it is, how full, what runs there, and what may be done with it. */
import { confirm } from "../../../dialog";
import { fill, h } from "../../../dom";
import { href } from "../../../route";
import { region, sentence } from "../../../states";
import { localDay } from "../../../today";
import type { Node, NodeState, PlacementMap, UseOut } from "../../../wire";
import { brokenSaid } from "../disturbed";
import { sovereigntyOf } from "../drawing/colours";
import { said } from "../model";
import { share, useBar } from "./bars";
import { facts, part } from "./panel";
import { rehearsal } from "./rehearsal";
import { brokenOf, devicesOf, severity, shardList, type Teller } from "./story";

const STATE_TONE: Record<NodeState, string> = { active: "good", draining: "warn", failed: "bad" };
const DEEDS = { drain: "draining", fail: "failed", activate: "active" } as const;
type Deed = keyof typeof DEEDS;

export function nodeStory(teller: Teller, id: string): HTMLElement {
  const { i18n, api, net, placed } = teller;
  const at = net.nodeAt.get(id) ?? -1;
  const known = h("div");
  const uses = h("div");
  const shards = placed?.byNode.get(at) ?? [];
  const usesTitle = teller.inForce ? i18n.t("map.use") : i18n.t("map.useOfPlan");

  void region(known, i18n, () => api.get("/v1/nodes/{id}", { path: { id } }), (node) => [deeds(teller, node), node.state !== "failed" && rehearsal(teller, node), about(teller, node, at)]).load();
  if (teller.plan !== null) void region(uses, i18n, () => usesOf(teller, id), (found) => bars(teller, found)).load();

  return h(
    "div",
    {},
    known,
    disturbedHere(teller, shards),
    teller.plan !== null && part(usesTitle, readings(teller, at), uses),
    part(
      i18n.t("map.runsHere", { shards: i18n.number(shards.length), devices: i18n.number(devicesOf(placed, shards)) }),
      shardList(teller, shards, "site"),
    ),
  );
}

/** More disturbed shards than this have their reasons in the list of what runs. */
const MOST_REASONS = 12;

/** What is disturbed on a node, by which rules, since when; unlawful ones first. */
function disturbedHere(teller: Teller, shards: readonly number[]): HTMLElement | null {
  const { i18n, placed } = teller;
  const disturbed = shards.filter((shard) => placed?.status(shard) === "disturbed").toSorted((a, b) => severity(teller, a) - severity(teller, b));
  if (!placed || disturbed.length === 0) return null;
  return part(
    i18n.t("map.disturbedHere", { shards: i18n.number(disturbed.length) }),
    h(
      "ul",
      { class: "map-broken" },
      disturbed.slice(0, MOST_REASONS).map((shard) => {
        const broken = brokenOf(teller, shard);
        const workload = placed.workload(shard);
        return h("li", { class: broken?.unlawful ? "bad" : "" }, h("a", { href: teller.link({ kind: "workload", id: workload }) }, workload), " ", broken && brokenSaid(i18n, broken));
      }),
    ),
    disturbed.length > MOST_REASONS && h("p", { class: "small quiet" }, i18n.t("plans.shownOf", { shown: i18n.number(MOST_REASONS), count: i18n.number(disturbed.length) })),
  );
}

function about({ i18n, net, province }: Teller, node: Node, at: number): HTMLElement {
  const cards = (node.pools ?? []).filter((pool) => pool.count > 0);
  const whose = sovereigntyOf(net, at);
  const state = node.state ?? "active";
  const commitment = node.commitment ?? "operational";
  return facts(
    [i18n.t("map.state"), h("span", { class: `badge ${STATE_TONE[state]}` }, i18n.word("state", state))],
    [i18n.t("map.tier"), i18n.word("tier", node.tier)],
    [i18n.t("map.province"), province(node.province ?? "")],
    [i18n.t("map.owner"), `${node.owner} (${i18n.country(node.owner_country)})`],
    [i18n.t("map.operator"), node.operator && `${node.operator}${node.operator_country ? ` (${i18n.country(node.operator_country)})` : ""}`],
    [
      i18n.t("map.commitment"),
      node.available_from
        ? i18n.t("map.since", { word: i18n.word("commitment", commitment), day: i18n.day(node.available_from) })
        : i18n.word("commitment", commitment),
    ],
    [i18n.t("map.sovereignty"), [h("strong", {}, i18n.word("sovereignty", whose)), h("br"), why(i18n, node, whose)]],
    [i18n.t("map.certificates"), (node.certifications ?? []).map((one) => one.name).join(", ")],
    [i18n.t("map.cards"), cards.map((pool) => `${i18n.number(pool.count)} × ${pool.accelerator}`).join(", ") || i18n.t("map.noCards")],
  );
}

/** Why a node counts as whose: the fact that decides. */
function why(i18n: Teller["i18n"], node: Node, whose: string): string {
  const home = i18n.country(node.country);
  const control = (node.control_jurisdictions ?? []).map((one) => i18n.country(one)).join(", ");
  if (whose === "foreign_owned") return i18n.t("map.why.foreign_owned", { home, other: i18n.country(node.owner_country) });
  if (whose === "foreign_operated") return i18n.t("map.why.foreign_operated", { home, other: i18n.country(node.operator_country ?? "") });
  if (whose === "foreign_controlled") return i18n.t("map.why.foreign_controlled", { home, other: control });
  if (whose === "domestic") return i18n.t("map.why.domestic", { home });
  return i18n.t("map.why.unknown", { missing: i18n.t(node.operator_country ? "map.why.control" : "map.why.operator") });
}

/** How full a node is, in two readings: the share of its cards that is used, and its fullest resource. */
function readings({ i18n, placed }: Teller, at: number): HTMLElement {
  const [cards, load] = [placed?.cards[at] ?? -1, placed?.load[at] ?? 0];
  return facts(
    [i18n.t("map.cardsUsed"), cards >= 0 && h("span", { class: "number" }, share(i18n, cards))],
    [i18n.t("map.fullest"), load > 0 && `${i18n.word("resource", said(placed?.map.resources ?? [], placed?.fullest[at]))} ${i18n.permille(load)}`],
  );
}

/** The accounts of a node: one for each kind of card, and its others. */
async function usesOf({ api, plan, inForce }: Teller, node: string): Promise<readonly UseOut[]> {
  const query = { rule: "node_capacity", node, limit: 200 };
  const page = await (inForce ? api.get("/v1/allocations/usage", { query }) : api.get("/v1/plans/{id}/usage", { path: { id: plan ?? "" }, query }));
  return page.items;
}

function bars({ i18n }: Teller, uses: readonly UseOut[]): (HTMLElement | string)[] {
  const shown = uses.filter((use) => use.capacity > 0 || use.used > 0);
  if (shown.length === 0) return [i18n.t("map.noUse")];
  return shown.map((use) => useBar(i18n, use.subject.accelerator ?? i18n.word("resource", use.resource), use));
}

/** The buttons that change a node's state, and after that the offer to plan anew what was disturbed. */
function deeds(teller: Teller, node: Node): HTMLElement {
  const { i18n, api } = teller;
  const state = node.state ?? "active";
  const root = h("div", { class: "deeds" });
  const said = h("div", { role: "status" });
  const buttons = (Object.keys(DEEDS) as Deed[])
    .filter((deed) => DEEDS[deed] !== state)
    .map((deed) => h("button", { type: "button", class: deed === "fail" ? "deed-bad" : "", on: { click: () => void ask(deed) } }, i18n.t(`map.${deed}`)));
  fill(root, h("div", { class: "bar" }, buttons), said);
  if (state !== "active") void offer().catch((error: unknown) => fill(said, sentence(i18n, error)));

  /** What the allocation in force has on this node, whatever is drawn. */
  async function here(): Promise<{ map: PlacementMap; shards: number[]; disturbed: number[] }> {
    const map = await api.get("/v1/map/allocation");
    const at = map.nodes.indexOf(node.id);
    const shards = at < 0 ? [] : map.shards.node.flatMap((one, i) => (one === at ? [i] : []));
    const status = map.statuses.indexOf("disturbed");
    return { map, shards, disturbed: shards.filter((i) => map.shards.status[i] === status) };
  }

  async function ask(deed: Deed): Promise<void> {
    try {
      const { map, shards } = await here();
      const workloads = new Set(shards.map((i) => map.shards.workload[i])).size;
      const devices = shards.reduce((sum, i) => sum + (map.shards.devices[i] ?? 0), 0);
      const figures = { shards: i18n.number(shards.length), workloads: i18n.number(workloads), devices: i18n.number(devices) };
      const agreed = await confirm(i18n, {
        title: i18n.t(`map.${deed}.title`, { node: i18n.name(node) }),
        body: [
          h("p", {}, i18n.t(`map.${deed}.meaning`)),
          h("p", {}, h("strong", {}, shards.length === 0 ? i18n.t("map.disturbsNothing") : i18n.t(`map.${deed}.disturbs`, figures))),
        ],
        action: i18n.t(`map.${deed}`),
        danger: deed === "fail",
      });
      if (!agreed) return;
      for (const button of buttons) button.disabled = true;
      await api.post(`/v1/nodes/{id}/${deed}`, { path: { id: node.id } });
      teller.announce(i18n.t("map.isNow", { node: i18n.name(node), state: i18n.word("state", DEEDS[deed]) }));
    } catch (error) {
      for (const button of buttons) button.disabled = false;
      fill(said, h("p", { class: "notice" }, sentence(i18n, error)));
    }
  }

  async function offer(): Promise<void> {
    const { map, disturbed } = await here();
    if (disturbed.length === 0 || map.plan === null) return;
    const workloads = [...new Set(disturbed.map((i) => map.shards.workload[i] ?? ""))];
    const button = h("button", { type: "button", class: "primary", on: { click: () => void replan(button, workloads) } }, i18n.t("map.replan"));
    fill(said, h("p", {}, i18n.t("map.disturbedNow", { shards: i18n.number(disturbed.length), workloads: i18n.number(workloads.length) })), button);
  }

  /** Ask for a repair of what is disturbed here, for today and otherwise on the terms in force; nothing else is touched. */
  async function replan(button: HTMLButtonElement, workloads: string[]): Promise<void> {
    button.disabled = true;
    try {
      const made = await api.post("/v1/plans", {
        body: {
          name: i18n.t("map.replanName", { node: i18n.name(node) }),
          workloads: [],
          workload_ids: workloads,
          terms: { horizon: localDay(new Date()) },
          limits: { seconds: null, seed: 0, start: "warm" },
          scope: { running: "repair", may_end: [], from_nodes: [], from_sites: [] },
          priority: "normal",
        },
      });
      teller.announce(i18n.t("map.replanAsked"));
      const link = h("a", { href: href("plans", { plan: made.id }) }, i18n.t("map.replanFollow"));
      fill(said, h("p", {}, i18n.t("map.replanAsked"), " ", link));
      link.click();
    } catch (error) {
      button.disabled = false;
      said.append(h("p", { class: "notice" }, sentence(i18n, error)));
    }
  }

  return root;
}
