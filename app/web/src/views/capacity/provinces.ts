/** The provinces, each in the colour of how full it is; a press shows that one alone. */
import { AMOUNTS } from "../../amounts";
import { fill, h } from "../../dom";
import type { I18n } from "../../i18n";
import { ATTRIBUTION, PROVINCES, provinceFeatures } from "../../outline";
import { drawingSavers } from "../../picture";
import { amountOf, type Use } from "./facts";
import { svg } from "./svg";

/** The cosine of Korea's latitude. */
const NARROWER = 0.81;
const WIDTH = 1000;

export interface Provinces {
  element: HTMLElement;
  /** Colour them by these; `chosen` is shown alone, or none. */
  update(uses: readonly Use[], title: string, chosen: string): void;
}

export function provinceName(i18n: I18n, code: string): string {
  const found = PROVINCES.find((one) => one.code === code);
  return found ? (i18n.language === "ko" ? found.name_ko : found.name) : code;
}

/** `choose` is told which province was pressed. */
export function provinceMap(i18n: I18n, choose: (code: string) => void): Provinces {
  const { features } = provinceFeatures();
  // Islands far out (Dokdo) are drawn, but the frame is that of the mainland and Jeju, so that the rest is not small.
  const [west, east, south, north] = [125.7, 130.0, 33.05, 38.7];
  const scale = WIDTH / ((east - west) * NARROWER);
  const height = Math.round((north - south) * scale);
  const shapes = new Map(
    features.map((feature) => {
      const line = (ring: readonly (readonly [number, number])[]): string =>
        ring.map(([lon, lat]) => `${Math.round((lon - west) * NARROWER * scale)},${Math.round((north - lat) * scale)}`).join("L");
      const d = feature.geometry.coordinates.map((polygon) => polygon.map((ring) => `M${line(ring)}Z`).join("")).join("");
      const title = svg("title");
      const code = feature.properties.name;
      const shape = svg("path", { d, tabindex: 0, role: "button", "data-province": code }, title);
      shape.addEventListener("click", () => choose(code));
      shape.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        choose(code);
      });
      return [code, { shape, title }] as const;
    }),
  );
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${height}`, role: "group", class: "provinces" });
  picture.append(...[...shapes.values()].map((one) => one.shape));
  const heading = h("h2", {});
  const words = h("p", { class: "small provinces-said", "aria-hidden": true });
  const scaleBar = legend(i18n);
  const element = h(
    "figure",
    { class: "card capacity-provinces" },
    h("figcaption", { class: "card-head" }, heading, drawingSavers(i18n, picture, () => heading.textContent ?? "")),
    h("div", { class: "provinces-box" }, picture as unknown as Node),
    words,
    scaleBar,
    h("p", { class: "small quiet provinces-source" }, ATTRIBUTION[i18n.language]),
  );

  let said = new Map<string, string>();
  let rest = "";
  const point = (code: string | null): void => void fill(words, (code !== null && said.get(code)) || rest);
  for (const [code, { shape }] of shapes) {
    shape.addEventListener("pointerenter", () => point(code));
    shape.addEventListener("focus", () => point(code));
    shape.addEventListener("pointerleave", () => point(null));
    shape.addEventListener("blur", () => point(null));
  }

  function update(uses: readonly Use[], title: string, chosen: string): void {
    const by = new Map(uses.map((use) => [use.group, use]));
    heading.textContent = title;
    picture.setAttribute("aria-label", title);
    said = new Map();
    for (const [code, { shape, title: tip }] of shapes) {
      const use = by.get(code);
      const name = provinceName(i18n, code);
      const text =
        use?.share == null
          ? i18n.t("capacity.provinceNone", { province: name })
          : i18n.t("capacity.provinceUse", {
              province: name,
              share: i18n.percent(use.share),
              used: i18n.amount(use.used, use.unit),
              capacity: i18n.amount(use.capacity, use.unit),
            });
      said.set(code, text);
      tip.textContent = text;
      shape.setAttribute("aria-label", text);
      shape.setAttribute("class", `province amount-${amountOf(use?.share ?? null)}`);
      shape.setAttribute("aria-pressed", String(code === chosen));
    }
    const top = shapes.get(chosen);
    if (top && picture.lastChild !== top.shape && document.activeElement !== top.shape) picture.append(top.shape);
    rest = said.get(chosen) ?? i18n.t("capacity.provinceHint");
    point(null);
  }

  return { element, update };
}

function legend(i18n: I18n): HTMLElement {
  const edges = [0, ...AMOUNTS].map((edge) => edge / 1000);
  return h(
    "ol",
    { class: "amounts small", "aria-label": i18n.t("capacity.amounts") },
    h("li", {}, h("span", { class: "swatch amount-0" }), i18n.t("capacity.amountNone")),
    edges.map((edge, i) => h("li", {}, h("span", { class: `swatch amount-${i + 1}` }), i18n.t("capacity.amountFrom", { share: i18n.percent(edge, 0) }))),
  );
}
