/** The legend: what colours, shapes and lines mean, and how many of each are drawn. */
import { fill, h } from "../../dom";
import type { I18n } from "../../i18n";
import type { Tokens } from "../../theme";
import { counts, type Colouring, type Way } from "./colours";
import type { Net } from "./model";
import type { Scene } from "./scene";
import { TROUBLES, type Trouble, type TroubleKind } from "./trouble";

export interface Legend {
  element: HTMLElement;
  update(shown: Shown): void;
}

/** What is drawn, and how. */
export interface Shown {
  net: Net;
  scene: Scene;
  colours: Colouring;
  way: Way;
  tokens: Tokens;
  trouble: Trouble;
  /** How many nodes are drawn small and hollow. */
  empty: number;
}

export function legend(i18n: I18n): Legend {
  const inside = h("div");
  const element = h("details", { class: "legend", open: window.innerWidth > 900 }, h("summary", {}, i18n.t("map.legend")), inside);
  const line = (mark: HTMLElement, label: string, count: number | null): HTMLElement =>
    h("li", {}, mark, h("span", { class: "legend-label" }, label), count !== null && h("span", { class: "number quiet" }, i18n.number(count)));
  return {
    element,
    update({ net, scene, colours, way, tokens, trouble, empty }) {
      const found = counts(colours, scene);
      const kindsOf = net.map.kinds.map((kind, place) => ({ kind, count: scene.sites.filter((at) => net.map.sites.kind[at] === place).length }));
      const tiers = net.map.tiers.map((tier, place) => ({ tier, count: scene.nodes.filter((at) => net.map.nodes.tier[at] === place).length }));
      const disturbed = scene.flows.filter((flow) => flow.disturbed).length;
      fill(
        inside,
        h("p", { class: "legend-title" }, i18n.t(`map.meaning.${way}`)),
        h(
          "ul",
          {},
          colours.classes.map((one, place) =>
            line(h("span", { class: "key-dot", "aria-hidden": true, style: { background: one.colour(tokens) } }), one.label, found[place] ?? 0),
          ),
        ),
        way !== "tier" && [
          h("p", { class: "legend-title" }, i18n.t("map.sizeMeans")),
          h("ul", {}, tiers.map(({ tier, count }) => line(h("span", { class: `mark dot dot-${tier}`, "aria-hidden": true }), i18n.word("tier", tier), count))),
        ],
        empty > 0 && h("ul", {}, line(h("span", { class: "mark dot dot-hollow", "aria-hidden": true }), i18n.t("map.hollow"), empty)),
        h("p", { class: "legend-title" }, i18n.t("map.sites")),
        h(
          "ul",
          {},
          kindsOf.map(({ kind, count }) => line(h("span", { class: `mark shape shape-${kind}`, "aria-hidden": true }), i18n.word("kind", kind), count)),
        ),
        (TROUBLES.some((kind) => trouble[kind].length > 0) || disturbed > 0) && [
          h("p", { class: "legend-title" }, i18n.t("map.trouble")),
          h(
            "ul",
            {},
            TROUBLES.toReversed().map((kind) => trouble[kind].length > 0 && line(mark(kind), i18n.t(`map.trouble.${kind}`), trouble[kind].length)),
            disturbed > 0 && line(h("span", { class: "mark stroke", "aria-hidden": true }), i18n.t("map.disturbedFlows"), disturbed),
          ),
        ],
      );
    },
  };
}

/** The mark of a trouble, as it is drawn on the map. */
function mark(kind: TroubleKind): HTMLElement {
  return h("span", { class: `mark trouble trouble-${kind}`, "aria-hidden": true }, { failed: "✕", draining: "▼", disturbed: "●", refused: "" }[kind]);
}
