/** The list of claims: nodes that are announced, contracted or wished for, and what each of them carries or could carry. */
import { h } from "../../../dom";
import { said } from "../model";
import { without } from "../told/rehearsal";
import { devicesOf, type Teller } from "../told/story";
import { operates, type AsOf } from "./asof";

export function claimList(teller: Teller, claims: readonly number[], asOf: AsOf): HTMLElement {
  const { i18n, net, placed, link } = teller;
  const { nodes, commitments } = net.map;
  return h(
    "ul",
    {},
    claims.map((at) => {
      const id = nodes.id[at] ?? "";
      const day = nodes.available_from[at] ?? null;
      const commitment = i18n.word("commitment", said(commitments, nodes.commitment[at]));
      const cards = (nodes.cards[at] ?? []).reduce((sum, [, count]) => sum + count, 0);
      const shards = placed?.byNode.get(at) ?? [];
      const facts = [
        day === null ? i18n.t("map.claimNoDay", { word: commitment }) : i18n.t("map.since", { word: commitment, day: i18n.day(day) }),
        i18n.t("map.claimCards", { cards: i18n.number(cards) }),
        shards.length > 0 ? i18n.t("map.tally", { shards: i18n.number(shards.length), devices: i18n.number(devicesOf(placed, shards)) }) : i18n.t("map.claimBare"),
      ];
      return h(
        "li",
        {},
        h("a", { href: link({ kind: "node", id }) }, net.nodeName(i18n, id)),
        operates(net, at, asOf) && [" ", h("span", { class: "badge good" }, i18n.t("map.claimCounts"))],
        h("p", { class: "small quiet" }, facts.join(" · ")),
        without(teller, { id, name: nodes.name[at] ?? null, name_ko: nodes.name_ko[at] ?? null }, true),
      );
    }),
  );
}
