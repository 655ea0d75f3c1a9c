/** The legend: what colours, shapes and lines mean, and how many of each are drawn. */
import { AMOUNTS } from "../../../amounts";
import { fill, h } from "../../../dom";
import type { I18n } from "../../../i18n";
import type { Tokens } from "../../../theme";
import type { Net, Placed } from "../model";
import type { Scene } from "../scene";
import { TROUBLES, type Faint, type Trouble, type TroubleKind } from "../trouble";
import { UNUSED, counts, ranges, type Colouring, type Way } from "./colours";
import { LINK_PX, linkColour, linkStep, linksOf } from "./links";

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
  placed: Placed | null;
  /** Nodes that are drawn small and hollow. */
  faint: ReadonlyMap<number, Faint>;
  /** Whether links are drawn. */
  links: boolean;
  /** How many curves flows are bundled into; null where they are drawn one by one. */
  bundles: number | null;
}

export function legend(i18n: I18n): Legend {
  const inside = h("div");
  const element = h("details", { class: "legend", open: window.innerWidth > 900 }, h("summary", {}, i18n.t("map.legend")), inside);
  const line = (mark: HTMLElement, label: string, count: number | null): HTMLElement =>
    h("li", {}, mark, h("span", { class: "legend-label" }, label), count !== null && h("span", { class: "number quiet" }, i18n.number(count)));
  /** Links by how full they are; only what there is. */
  function linkLines(net: Net, scene: Scene, placed: Placed | null, tokens: Tokens): HTMLElement[] {
    const found = new Map<number, number>();
    for (const link of linksOf(net, scene)) {
      const step = linkStep(placed, link);
      found.set(step, (found.get(step) ?? 0) + 1);
    }
    const labels = [i18n.t("map.linkUnused"), ...ranges(i18n, AMOUNTS)];
    return [
      h("p", { class: "legend-title" }, i18n.t("map.linksMean")),
      h(
        "ul",
        {},
        [...found]
          .toSorted(([a], [b]) => a - b)
          .map(([step, count]) => line(h("span", { class: "mark stroke", "aria-hidden": true, style: { "--stroke": linkColour(tokens, step), "--thick": `${LINK_PX[step] ?? 1}px` } }), labels[step] ?? "", count)),
      ),
    ];
  }
  return {
    element,
    update({ net, scene, colours, way, tokens, trouble, placed, faint, links, bundles }) {
      const found = counts(colours, scene, faint);
      const hollow = (kind: Faint): number => scene.nodes.filter((at) => faint.get(at) === kind).length;
      const [unused, ghosts] = [hollow("unused"), hollow("ghost")];
      /** Whether a colour says what is not used: then what is hollow has its line among them, and is counted once. */
      const ofUse = colours.classes.some((one) => one.key === UNUSED);
      const hollowMark = (kind: "hollow" | "ghost"): HTMLElement => h("span", { class: `mark dot dot-${kind}`, "aria-hidden": true });
      const ghostLine = ghosts > 0 && line(hollowMark("ghost"), i18n.t("map.ghost"), ghosts);
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
            line(one.key === UNUSED && placed ? hollowMark("hollow") : h("span", { class: "key-dot", "aria-hidden": true, style: { background: one.colour(tokens) } }), one.label, found[place] ?? 0),
          ),
          ofUse && ghostLine,
        ),
        way !== "tier" && [
          h("p", { class: "legend-title" }, i18n.t("map.sizeMeans")),
          h("ul", {}, tiers.map(({ tier, count }) => line(h("span", { class: `mark dot dot-${tier}`, "aria-hidden": true }), i18n.word("tier", tier), count))),
        ],
        !ofUse && ghosts + unused > 0 && [
          h("p", { class: "legend-title" }, i18n.t("map.hollow")),
          h("ul", {}, unused > 0 && line(hollowMark("hollow"), i18n.t("map.unused"), unused), ghostLine),
        ],
        h("p", { class: "legend-title" }, i18n.t("map.sites")),
        h(
          "ul",
          {},
          kindsOf.map(({ kind, count }) => line(h("span", { class: `mark shape shape-${kind}`, "aria-hidden": true }), i18n.word("kind", kind), count)),
        ),
        bundles !== null && h("p", { class: "legend-title" }, i18n.t("map.bundlesMean", { count: i18n.number(bundles) })),
        links && linkLines(net, scene, placed, tokens),
        (TROUBLES.some((kind) => trouble[kind].length > 0) || disturbed > 0) && [
          h("p", { class: "legend-title" }, i18n.t("map.trouble")),
          h(
            "ul",
            { class: "legend-long" },
            TROUBLES.toReversed().map((kind) => trouble[kind].length > 0 && line(mark(kind), i18n.t(`map.trouble.${kind}`), trouble[kind].length)),
            disturbed > 0 && line(h("span", { class: "mark stroke stroke-bad", "aria-hidden": true }), i18n.t("map.disturbedFlows"), disturbed),
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
