/** Who was refused, by which rules, and for each workload why, and what would make it fit. */
import { BarChart } from "echarts/charts";
import { LegendComponent } from "echarts/components";
import { axis, chart, use, type Chart } from "../chart";
import { fill, h, type Child } from "../dom";
import { flag, text, whole, word } from "../params";
import { href } from "../route";
import { empty, otherPlans, region, tooMuch } from "../states";
import { table, type Column } from "../table";
import { view } from "../view";
import type { ExplanationOut, PlanOut } from "../wire";
import { nodeNames } from "./plans/changes";
import { goneNotice } from "./plans/gone";
import { siteNames } from "./plans/sites";
import { byRule, byWorkload, filtered, type Refused, type RuleCount } from "./refusals/counts";
import { explained } from "./refusals/explanation";
import "./refusals.css";

use([BarChart, LegendComponent]);

const MOST = 50_000;
const MOST_PLANS = 200;
const SORTS = ["workload", "site", "policy", "model", "shards", "devices", "why", "repair"] as const;

interface Found {
  /** The plan whose refusals these are; null for the allocation in force, and while there is neither. */
  plan: PlanOut | null;
  inForce: string | null;
  plans: readonly PlanOut[];
  refused: readonly Refused[];
  shards: number;
  /** Ids of sites and how people call them. */
  sites: ReadonlyMap<string, string>;
}

export default view({
  params: {
    plan: text(),
    workload: text(),
    rule: text(),
    alone: flag(),
    site: text(),
    policy: text(),
    model: text(),
    sort: word(SORTS, "workload"),
    descending: whole(0, 0, 1),
    nodes: whole(30, 1, 1000),
    table: flag(),
  },
  title: (i18n) => i18n.t("view.refusals"),
  mount(root, { i18n, api, live, values, go, link, announce }) {
    let drawn: Chart | null = null;
    let found: Found | null = null;
    let rules: RuleCount[] = [];
    let list: ReturnType<typeof table<Refused>> | null = null;

    const top = h("div", { class: "refusals-stack" });
    const story = h("section", { class: "card refusals-detail", hidden: true, tabIndex: -1, "aria-label": i18n.t("refusals.explanation") });
    const notice = goneNotice({ i18n, live, announce }, () => [values().plan], h("a", { href: link({ plan: "" }) }, i18n.t("map.showInForce")));
    root.append(notice, top);

    const columns: Column<Refused>[] = [
      { key: "workload", label: i18n.t("refusals.workload"), value: (one) => one.workload },
      { key: "why", label: i18n.t("refusals.why"), value: (one) => said(one.refusal?.reasons) ?? i18n.t("refusals.onRequest") },
      { key: "repair", label: i18n.t("refusals.repair"), value: (one) => (one.refusal ? (said(one.refusal.repairs) ?? i18n.t("refusals.nothing")) : null) },
      { key: "site", label: i18n.t("refusals.site"), value: (one) => siteName(one.site) },
      { key: "model", label: i18n.t("refusals.model"), value: (one) => one.model },
      { key: "policy", label: i18n.t("refusals.policy"), value: (one) => one.policy },
      { key: "shards", label: i18n.t("refusals.shards"), align: "end", value: (one) => one.shards },
      { key: "devices", label: i18n.t("refusals.devices"), align: "end", value: (one) => one.devices },
    ];

    function siteName(id: string): string {
      return found?.sites.get(id) ?? id;
    }

    /** Rules with their nodes, the most first. */
    function said(reasons: readonly { rule: string; nodes: number }[] | undefined): string | null {
      if (!reasons || reasons.length === 0) return null;
      return [...reasons].sort((a, b) => b.nodes - a.nodes).map(({ rule, nodes }) => `${i18n.word("rule", rule)} ${i18n.number(nodes)}`).join(" · ");
    }

    /** What the URL names; otherwise what is in force, or while nothing is, the newest plan that has ended. */
    async function load(progress: (count: number) => void): Promise<Found> {
      const [summary, page, map] = await Promise.all([api.get("/v1/allocations/summary"), api.get("/v1/plans", { query: { limit: MOST_PLANS } }), api.get("/v1/map")]);
      const sites = siteNames(i18n, map);
      const plans = page.items.filter((plan) => plan.result !== null);
      const asked = values().plan;
      const plan = asked !== "" ? await api.get("/v1/plans/{id}", { path: { id: asked } }) : summary.plan === null ? (plans[0] ?? null) : null;
      const inForce = summary.plan;
      if (plan === null && inForce === null) return { plan, inForce, plans, refused: [], shards: 0, sites };
      const rows =
        plan === null
          ? await api.all("/v1/allocations", { query: { status: "unplaced", limit: 1000 } }, MOST, progress)
          : await api.all("/v1/plans/{id}/unplaced", { path: { id: plan.id }, query: { limit: 1000 } }, MOST, progress);
      return { plan, inForce, plans, refused: byWorkload(rows, plan?.id ?? inForce ?? ""), shards: rows.length, sites };
    }

    const part = region<Found>(top, i18n, load, (now) => {
      found = now;
      drawn?.dispose();
      drawn = null;
      list = null;
      rules = byRule(now.refused);
      const chosen = source(now);
      if (now.plan === null && now.inForce === null) return h("div", { class: "card" }, empty(i18n.t("refusals.noPlan"), i18n.t("refusals.noPlanHint")));
      if (now.refused.length === 0) return [chosen, h("div", { class: "card" }, empty(i18n.t("refusals.none"), i18n.t("refusals.noneHint")))];
      drawn = rules.length > 0 ? chartOf(now) : null;
      list = table<Refused>({
        i18n,
        caption: i18n.t("refusals.caption"),
        columns,
        id: (one) => one.workload,
        href: (one) => link({ workload: one.workload }),
        sort: { key: values().sort, descending: values().descending === 1 },
        onSort: (sort) => go({ sort: sort.key as (typeof SORTS)[number], descending: sort.descending ? 1 : 0 }, true),
        empty: i18n.t("refusals.noMatch"),
      });
      narrow();
      const later = now.refused.filter((one) => one.refusal === null).length;
      return [
        chosen,
        now.shards >= MOST && tooMuch(i18n, MOST),
        later > 0 && h("p", { class: "notice" }, i18n.t("refusals.later", { count: i18n.number(later) })),
        h("div", { class: rules.length > 0 ? "refusals-two" : "" }, drawn?.element, h("div", { class: "refusals-stack" }, filters(now), h("div", { class: "card" }, list.element))),
        story,
      ];
    }, otherPlans(i18n, "refusals"));

    /** Whose refusals. */
    function source({ plan, inForce, plans, refused, shards }: Found): HTMLElement {
      const known = new Map([...(plan ? [plan] : []), ...plans].map((one) => [one.id, one]));
      const select = h(
        "select",
        { "aria-label": i18n.t("refusals.of") },
        inForce !== null && h("option", { value: "", selected: plan === null }, i18n.t("refusals.inForce")),
        [...known.values()].map((one) => h("option", { value: one.id, selected: one.id === plan?.id }, `${one.name ?? one.id.slice(0, 8)} · ${i18n.time(one.submitted_at)}`)),
      );
      select.addEventListener("change", () => go({ plan: select.value, workload: "" }));
      const id = plan?.id ?? inForce;
      return h(
        "div",
        { class: "bar" },
        select,
        id !== null && h("a", { href: href("plans", { plan: id }) }, i18n.t("refusals.toPlan")),
        h("span", { class: "quiet end" }, i18n.t("refusals.tally", { shards: i18n.number(shards), workloads: i18n.number(refused.length) })),
      );
    }

    function chartOf(now: Found): Chart {
      const counted: Column<RuleCount>[] = [
        { key: "rule", label: i18n.t("refusals.rule"), value: (one) => i18n.word("rule", one.rule) },
        { key: "shards", label: i18n.t("refusals.byIt"), align: "end", value: (one) => one.shards },
        { key: "alone", label: i18n.t("refusals.byItAlone"), align: "end", value: (one) => one.alone },
        { key: "nodes", label: i18n.t("refusals.closed"), align: "end", value: (one) => one.nodes },
      ];
      const made = chart({
        i18n,
        title: i18n.t("refusals.byRule"),
        description: rules.map((one) => `${i18n.word("rule", one.rule)} ${i18n.number(one.shards)}`).join(", "),
        asTable: values().table,
        onToggle: (asTable) => go({ table: asTable }, true),
        option: (colours) => ({
          legend: { top: 8, left: 12, textStyle: { color: colours.text }, itemWidth: 12, itemHeight: 12 },
          grid: { left: 12, right: 40, top: 44, bottom: 12, containLabel: true },
          xAxis: { type: "value", max: now.shards, minInterval: 1, ...axis(colours), axisLabel: { color: colours.quiet, formatter: (count: number) => i18n.number(count) } },
          yAxis: { type: "category", inverse: true, data: rules.map((one) => i18n.word("rule", one.rule)), ...axis(colours), axisLabel: { color: colours.text } },
          series: [
            { type: "bar", name: i18n.t("refusals.byIt"), barMaxWidth: 12, itemStyle: { color: colours.kinds[7] }, data: rules.map((one) => one.shards), label: { show: true, position: "right", color: colours.text } },
            { type: "bar", name: i18n.t("refusals.byItAlone"), barMaxWidth: 12, itemStyle: { color: colours.kinds[1] }, data: rules.map((one) => one.alone) },
          ],
        }),
        table: () => table({ i18n, caption: i18n.t("refusals.byRule"), quietCaption: true, columns: counted, id: (one) => one.rule }, rules).element,
      });
      made.element.style.setProperty("--chart-height", `${90 + rules.length * 26}px`);
      made.onEngine((engine) =>
        engine.on("click", ({ dataIndex, seriesIndex }) => {
          const rule = rules[dataIndex]?.rule;
          if (rule !== undefined) go({ rule, alone: seriesIndex === 1 }, true);
        }),
      );
      return made;
    }

    /** By rule, site, policy and model; each list holds only what is there. */
    function filters(now: Found): HTMLElement {
      const choice = (name: "site" | "policy" | "model") => {
        const counted = [...new Set(now.refused.map((one) => one[name]))].map((one) => [one, name === "site" ? siteName(one) : one] as const);
        return select(name, counted.sort(([, a], [, b]) => (a < b ? -1 : 1)));
      };
      const select = (name: "rule" | "site" | "policy" | "model", options: readonly (readonly [string, string])[]) => {
        const made = h(
          "select",
          { "aria-label": i18n.t(`refusals.${name}`), "data-filter": name },
          h("option", { value: "" }, i18n.t(`refusals.any.${name}`)),
          options.map(([value, label]) => h("option", { value }, label)),
        );
        made.value = values()[name];
        made.addEventListener("change", () => go({ [name]: made.value }, true));
        return made;
      };
      const alone = h("input", { type: "checkbox", checked: values().alone, "data-filter": "alone" });
      alone.addEventListener("change", () => go({ alone: alone.checked }, true));
      return h(
        "div",
        { class: "bar" },
        select("rule", rules.map((one) => [one.rule, i18n.word("rule", one.rule)] as const)),
        h("label", { class: "refusals-check" }, alone, i18n.t("refusals.alone")),
        choice("site"),
        choice("model"),
        choice("policy"),
      );
    }

    /** Have the list show what the filters let through. */
    function narrow(): void {
      if (!found || !list) return;
      const now = values();
      list.update(filtered(found.refused, now));
      list.select(now.workload === "" ? null : now.workload);
      for (const made of top.querySelectorAll<HTMLSelectElement | HTMLInputElement>("[data-filter]")) {
        const name = made.dataset["filter"] as "rule" | "site" | "policy" | "model" | "alone";
        if (made instanceof HTMLInputElement) made.checked = now.alone;
        else if (name !== "alone") made.value = now[name];
      }
    }

    const inside = h("div", { class: "card-body" });
    const heading = h("h2", {});
    const facts = h("p", { class: "quiet small" });
    const close = h("a", { class: "button" }, i18n.t("refusals.close"));
    const more = h("a", { class: "button" });
    fill(story, h("div", { class: "card-head" }, heading, facts, h("span", { class: "bar" }, more, close)), inside);

    let told = "";
    const explanation = region<{ story: ExplanationOut; names: Map<string, string> }>(
      inside,
      i18n,
      async () => {
        const { workload, nodes } = values();
        const plan = planOf(workload);
        const [answer, map] = await Promise.all([
          api.get("/v1/plans/{id}/explanations/{workload}", { path: { id: plan, workload }, query: { candidates: nodes } }),
          api.get("/v1/map"),
        ]);
        return { story: answer, names: nodeNames(i18n, map) };
      },
      ({ story: answer, names }): Child => {
        more.hidden = answer.candidates.length >= Math.min(answer.candidate_count, 1000);
        more.textContent = i18n.t("refusals.allNodes", { count: i18n.number(Math.min(answer.candidate_count, 1000)) });
        more.href = link({ nodes: 1000 });
        return explained(i18n, answer, names);
      },
      [[i18n.t("refusals.close"), href("refusals")]],
    );

    function planOf(workload: string): string {
      return found?.refused.find((one) => one.workload === workload)?.plan ?? found?.plan?.id ?? found?.inForce ?? "";
    }

    /** Open or close the explanation, as the URL says; asked anew only for another question. */
    function tell(): void {
      const { workload, nodes } = values();
      story.hidden = workload === "";
      if (!found) return;
      const question = workload === "" ? "" : `${planOf(workload)} ${workload} ${nodes}`;
      if (question === told) return;
      const another = !told.includes(` ${workload} `);
      told = question;
      if (question === "") return;
      const one = found.refused.find((refused) => refused.workload === workload);
      heading.textContent = workload;
      facts.textContent = one
        ? [siteName(one.site), one.model, one.policy, i18n.t("refusals.shardsDevices", { shards: i18n.number(one.shards), devices: i18n.number(one.devices) }), one.deadline_us === null ? "" : i18n.t("refusals.within", { deadline: i18n.micros(one.deadline_us) })]
            .filter((said) => said !== "")
            .join(" · ")
        : "";
      close.href = link({ workload: "", nodes: 30 });
      more.hidden = true;
      if (another) {
        fill(inside);
        story.scrollIntoView({ block: "nearest" });
        story.focus({ preventScroll: true });
      }
      void explanation.load();
    }

    async function reload(): Promise<void> {
      await part.load();
      tell();
    }
    void reload();
    live.on("plan.applied", () => values().plan === "" && void reload());
    live.on("plan.finished", () => found?.plan === null && found.inForce === null && void reload());
    live.on("plan.cancelled", () => found?.plan === null && found.inForce === null && void reload());

    return {
      update(now, before) {
        if (now.plan !== before.plan) {
          fill(notice);
          void reload();
          return;
        }
        drawn?.show(now.table);
        narrow();
        tell();
      },
      dispose: () => drawn?.dispose(),
    };
  },
});
