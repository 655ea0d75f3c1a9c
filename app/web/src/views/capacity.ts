/**
 * How full the network is, what is scarce, and what is there by when.
 *
 * A day and a least commitment say which nodes count; without them, those of the plan that is looked at. All figures
 * follow from the accounts of single nodes, so that they can be told for any day and any province.
 */
import { nodeOf } from "../accounts";
import { Unreachable, isAbort } from "../api";
import { fill, h } from "../dom";
import { day, text, whole, word, words } from "../params";
import { href } from "../route";
import { empty, otherPlans, region } from "../states";
import { localDay } from "../today";
import { view } from "../view";
import type { Capacity, NetworkMap, PlanOut } from "../wire";
import { asOfBar } from "./capacity/asof";
import { cardsPart, mainOwner } from "./capacity/cards";
import { claimsPart } from "./capacity/claims";
import { counts, factsOf, groupOf, usesBy, type Account, type AsOf, type Facts, type Measure } from "./capacity/facts";
import { limitsTable, type Names } from "./capacity/limits";
import { nodesPart, type NodeUse } from "./capacity/nodes";
import { provinceMap, provinceName } from "./capacity/provinces";
import { timelinePart } from "./capacity/timeline";
import { RESOURCES, useTable } from "./capacity/use";
import { siteNames } from "./plans/sites";
import { goneNotice } from "./plans/gone";
import "./capacity.css";

const BY = ["tier", "province", "accelerator"] as const;
const LIMIT_SORTS = ["price", "share", "limit", "used", "rule"] as const;
const NODE_SORTS = ["share", "node", "used", "capacity", "tier", "province", "state"] as const;
const TABLES = ["nodes", "timeline"] as const;
/** How many plans are offered. */
const PLANS = 200;

interface Found {
  map: NetworkMap;
  capacity: Capacity;
  plans: PlanOut[];
  names: ReadonlyMap<string, string>;
}

export default view({
  params: {
    plan: text(),
    by: word(BY, "tier"),
    resource: word(RESOURCES, "accelerators"),
    province: text(),
    day: day(),
    commitment: text(),
    measure: word(["cards", "power"], "cards"),
    accelerator: text(),
    sort: word(LIMIT_SORTS, "price"),
    descending: whole(1, 0, 1),
    nodes: word(NODE_SORTS, "share"),
    nodesDescending: whole(1, 0, 1),
    tables: words(TABLES),
    /** Whose cards: those of whoever has most of the nodes, or `*` for everybody's. */
    owner: text(),
    /** The promised node of which is told what hangs on it. */
    claim: text(),
  },
  title: (i18n) => i18n.t("view.capacity"),
  mount(root, { i18n, api, live, signal, values, go, link, announce }) {
    let found: Found | null = null;
    let facts: Facts | null = null;
    let stale = false;

    const tabled = (name: (typeof TABLES)[number], shown: boolean): void => {
      go({ tables: shown ? [...values().tables, name] : values().tables.filter((one) => one !== name) }, true);
    };
    const pickProvince = (code: string): void => go({ province: values().province === code ? "" : code });
    const bar = asOfBar(i18n, {
      plan: (id) => go({ plan: id, day: "", commitment: "" }),
      day: (next) => go({ day: next }, true),
      commitment: (next) => go({ commitment: next }),
      province: (code) => go({ province: code }),
    });
    const used = useTable(i18n, {
      by: (by) => go({ by }),
      resource: (resource) => go({ resource }),
      province: pickProvince,
      accelerator: accelerator,
    });
    const picture = provinceMap(i18n, pickProvince);
    const nodes = nodesPart({
      i18n,
      asTable: values().tables.includes("nodes"),
      onToggle: (shown) => tabled("nodes", shown),
      sort: { key: values().nodes, descending: values().nodesDescending === 1 },
      onSort: (sort) => go({ nodes: sort.key as (typeof NODE_SORTS)[number], nodesDescending: sort.descending ? 1 : 0 }, true),
    });
    const limits = limitsTable(i18n, { key: values().sort, descending: values().descending === 1 }, (sort) =>
      go({ sort: sort.key as (typeof LIMIT_SORTS)[number], descending: sort.descending ? 1 : 0 }, true),
    );
    const measure = h("select", { "aria-label": i18n.t("capacity.measure") });
    measure.addEventListener("change", () => {
      const [kind, accelerator = ""] = measure.value.split(" ");
      go({ measure: kind === "power" ? "power" : "cards", accelerator });
    });
    const timeline = timelinePart({
      i18n,
      asTable: values().tables.includes("timeline"),
      onToggle: (shown) => tabled("timeline", shown),
      onDay: (next) => go({ day: next }, true),
      controls: measure,
    });
    const savings = cardsPart({ i18n, api, onOwner: (owner) => go({ owner }, true) });
    const claims = claimsPart({ i18n, api, link: (id) => link({ claim: values().claim === id ? "" : id }) });
    const nothing = h("section", { class: "card capacity-nothing" });
    const fullness = h("div", { class: "capacity-fullness" }, used.element, picture.element, nodes.chart, nodes.list);
    /** The plan that has been deleted since it was drawn: there is nothing left to read of it. */
    let gone = "";
    const inForce = h("a", { href: link({ plan: "" }) }, i18n.t("map.showInForce"));
    const notice = goneNotice({ i18n, live, announce }, () => [values().plan], inForce);
    const whole = h("div", { class: "capacity" }, notice, bar.element, nothing, fullness, timeline.element, claims.element, savings.element, limits.element);

    function accelerator(id: string): string {
      return found?.names.get(id) ?? id;
    }

    async function fetched(): Promise<Found> {
      const { plan } = values();
      const query = plan === "" ? {} : { plan };
      const [map, capacity, plans, kinds] = await Promise.all([
        api.get("/v1/map"),
        api.get("/v1/capacity", { query }),
        api.get("/v1/plans", { query: { limit: PLANS } }),
        api.get("/v1/accelerators", { query: { limit: 1000 } }),
      ]);
      return { map, capacity, plans: plans.items, names: new Map(kinds.items.map((one) => [one.id, one.name ?? one.id])) };
    }

    /** Take what was found; the elements stay, so that nobody loses their place. */
    function take(next: Found): void {
      if (found === null || next.map !== found.map || next.capacity !== found.capacity) facts = factsOf(i18n, next.map, next.capacity);
      found = next;
      show();
    }

    /** Where the URL says nothing else: of what is in force, what operates today; of a plan, its own terms. */
    function asOf(now: Found, today: string): AsOf {
      const said = values();
      const terms = said.plan === "" ? undefined : now.plans.find((one) => one.id === said.plan)?.terms;
      const step = now.map.commitments.findIndex((one) => one === (said.commitment || terms?.lowest_commitment));
      return { day: said.day || terms?.horizon || today, step: Math.max(0, step) };
    }

    function show(): void {
      if (!found || !facts) return;
      const said = values();
      const today = localDay(new Date());
      const as = asOf(found, today);
      const here = facts.nodes.filter((node) => said.province === "" || node.province === said.province);
      const there = here.filter((node) => counts(node, as));
      const counted = facts.accounts.filter((account) => counts(account.node, as));
      const local = said.province === "" ? counted : counted.filter((account) => account.node.province === said.province);
      const cards = there.reduce((all, node) => all + node.cards.reduce((sum, [, count]) => sum + count, 0), 0);
      bar.update({
        plans: found.plans,
        plan: said.plan,
        inForce: said.plan === "" ? found.capacity.plan : (found.plans.find((one) => one.applied_generation !== null)?.id ?? null),
        commitments: facts.commitments,
        nodes: facts.nodes,
        asOf: as,
        today,
        province: said.province,
        sentence: i18n.t("capacity.counts", {
          day: i18n.day(as.day),
          commitment: i18n.word("commitment", facts.commitments[as.step] ?? ""),
          nodes: i18n.number(there.length),
          all: i18n.number(here.length),
          cards: i18n.number(cards),
          power: i18n.amount(there.reduce((all, node) => all + node.watts, 0), "w"),
        }),
        warning: warned(facts, as, today),
      });
      const planned = found.capacity.plan !== null;
      nothing.hidden = planned;
      fullness.hidden = limits.element.hidden = savings.element.hidden = !planned;
      if (planned) showFullness(facts, counted, local);
      else fill(nothing, empty(i18n.t("capacity.empty"), [i18n.t("capacity.emptyHint"), " ", h("a", { href: href("plans") }, i18n.t("capacity.toPlans"))]));
      showTimeline(facts, as, here, today);
      const names = siteNames(i18n, found.map);
      const at = new Map(facts.nodes.map((node) => [node.id, node.name]));
      claims.update({
        nodes: here,
        commitments: facts.commitments,
        plans: found.plans,
        today,
        generation: Math.max(found.map.generation, found.capacity.generation),
        chosen: said.claim,
        site: (id) => names.get(id) ?? id,
        node: (id) => at.get(id) ?? id,
      });
    }

    /** Figures of a plan are as of the plan, and of its day. */
    function planDay(today: string): string {
      const plan = found?.plans.find((one) => one.id === values().plan);
      const made = i18n.t("capacity.asOfPlan", { generation: String(plan?.generation ?? "") });
      const day = plan?.terms.horizon ?? today;
      return day === today ? made : `${made} ${i18n.t("plans.otherDay", { day: i18n.day(day) })}`;
    }

    function warned(facts: Facts, as: AsOf, today: string): string {
      const left = new Set(facts.accounts.filter((account) => account.used > 0 && !counts(account.node, as)).map((account) => account.node.id));
      const said = [
        values().plan === "" ? null : planDay(today),
        left.size > 0 && i18n.t("capacity.left", { count: i18n.number(left.size) }),
        facts.gone > 0 && i18n.t("capacity.gone", { count: i18n.number(facts.gone) }),
      ];
      return said.filter((one) => one !== false && one !== null).join(" ");
    }

    function showFullness(facts: Facts, counted: readonly Account[], local: readonly Account[]): void {
      const said = values();
      const resource = i18n.word("resource", said.resource);
      const where = said.province === "" ? i18n.t("capacity.everywhere") : provinceName(i18n, said.province);
      const ofResource = (accounts: readonly Account[]): Account[] => accounts.filter((one) => one.resource === said.resource);
      used.update(usesBy(facts, said.by === "province" ? counted : local, groupOf(said.by)), said.by, said.resource, facts.tiers, said.province);
      picture.update(usesBy(facts, ofResource(counted), groupOf("province")), i18n.t("capacity.provinceTitle", { resource }), said.province);
      const at = new Map(facts.nodes.map((node) => [node.id, node]));
      const uses = usesBy(facts, ofResource(local), (account) => account.node.id).flatMap((use): NodeUse[] => {
        const node = at.get(use.group);
        return node ? [{ ...use, node }] : [];
      });
      nodes.update(
        uses,
        i18n.t("capacity.distributionOf", { resource, where }),
        i18n.t("capacity.fullestOf", { resource, where }),
      );
      const names: Names = { node: (id) => at.get(id), accelerator };
      const rows = (found?.capacity.tightest ?? []).filter((tight) => {
        const node = nodeOf(tight);
        return said.province === "" || (node !== null && at.get(node)?.province === said.province);
      });
      const owners = facts.nodes.map((node) => node.owner);
      savings.update(found?.capacity.plan ?? null, names, [...new Set(owners)].sort(), said.owner === "" ? mainOwner(owners) : said.owner, said.province);
      limits.update(rows, names, said.province === "" ? i18n.t("capacity.priceNote") : i18n.t("capacity.priceNoteHere", { where }));
    }

    function showTimeline(facts: Facts, as: AsOf, here: Facts["nodes"], today: string): void {
      const said = values();
      const kinds = ["", ...facts.accelerators];
      const kind = kinds.includes(said.accelerator) ? said.accelerator : "";
      const chosen = said.measure === "power" ? "power" : `cards ${kind}`;
      fill(
        measure,
        kinds.map((one) => h("option", { value: `cards ${one}`, selected: chosen === `cards ${one}` }, one === "" ? i18n.t("capacity.allCards") : i18n.t("capacity.cardsOf", { accelerator: accelerator(one) }))),
        h("option", { value: "power", selected: chosen === "power" }, i18n.word("resource", "power")),
      );
      const cards: Measure = (node) => node.cards.reduce((sum, [one, count]) => (kind === "" || one === kind ? sum + count : sum), 0);
      const what = said.measure === "power" ? i18n.word("resource", "power") : kind === "" ? i18n.t("capacity.allCards") : accelerator(kind);
      timeline.update({
        facts,
        nodes: said.measure === "power" || kind === "" ? here : here.filter((node) => cards(node) > 0),
        asOf: as,
        today,
        measure: said.measure === "power" ? (node) => node.watts : cards,
        amount: (value) => (said.measure === "power" ? i18n.amount(value, "w") : i18n.t("capacity.cards", { count: i18n.number(value) })),
        title: i18n.t("capacity.timelineOf", { what, where: said.province === "" ? i18n.t("capacity.everywhere") : provinceName(i18n, said.province) }),
      });
    }

    const part = region(root, i18n, fetched, (next) => {
      if (next.map.nodes.id.length === 0) {
        found = null;
        return h("div", { class: "card" }, empty(i18n.t("map.empty"), i18n.t("map.emptyHint")));
      }
      take(next);
      return whole;
    }, otherPlans(i18n, "capacity"));

    let turn = 0;
    /** Read anew what is shown, without taking it away meanwhile. */
    async function refresh(): Promise<void> {
      if (gone !== "" && values().plan === gone) return;
      turn += 1;
      const mine = turn;
      if (!whole.isConnected) return part.load();
      whole.setAttribute("aria-busy", "true");
      try {
        const next = await fetched();
        if (mine !== turn) return;
        stale = false;
        if (next.map.nodes.id.length === 0) void part.load();
        else take(next);
      } catch (error) {
        if (mine !== turn || isAbort(error)) return;
        if (error instanceof Unreachable) stale = true; // what is shown stays; the frame says how old it is
        else void part.load(); // says what is wrong
      } finally {
        if (mine === turn) whole.removeAttribute("aria-busy");
      }
    }

    void part.load();
    live.on("plan.applied", () => void refresh());
    live.on("plan.finished", () => void refresh());
    live.on("plan.deleted", (event) => {
      if (event.plan === values().plan) gone = event.plan;
      else void refresh();
    });
    live.on("node", () => void refresh());
    live.on("allocation", () => void refresh());
    live.on("generation", (event) => event.detail.parts.some((one) => one !== "workloads") && void refresh());
    live.onState((state) => state !== "reconnecting" && stale && void refresh());
    let frame = 0;
    signal.addEventListener("abort", () => cancelAnimationFrame(frame), { once: true });
    return {
      update(now, before) {
        if (now.plan !== before.plan) {
          fill(notice);
          void refresh();
        }
        nodes.show(now.tables.includes("nodes"));
        timeline.show(now.tables.includes("timeline"));
        cancelAnimationFrame(frame);
        frame = requestAnimationFrame(show); // a slider says more than can be drawn
      },
      dispose() {
        nodes.dispose();
        timeline.dispose();
      },
    };
  },
});
