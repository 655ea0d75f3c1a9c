/**
 * Charts: one wrapper around ECharts, so that every canvas has its colours from the theme, a description, and a table
 * with the same facts behind a button, can be saved as a picture and is printed in the colours of paper. Views register the
 * kinds of series that they use: `use([LineChart])`.
 */
import { AriaComponent, GridComponent, TooltipComponent } from "echarts/components";
import { init, use, type ECharts, type EChartsCoreOption } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { attribute, fill, h, newId } from "./dom";
import type { I18n } from "./i18n";
import { PRINTING, type Printing } from "./printing";
import { escaped, fileName, save } from "./saving";
import { onTheme, reducedMotion, tokens, type Tokens } from "./theme";

use([CanvasRenderer, AriaComponent, GridComponent, TooltipComponent]);

export { registerMap, use } from "echarts/core";

export interface ChartOptions {
  i18n: I18n;
  /** What the chart shows: its heading, and its name for screen readers. */
  title: string;
  /** One sentence with the facts that matter, for who cannot see it. */
  description: string;
  /** The option, in the colours given. Asked for anew whenever the theme changes or `update` is called. */
  option(colours: Tokens): EChartsCoreOption;
  /** The same facts as a table; made when it is first asked for, and again after `update`. */
  table(): HTMLElement;
  /** Whether the table is shown; the URL should say it. */
  asTable?: boolean;
  onToggle?(asTable: boolean): void;
  /** Take the height that there is, instead of the height of `--chart-height`. */
  fills?: boolean;
  /** A picture as SVG is being made: draw on its engine what is drawn by hand, and say what else lies above all of it. */
  onVector?(engine: ECharts): string;
  /** What else stands in the heading. */
  extra?: HTMLElement;
}

export interface Chart {
  element: HTMLElement;
  /** Draw anew, after what `option` and `table` read has changed; `description` where it has. */
  update(description?: string): void;
  /** Show the table or the canvas. */
  show(asTable: boolean): void;
  /** ECharts itself, for events and actions; null while the table is shown. */
  readonly engine: ECharts | null;
  /** Have `listen` called for every new engine, as after the table was shown. */
  onEngine(listen: (engine: ECharts) => void): void;
  dispose(): void;
}

/** Pictures that a chart can be saved as. */
const KINDS = ["PNG", "SVG"] as const;
type Kind = (typeof KINDS)[number];
/** Dots of a saved or printed picture for each of the screen. */
const FINE = 2;

/** Make a chart. */
export function chart(options: ChartOptions): Chart {
  const { i18n } = options;
  const name = newId("chart");
  let asTable = options.asTable ?? false;
  let engine: ECharts | null = null;
  const listeners: ((engine: ECharts) => void)[] = [];

  const canvas = h("div", { class: "chart-canvas", role: "img", "aria-label": options.description });
  const instead = h("div", { class: "chart-table", hidden: true });
  const toggle = h("button", { type: "button", class: "plain", on: { click: () => flip() } });
  const heading = h("h2", { id: name }, options.title);
  const savers = KINDS.map((kind) => saver(kind));
  const head = h("figcaption", { class: "card-head" }, heading, options.extra, h("span", { class: "chart-ways" }, savers, toggle));
  const element = h("figure", { class: `card chart${options.fills ? " fills" : ""}`, "aria-labelledby": name }, head, canvas, instead);

  const sizes = new ResizeObserver(() => {
    if (canvas.clientWidth === 0 || canvas.clientHeight === 0) return;
    if (engine) engine.resize();
    else draw();
  });
  sizes.observe(canvas);
  const forget = onTheme(() => draw());
  element.addEventListener(PRINTING, (event) => print((event as Printing).detail));

  function saver(kind: Kind): HTMLButtonElement {
    async function keep(): Promise<void> {
      const made = kind === "PNG" ? await png() : await svg();
      if (made) save(fileName(heading.textContent ?? options.title, kind.toLowerCase()), made);
    }
    return h("button", { type: "button", class: "plain", "aria-label": i18n.t("chart.save", { kind }), on: { click: () => void keep() } }, kind);
  }

  function png(): Promise<Blob | null> {
    const picture = engine?.renderToCanvas({ pixelRatio: FINE, backgroundColor: tokens().surface });
    return new Promise((done) => (picture ? picture.toBlob(done, "image/png") : done(null)));
  }

  /** Drawn once more, by the renderer of SVG, which is loaded for this alone. */
  async function svg(): Promise<Blob | null> {
    if (!engine) return null;
    const size = { width: engine.getWidth(), height: engine.getHeight() };
    const { SVGRenderer } = await import("./vector");
    use([SVGRenderer]);
    const colours = tokens();
    const drawn = init(null, null, { renderer: "svg", ssr: true, ...size });
    drawn.setOption({ ...common(colours), ...options.option(colours), animation: false, backgroundColor: colours.surface });
    const above = options.onVector?.(drawn) ?? "";
    const said = `<title>${escaped(heading.textContent ?? options.title)}</title><desc>${escaped(canvas.getAttribute("aria-label") ?? "")}</desc>`;
    const text = drawn.renderToSVGString().replace(/^<svg[^>]*>/, (start) => start + said).replace(/<\/svg>\s*$/, () => `${above}</svg>`);
    drawn.dispose();
    return new Blob([text], { type: "image/svg+xml" });
  }

  /** On paper, a picture of the whole stands in place of the layers of the screen. */
  function print(now: boolean): void {
    element.querySelector(".chart-printed")?.remove();
    if (!now || !engine) return;
    const colours = tokens();
    engine.setOption({ ...common(colours), ...options.option(colours), animation: false }, { notMerge: true });
    engine.getZr().flush();
    const picture = engine.renderToCanvas({ pixelRatio: FINE, backgroundColor: colours.surface });
    picture.className = "chart-printed";
    attribute(picture, "role", "img");
    attribute(picture, "aria-label", canvas.getAttribute("aria-label"));
    canvas.after(picture);
  }

  function draw(): void {
    if (asTable) {
      fill(instead, options.table());
      return;
    }
    if (canvas.clientWidth === 0 || canvas.clientHeight === 0) return; // not in the page yet
    if (!engine) {
      engine = init(canvas, null, { renderer: "canvas" });
      for (const listen of listeners) listen(engine);
    }
    const colours = tokens();
    engine.setOption({ ...common(colours), ...options.option(colours) }, { notMerge: true });
  }

  function show(next: boolean): void {
    asTable = next;
    canvas.hidden = next;
    instead.hidden = !next;
    for (const one of savers) one.hidden = next;
    toggle.textContent = i18n.t(next ? "chart.asChart" : "chart.asTable");
    if (next) {
      engine?.dispose();
      engine = null;
    }
    draw();
  }

  function flip(): void {
    show(!asTable);
    options.onToggle?.(asTable);
  }

  show(asTable);
  return {
    element,
    show,
    update(description) {
      if (description !== undefined) canvas.setAttribute("aria-label", description);
      draw();
    },
    get engine() {
      return engine;
    },
    onEngine(listen) {
      listeners.push(listen);
      if (engine) listen(engine);
    },
    dispose() {
      sizes.disconnect();
      forget();
      engine?.dispose();
      engine = null;
    },
  };
}

/** What all charts have in common. Tooltips are drawn on the canvas: the content security policy forbids styled HTML. */
function common(colours: Tokens): EChartsCoreOption {
  return {
    animation: !reducedMotion(),
    animationDuration: 250,
    animationDurationUpdate: 250,
    color: [...colours.kinds],
    textStyle: { fontFamily: colours.font, color: colours.text, fontSize: 12 },
    grid: { left: 12, right: 20, top: 16, bottom: 12, containLabel: true },
    tooltip: tooltip(colours),
    aria: { enabled: false }, // the figure's own label says it, in the person's language
  };
}

/** A tooltip in the colours of the theme. */
export function tooltip(colours: Tokens): Record<string, unknown> {
  return {
    renderMode: "richText",
    confine: true,
    backgroundColor: colours.surface,
    borderColor: colours.line,
    textStyle: { color: colours.text, fontSize: 12, fontFamily: colours.font },
  };
}

/** An axis in the colours of the theme. */
export function axis(colours: Tokens): Record<string, unknown> {
  return {
    axisLine: { lineStyle: { color: colours.line } },
    axisTick: { lineStyle: { color: colours.line } },
    axisLabel: { color: colours.quiet },
    splitLine: { lineStyle: { color: colours.line } },
    nameTextStyle: { color: colours.quiet },
  };
}
