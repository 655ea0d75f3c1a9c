/** Where one more card pays: by the prices behind the bound of a plan, and by trying it. */
import { isAbort, type Api } from "../../api";
import { askedFor, supposing } from "../../asking";
import { fill, h, type Child } from "../../dom";
import type { I18n } from "../../i18n";
import { href } from "../../route";
import { region, sentence } from "../../states";
import { table, type Column, type Table } from "../../table";
import type { CardSavings, PlanOut } from "../../wire";
import type { Names } from "./limits";

export type CardSaving = CardSavings["items"][number];

/** In the place of an owner: everybody. */
const EVERYBODY = "*";

/** How many more are tried, one after the other, as long as that pays. */
export const MORE = [1, 2, 4, 8] as const;
/** The time to search for each. */
const SECONDS = 5;

/** Weights where nobody has said others. */
const FACE = { unplaced: 1_000, accelerators: 1_000, energy: 1_000, transport: 1_000, moves: 1_000 };

/** A plan with so many more cards: what it costs and is proven to cost, and how much of these cards it uses. */
export interface Tried {
  more: number;
  plan: string;
  cost: number;
  bound: number;
  /** In thousandths of a card. */
  used: number;
}

/**
 * What so many more cards save a month once all of them are paid for, used or not.
 *
 * A plan pays for what it uses of a card. Who buys one pays for the rest of it, too.
 */
export function netOf(without: Tried, one: Tried, price: number): number {
  const paid = (price * (one.used - without.used)) / 1000;
  return without.cost - one.cost + paid - price * one.more;
}

/** How much of a saving is not certain: as far as the two plans are from their bounds. */
export function uncertain(without: Tried, one: Tried): number {
  return without.cost - without.bound + (one.cost - one.bound);
}

/** Of those tried the one that saves most; null where none saves anything. */
export function bestOf(without: Tried, tried: readonly Tried[], price: number): Tried | null {
  let best: Tried | null = null;
  for (const one of tried) if (netOf(without, one, price) > (best === null ? 0 : netOf(without, best, price))) best = one;
  return best;
}

/** The owner of most of the nodes, whose cards are looked at first: whoever operates the network has most of it. */
export function mainOwner(owners: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const one of owners) counts.set(one, (counts.get(one) ?? 0) + 1);
  return [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))[0]?.[0] ?? "";
}

export interface Cards {
  element: HTMLElement;
  /** Show the cards of a plan, of the nodes of a province. */
  update(plan: string | null, names: Names, owners: readonly string[], owner: string, province: string): void;
}

export interface CardsOptions {
  i18n: I18n;
  api: Api;
  onOwner(owner: string): void;
}

export function cardsPart({ i18n, api, onOwner }: CardsOptions): Cards {
  let plan: string | null = null;
  let known: Names = { node: () => undefined, accelerator: (id) => id };
  let shownOwner = "";
  let shownProvince = "";
  let found: CardSavings | null = null;
  let list: Table<CardSaving> | null = null;

  const owner = h("select", { "aria-label": i18n.t("capacity.cards.owner"), on: { change: () => onOwner(owner.value) } });
  const inside = h("div", {});
  const tried = h("div", { class: "card-body capacity-tried", role: "status", hidden: true });
  const element = h("section", { class: "card capacity-cards", "data-part": "cards" }, inside, tried);

  const nodeName = (id: string): string => known.node(id)?.name ?? id;
  const cardName = (one: CardSaving): string => i18n.t("capacity.limit.node", { what: known.accelerator(one.accelerator), node: nodeName(one.node) });
  const idOf = (one: CardSaving): string => `${one.node}/${one.accelerator}`;
  const columns: Column<CardSaving>[] = [
    { key: "node", label: i18n.t("capacity.node"), value: (one) => nodeName(one.node) },
    { key: "card", label: i18n.t("capacity.cards.card"), value: (one) => known.accelerator(one.accelerator) },
    { key: "net", label: i18n.t("capacity.cards.net"), align: "end", value: (one) => one.net_month, cell: (one) => i18n.money(one.net_month) },
    { key: "price", label: i18n.t("capacity.cards.price"), align: "end", value: (one) => one.card_month, cell: (one) => i18n.money(one.card_month) },
    { key: "before", label: i18n.t("capacity.cards.before"), align: "end", value: (one) => one.before_price_month, cell: (one) => i18n.money(one.before_price_month) },
    { key: "cards", label: i18n.t("capacity.cards.there"), align: "end", value: (one) => one.cards },
    { key: "share", label: i18n.t("capacity.share"), align: "end", value: (one) => one.used_permille, cell: (one) => i18n.permille(one.used_permille) },
    { key: "owner", label: i18n.t("capacity.cards.owner"), value: (one) => one.owner },
    { key: "try", label: i18n.t("capacity.cards.tryThese"), value: () => null, fixed: true, cell: tryButton },
  ];

  const part = region<CardSavings | null>(
    inside,
    i18n,
    async () => (plan === null ? null : await api.get("/v1/plans/{id}/card-savings", { path: { id: plan } })),
    (now): Child => {
      found = now;
      list = null;
      if (now === null) return null;
      list = table<CardSaving>({
        i18n,
        caption: i18n.t("capacity.cards.caption"),
        columns,
        id: idOf,
        href: (one) => href("map", { node: one.node }),
        extra: h("label", { class: "bar small" }, i18n.t("capacity.cards.owner"), owner),
        empty: i18n.t("capacity.cards.none"),
      });
      narrow();
      return [
        list.element,
        h("p", { class: "small quiet capacity-note" }, i18n.t(now.bounded ? "capacity.cards.note" : "capacity.cards.unproven", { gap: i18n.money(now.gap_month) })),
      ];
    },
  );

  function narrow(): void {
    list?.update((found?.items ?? []).filter((one) => (shownOwner === EVERYBODY || one.owner === shownOwner) && (shownProvince === "" || known.node(one.node)?.province === shownProvince)));
  }

  function tryButton(one: CardSaving): Child {
    return h("button", { type: "button", class: "plain", "aria-label": `${i18n.t("capacity.cards.tryThese")}: ${cardName(one)}`, on: { click: () => void attempt(one) } }, i18n.t("capacity.cards.try"));
  }

  let turn = 0;
  /** Ask for what-ifs with more and more of a card, until more of them save no more. */
  async function attempt(one: CardSaving): Promise<void> {
    if (plan === null) return;
    turn += 1;
    const mine = turn;
    const base = plan;
    const title = h("h3", {}, cardName(one));
    const say = (...said: Child[]): void => {
      if (mine === turn) fill(tried, title, ...said);
    };
    tried.hidden = false;
    say(h("p", { class: "quiet" }, i18n.t("capacity.cards.trying", { more: i18n.number(0) })));
    tried.scrollIntoView({ block: "nearest" });
    try {
      const [request, { result }, node] = await Promise.all([
        api.get("/v1/plans/{id}/request", { path: { id: base } }),
        api.get("/v1/plans/{id}", { path: { id: base } }),
        api.get("/v1/nodes/{id}", { path: { id: one.node } }),
      ]);
      const supposed = request.what_if?.nodes?.find((other) => other.id === one.node);
      // A move is paid for once, a card month after month: what is tried is free to move.
      const weights = { ...FACE, ...result?.effective_terms?.weights, moves: 0 };
      const asked = async (more: number): Promise<Tried | null> => {
        const pools = (supposed?.pools ?? node.pools ?? []).map((pool) => (pool.accelerator === one.accelerator ? { ...pool, count: pool.count + more } : pool));
        const name = i18n.t("capacity.cards.planName", { more: i18n.number(more), card: cardName(one) }).slice(0, 128);
        return triedIn(await askedFor(api, supposing(request, name, SECONDS, { id: one.node, pools }, weights)), more, one);
      };
      const without = await asked(0);
      const all: Tried[] = [];
      for (const more of MORE) {
        if (mine !== turn || without === null) break;
        say(resultOf(i18n, without, all, one.card_month, false), h("p", { class: "quiet" }, i18n.t("capacity.cards.trying", { more: i18n.number(more) })));
        const best = bestOf(without, all, one.card_month);
        const next = await asked(more);
        if (next === null) break;
        all.push(next);
        if (bestOf(without, all, one.card_month) === best) break;
      }
      say(without === null ? h("p", { class: "notice" }, i18n.t("capacity.cards.noPlan")) : resultOf(i18n, without, all, one.card_month, true));
    } catch (error) {
      if (!isAbort(error)) say(h("p", { class: "notice" }, sentence(i18n, error)));
    }
  }

  async function triedIn(made: PlanOut, more: number, { node, accelerator }: CardSaving): Promise<Tried | null> {
    if (made.result === null) return null;
    const uses = await api.get("/v1/plans/{id}/usage", { path: { id: made.id }, query: { rule: "node_capacity", node, accelerator } });
    const { cost, bound } = made.result;
    return { more, plan: made.id, cost, bound, used: uses.items[0]?.used ?? 0 };
  }

  return {
    element,
    update(next, names, owners, chosen, province) {
      known = names;
      shownOwner = chosen;
      shownProvince = province;
      const offered = JSON.stringify(owners);
      if (owner.dataset["offered"] !== offered) {
        owner.dataset["offered"] = offered;
        fill(owner, h("option", { value: EVERYBODY }, i18n.t("capacity.cards.anyOwner")), owners.map((one) => h("option", { value: one }, one)));
      }
      owner.value = chosen;
      if (next === plan) return narrow();
      plan = next;
      turn += 1;
      tried.hidden = true;
      void part.load();
    },
  };
}

/** What was tried, and how many more pay. */
export function resultOf(i18n: I18n, without: Tried, tried: readonly Tried[], price: number, done: boolean): Child {
  const best = bestOf(without, tried, price);
  const unsure = best === null ? 0 : uncertain(without, best);
  const net = best === null ? 0 : netOf(without, best, price);
  const last = tried.at(-1);
  return [
    tried.length > 0 &&
      h(
        "ul",
        {},
        tried.map((one) =>
          h("li", {}, i18n.t("capacity.cards.tried", { more: i18n.number(one.more), saved: i18n.money(without.cost - one.cost), net: i18n.money(netOf(without, one, price)) }), " ", h("a", { href: href("plans", { plan: one.plan, with: without.plan }) }, i18n.t("capacity.cards.compare"))),
        ),
      ),
    done && best === null && h("p", { "data-part": "answer" }, i18n.t("capacity.cards.noMore")),
    done && best !== null && h("p", { "data-part": "answer" }, h("strong", {}, i18n.t(best === last ? "capacity.cards.evenMore" : "capacity.cards.best", { more: i18n.number(best.more), net: i18n.money(net) }))),
    done && tried.length > 0 && h("p", { class: "small quiet" }, i18n.t(best !== null && unsure >= net ? "capacity.cards.unsure" : "capacity.cards.sure", { gap: i18n.money(best === null ? uncertain(without, tried[0] ?? without) : unsure), seconds: i18n.seconds(SECONDS) })),
  ];
}
