/** The story of a workload: where its time and its money go, the next-best place, or why it runs nowhere. */
import { h, type Child } from "../../../dom";
import { refusalSaid, violationSaid } from "../../../sentences";
import { region } from "../../../states";
import type { Decision, ExplanationOut, Schema } from "../../../wire";
import { repairList } from "../../refusals/repairs";
import { brokenSaid, keyOf } from "../disturbed";
import { said } from "../model";
import { budget } from "./bars";
import { facts, part } from "./panel";
import { brokenOf, severity, type Teller } from "./story";

type PlacedShard = Schema<"PlacedShard">;
type Candidate = Schema<"Candidate">;
type Violation = Schema<"ViolationOut">;

const CANDIDATES = 30;
/** More shards of one workload than this are told without their cards. */
const SHARDS = 5_000;

/** What is told of a workload: its story under a plan, and each shard as it runs, or as the plan has it. */
interface Told {
  found: ExplanationOut;
  rows: ReadonlyMap<number, Decision>;
}
/** Units of the wire that stand for yes or no. */
const PLAIN = new Set(["permission"]);

export function workloadStory(teller: Teller, id: string): HTMLElement {
  const { i18n, api, net, placed, plan } = teller;
  const shards = placed?.of(id) ?? [];
  const first = shards[0] ?? -1;
  const map = placed?.map;
  const site = net.map.sites.id[placed?.site[first] ?? -1];
  const told = h("div");
  if (plan !== null) {
    const asked = { path: { id: plan, workload: id }, query: { candidates: CANDIDATES } };
    const query = { workload: id, limit: 1000 };
    const look = async (): Promise<Told> => {
      const [found, rows] = await Promise.all([
        api.get("/v1/plans/{id}/explanations/{workload}", asked),
        teller.inForce ? api.all("/v1/allocations", { query }, SHARDS) : api.all("/v1/plans/{id}/decisions", { path: { id: plan }, query }, SHARDS),
      ]);
      return { found, rows: new Map(rows.map((row) => [row.shard, row])) };
    };
    void region(told, i18n, look, (now) => {
      const { found } = now;
      teller.showRoutes(found.placed.map((one) => ({ site: placed?.site[first] ?? -1, through: net.along(one.route, one.node) })));
      return story(teller, now);
    }).load();
  }
  return h(
    "div",
    {},
    facts(
      [i18n.t("map.site"), site !== undefined && h("a", { href: teller.link({ kind: "site", id: site }) }, net.siteName(i18n, site))],
      [i18n.t("map.model"), said(map?.models ?? [], map?.shards.model[first])],
      [i18n.t("map.policy"), said(map?.policies ?? [], map?.shards.policy[first])],
      [i18n.t("map.devices"), shards.length > 0 && i18n.number(shards.reduce((sum, shard) => sum + (placed?.devices(shard) ?? 0), 0))],
      [i18n.t("map.shards"), shards.length > 1 && i18n.number(shards.length)],
    ),
    disturbed(teller, shards),
    told,
  );
}

/** Which of its shards break which rules where they run, and since when. */
function disturbed(teller: Teller, shards: readonly number[]): Child {
  const { i18n, placed } = teller;
  const broken = shards.filter((shard) => placed?.status(shard) === "disturbed").toSorted((a, b) => severity(teller, a) - severity(teller, b));
  return broken.map((shard) => {
    const why = brokenOf(teller, shard);
    const number = placed?.map.shards.shard[shard] ?? 0;
    return h(
      "p",
      { class: `notice map-disturbed${why?.unlawful ? " bad" : ""}`, "data-shard": keyOf(placed?.workload(shard) ?? "", number) },
      shards.length > 1 && `${i18n.t("map.shard")} ${i18n.number(number + 1)}: `,
      why ? brokenSaid(i18n, why) : i18n.word("status", "disturbed"),
    );
  });
}

function story(teller: Teller, { found: told, rows }: Told): Child {
  return [
    h("p", { class: "small quiet" }, teller.i18n.t("map.asOfPlan", { generation: String(told.generation) })),
    told.placed.map((shard) => placedShard(teller, shard, rows.get(shard.shard), told.placed.length + told.unplaced.length > 1)),
    told.refusal !== null && refused(teller, told),
  ];
}

/** On which cards the servers are: whole cards by number, slices with where they begin. */
function cardsSaid({ i18n }: Teller, row: Decision | undefined): string {
  const cards = row?.cards ?? [];
  const whole = new Set(cards.map(([card]) => card)).size === cards.length && cards.every(([, eighth]) => eighth === 0);
  return cards
    .map(([card, eighth]) => i18n.t(whole ? "map.cardNumber" : "map.cardPart", { card: i18n.number(card ?? 0), eighth: i18n.number(eighth ?? 0) } as { card: string; eighth: string }))
    .join("; ");
}

function placedShard(teller: Teller, shard: PlacedShard, row: Decision | undefined, numbered: boolean): HTMLElement {
  const { i18n, net } = teller;
  const node = (id: string): HTMLElement => h("a", { href: teller.link({ kind: "node", id }) }, net.nodeName(i18n, id));
  const cost = shard.cost_by_goal.reduce((sum, one) => sum + one.cost_month, 0);
  const title = numbered ? i18n.t("map.shardOn", { shard: i18n.number(shard.shard + 1) }) : i18n.t("map.runsOn");
  const next = shard.next_best;
  return h(
    "div",
    {},
    part(
      title,
      facts(
        [i18n.t("map.node"), node(shard.node)],
        [i18n.t("map.profile"), i18n.t("map.servers", { servers: i18n.number(shard.servers), profile: shard.profile })],
        [i18n.t("map.cardsOf"), row?.node === shard.node && cardsSaid(teller, row)],
        [i18n.t("map.route"), i18n.t("map.hops", { links: i18n.number(shard.route.length) })],
        [i18n.t("map.batch"), shard.batch_limit > 0 && i18n.t("map.batchUpTo", { count: i18n.number(shard.batch_limit) })],
      ),
    ),
    part(i18n.t("map.budget"), budget(i18n, shard.latency)),
    part(
      i18n.t("map.cost"),
      h(
        "dl",
        { class: "sums" },
        shard.cost_by_goal.map((one) => h("div", {}, h("dt", {}, i18n.word("goal", one.goal)), h("dd", { class: "number" }, i18n.money(one.cost_month)))),
        h("div", { class: "total" }, h("dt", {}, i18n.t("map.sum")), h("dd", { class: "number" }, i18n.money(cost))),
      ),
    ),
    part(
      i18n.t("map.nextBest"),
      next === null
        ? h("p", { class: "quiet" }, i18n.t("map.noNextBest"))
        : [
            h(
              "p",
              {},
              node(next.node),
              shard.extra_cost !== null && [
                " ",
                h("strong", { class: "number" }, shard.extra_cost < 0 ? i18n.money(shard.extra_cost) : `+${i18n.money(shard.extra_cost)}`),
                " ",
                i18n.t("map.aMonth"),
              ],
            ),
            next.refusals.length > 0 && rules(teller, next.refusals),
          ],
    ),
  );
}

function refused(teller: Teller, told: ExplanationOut): HTMLElement {
  const { i18n, net } = teller;
  const left = told.candidate_count - told.candidates.length;
  const repairs = told.refusal?.repairs ?? [];
  return h(
    "div",
    {},
    h("p", { class: "notice" }, told.placed.length > 0 ? i18n.t("map.someUnplaced", { shards: i18n.number(told.unplaced.length) }) : i18n.t("map.unplaced")),
    part(
      i18n.t("map.whyNot"),
      h(
        "dl",
        { class: "sums" },
        (told.refusal?.reasons ?? []).map((one) =>
          h("div", {}, h("dt", {}, i18n.word("rule", one.rule)), h("dd", { class: "number" }, i18n.t("map.nodesCount", { count: i18n.number(one.nodes) }))),
        ),
      ),
    ),
    told.refusal !== null && h("p", { class: "small" }, refusalSaid(i18n, told.refusal, told.candidates.some((one) => one.refusals.length === 0))),
    repairs.length > 0 && part(i18n.t("refusals.repairs"), repairList(i18n, repairs, (id) => net.nodeName(i18n, id), told.workload)),
    told.candidates.length > 0 &&
      part(
        i18n.t("map.candidates"),
        h("ol", { class: "candidates" }, told.candidates.map((one) => candidate(teller, one))),
        left > 0 && h("p", { class: "small quiet" }, i18n.t("map.candidatesLeft", { count: i18n.number(left) })),
      ),
  );
}

function candidate(teller: Teller, one: Candidate): HTMLElement {
  const { i18n, net } = teller;
  return h(
    "li",
    {},
    h("a", { href: teller.link({ kind: "node", id: one.node }) }, net.nodeName(i18n, one.node)),
    one.cost !== null && [" ", h("span", { class: "number" }, i18n.t("common.aMonth", { amount: i18n.money(one.cost) }))],
    one.refusals.length > 0 ? rules(teller, one.refusals) : h("p", { class: "small" }, i18n.t("map.wouldFit")),
  );
}

/** The rules that say no, with what is needed and what there is. */
function rules({ i18n, net }: Teller, refusals: readonly Violation[]): HTMLElement {
  const amount = (value: number, unit: string): string => i18n.measure(value, unit);
  const node = (id: string): string => net.nodeName(i18n, id);
  return h(
    "ul",
    { class: "rules small" },
    refusals.map((one) =>
      h(
        "li",
        { title: violationSaid(i18n, one, node) },
        h("span", { class: "badge bad" }, i18n.word("rule", one.rule)),
        " ",
        PLAIN.has(one.unit)
          ? h("span", { class: "quiet" }, violationSaid(i18n, one, node))
          : i18n.t("map.needed", { needed: amount(one.needed, one.unit), available: amount(one.available, one.unit) }),
      ),
    ),
  );
}
