/** The legend: what colours, shapes and lines mean, and how many of each are drawn. */
import { fill, h } from "../../dom";
import type { I18n } from "../../i18n";
import type { Tokens } from "../../theme";
import { counts, type Colouring, type Way } from "./colours";
import { said, type Net } from "./model";
import type { Scene } from "./scene";

export interface Legend {
  element: HTMLElement;
  update(net: Net, scene: Scene, colours: Colouring, way: Way, tokens: Tokens): void;
}

export function legend(i18n: I18n): Legend {
  const inside = h("div");
  const element = h("details", { class: "legend", open: window.innerWidth > 900 }, h("summary", {}, i18n.t("map.legend")), inside);
  const line = (mark: HTMLElement, label: string, count: number | null): HTMLElement =>
    h("li", {}, mark, h("span", { class: "legend-label" }, label), count !== null && h("span", { class: "number quiet" }, i18n.number(count)));
  return {
    element,
    update(net, scene, colours, way, tokens) {
      const found = counts(colours, scene);
      const state = (word: string): number => scene.nodes.filter((at) => said(net.map.states, net.map.nodes.state[at]) === word).length;
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
        h("p", { class: "legend-title" }, i18n.t("map.sites")),
        h(
          "ul",
          {},
          kindsOf.map(({ kind, count }) => line(h("span", { class: `mark shape shape-${kind}`, "aria-hidden": true }), i18n.word("kind", kind), count)),
          scene.short.size > 0 && line(h("span", { class: "mark shape short", "aria-hidden": true }), i18n.t("map.shortSites"), scene.short.size),
        ),
        (state("draining") > 0 || state("failed") > 0 || disturbed > 0) && [
          h("p", { class: "legend-title" }, i18n.t("map.trouble")),
          h(
            "ul",
            {},
            state("draining") > 0 && line(h("span", { class: "mark ring", "aria-hidden": true }), i18n.word("state", "draining"), state("draining")),
            state("failed") > 0 && line(h("span", { class: "mark cross", "aria-hidden": true }, "✕"), i18n.word("state", "failed"), state("failed")),
            disturbed > 0 && line(h("span", { class: "mark stroke", "aria-hidden": true }), i18n.t("map.disturbedFlows"), disturbed),
          ),
        ],
      );
    },
  };
}
