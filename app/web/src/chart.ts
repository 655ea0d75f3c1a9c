/**
 * Charts: one wrapper around ECharts, so that every canvas has its colours from the theme, a description, and a table
 * with the same facts behind a button. Views register the kinds of series that they use: `use([LineChart])`.
 */
import { AriaComponent, GridComponent, TooltipComponent } from "echarts/components";
import { init, use, type ECharts, type EChartsCoreOption } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { fill, h, newId } from "./dom";
import type { I18n } from "./i18n";
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
  const head = h("figcaption", { class: "card-head" }, h("h2", { id: name }, options.title), options.extra, toggle);
  const element = h("figure", { class: `card chart${options.fills ? " fills" : ""}`, "aria-labelledby": name }, head, canvas, instead);

  const sizes = new ResizeObserver(() => {
    if (canvas.clientWidth === 0 || canvas.clientHeight === 0) return;
    if (engine) engine.resize();
    else draw();
  });
  sizes.observe(canvas);
  const forget = onTheme(() => draw());

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
