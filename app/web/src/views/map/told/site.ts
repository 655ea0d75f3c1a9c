/** The story of a site: how it reaches the network, and where its workloads run. */
import { h } from "../../../dom";
import { region } from "../../../states";
import type { ItemOf } from "../../../wire";
import { facts, part } from "./panel";
import { devicesOf, shardList, type Teller } from "./story";

type Access = ItemOf<"/v1/accesses">;

export function siteStory(teller: Teller, id: string): HTMLElement {
  const { i18n, api, net, placed, province } = teller;
  const at = net.siteAt.get(id) ?? -1;
  const shards = placed?.bySite.get(at) ?? [];
  const unplaced = shards.filter((shard) => placed?.status(shard) === "unplaced");
  const known = h("div");
  const accesses = h("div");
  void region(known, i18n, () => api.get("/v1/sites/{id}", { path: { id } }), (site) =>
    facts(
      [i18n.t("map.kind"), i18n.word("kind", site.kind ?? "")],
      [i18n.t("map.province"), province(site.province ?? "")],
      [i18n.t("map.operator"), site.operator],
    ),
  ).load();
  void region(accesses, i18n, () => api.all("/v1/accesses", { query: { site: id, limit: 100 } }, 100), (found) => list(teller, found)).load();
  return h(
    "div",
    {},
    known,
    unplaced.length > 0 && h("p", { class: "notice" }, i18n.t("map.shortHere", { shards: i18n.number(unplaced.length), devices: i18n.number(devicesOf(placed, unplaced)) })),
    part(i18n.t("map.accesses"), accesses),
    part(
      i18n.t("map.asksHere", { shards: i18n.number(shards.length), devices: i18n.number(devicesOf(placed, shards)) }),
      shardList(teller, shards, "node"),
    ),
  );
}

function list({ i18n, net, link }: Teller, accesses: readonly Access[]): HTMLElement {
  if (accesses.length === 0) return h("p", { class: "quiet" }, i18n.t("map.noAccess"));
  return h(
      "table",
      { class: "table lines" },
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("th", { scope: "col" }, h("span", {}, i18n.t("map.technology"))),
          h("th", { scope: "col" }, h("span", {}, i18n.t("map.enters"))),
          h("th", { scope: "col", class: "end" }, h("span", {}, i18n.t("map.rtt"))),
          h("th", { scope: "col", class: "end" }, h("span", {}, i18n.t("map.uplink"))),
        ),
      ),
      h(
        "tbody",
        {},
        accesses.map((access) =>
          h(
            "tr",
            {},
            h("td", {}, access.technology),
            h("td", {}, h("a", { href: link({ kind: "node", id: access.node }) }, net.nodeName(i18n, access.node))),
            h("td", { class: "end number" }, i18n.micros(access.rtt_p99_us)),
            h("td", { class: "end number" }, i18n.amount(access.uplink_kbps, "kbps")),
          ),
        ),
      ),
  );
}
