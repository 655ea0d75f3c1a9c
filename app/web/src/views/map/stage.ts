/** The map on its stage: the tools above, the canvas with what is drawn by hand on it, the bar of days, and the panel. */
import { chart, type Chart } from "../../chart";
import { h } from "../../dom";
import { PROVINCES } from "../../outline";
import { onTheme } from "../../theme";
import type { Context } from "../../view";
import { around } from "./around";
import { atlasOf, type Atlas } from "./atlas";
import { notices } from "./chosen/notices";
import { pointing } from "./chosen/pointing";
import { tools } from "./chosen/tools";
import { optionOf, type Drawn } from "./drawing/drawing";
import { overlaid } from "./drawing/overlaid";
import { titled } from "./drawing/titled";
import { wipe } from "./drawing/wipe";
import { sameFound, standardDay, type Found } from "./found";
import type { Picked } from "./model";
import { pickValues, pickedOf, type MapValues, type params } from "./params";
import type { Picture } from "./picture";
import { frameOf } from "./place/camera";
import { KOREA } from "./place/home";
import { looking } from "./place/looking";
import { FILTERS } from "./scene";
import { described, hitSaid } from "./told/said";
import type { Teller } from "./told/story";
import { tabled } from "./told/tabled";
import { telling } from "./told/telling";

export interface Stage {
  elements: HTMLElement[];
  /** It is in the page. */
  begin(): void;
  show(found: Found): void;
  plansChanged(): void;
  update(now: MapValues, before: MapValues): void;
  dispose(): void;
}

/** What is drawn of what was found, with all that stands around it. */
export function makeStage(context: Context<typeof params>, first: Found): Stage {
  const { i18n, api, values, go, link, announce } = context;
  const provinces = new Map(PROVINCES.map((one) => [one.code, i18n.language === "ko" ? one.name_ko : one.name]));
  const province = (code: string): string => provinces.get(code) ?? code;
  let found = first;
  let current = atlasOf(i18n, found, values(), null);
  const atlas = (): Atlas => current;
  const pickedNow = (): Picked | null => pickedOf(values());

  // The tools above the map
  const notice = notices(context, () => ({ found, plan: values().plan, placeless: current.home === null, picked: pickedNow() !== null }));
  const toolbar = tools(context, { atlas, province, pick: (picked) => pick(picked, true), plans: notice.choice, notice: notice.element });

  // The map, its table, and the panel
  const rows = tabled(context, { atlas, province, link: pickLink, picked: pickedNow });
  const drawn: Chart = chart({
    i18n,
    title: i18n.t("map.caption"),
    description: described(i18n, current.shown),
    fills: true,
    asTable: values().table,
    onToggle: (asTable) => go({ table: asTable }, true),
    option: (colors) => {
      look.spread();
      return optionOf(drawnOf(current.shown), colors);
    },
    table: () => rows.make(),
    onVector(engine) {
      above.depict(engine);
      const { net, placed, shown } = current;
      const frame = frameOf(engine);
      return frame ? titled(net, shown, look.lens(shown), frame, look.camera?.zoom ?? 1, (one) => hitSaid({ i18n, net, placed }, one)) : "";
    },
  });
  const canvas = drawn.element.querySelector<HTMLElement>(".chart-canvas");
  const look = looking(context, atlas, drawn, canvas, {
    moved() {
      highlight();
      above.names.draw();
      aboveBeside.names.draw();
    },
    resized() {
      overlay.style.setProperty("--canvas-height", `${canvas?.clientHeight ?? 0}px`);
      blind.draw();
    },
    redraw: draw,
  });
  const point = pointing(context, look, {
    atlas,
    pictureAt: (x) => (current.beside && x < blind.edge ? current.beside : current.shown),
    province,
    changed: highlight,
    press(hit) {
      if (hit || pickedNow()) pick(hit);
    },
  });
  const side = telling({ i18n, teller, leave: () => pick(null), changed: highlight, rows: drawn.element, otherwise: toolbar.input });
  const margin = around(context, atlas, teller, () => standardDay(found));
  const overlay = h("div", { class: "map-overlay" }, h("div", { class: "map-corner" }, look.buttons, margin.legend));
  canvas?.after(overlay);
  drawn.element.append(margin.time, margin.foot);
  const elements = [toolbar.element, h("div", { class: "map-stage" }, drawn.element, side.element)];

  // What is drawn by hand above the map, and above what is in force beside it
  const given = { i18n, atlas, province, look, point, side, picked: pickedNow };
  const above = overlaid(given, () => current.shown, (width) => [Math.max(0, blind.edge), width]);
  const aboveBeside = overlaid(given, () => current.beside, () => [0, blind.edge]);
  const blind = wipe(
    i18n,
    (colors) => (current.beside ? optionOf(drawnOf(current.beside), colors) : {}),
    (engine) => aboveBeside.join(engine),
    () => {
      aboveBeside.picked.draw();
      aboveBeside.names.draw();
      above.names.draw();
    },
  );
  canvas?.before(blind.element);
  look.clear([look.buttons, margin.legend, margin.claims, side.element, ...blind.names]);
  drawn.onEngine((engine) => {
    look.join(engine);
    above.join(engine);
    point.join(engine);
    window.requestAnimationFrame(wiped);
    engine.on("finished", () => void performance.mark("edgeplan.map.drawn"));
  });
  const forgetTheme = onTheme(() => window.requestAnimationFrame(() => (margin.update(look.view), blind.draw(), above.picked.draw(), above.names.draw())));

  /** A picture as it is drawn. */
  function drawnOf(picture: Picture): Drawn {
    const { scene, colours, places, trouble, faint, placed } = picture;
    const { net, home, insets } = current;
    const { links, bare } = values();
    return { net, scene, colours, camera: look.camera, home: home ?? KOREA, places, trouble, faint, insets: insets.frames, lens: look.lens(picture), placed, bundles: picture.bundles(look.view), links, flows: !bare };
  }

  /** What is picked or pointed at has changed. */
  function highlight(): void {
    above.picked.draw();
    aboveBeside.picked.draw();
  }

  // Picking
  function pickLink(picked: Picked): string {
    return link(pickValues(picked));
  }

  function pick(picked: Picked | null, show = false): void {
    if (picked) side.remember();
    go(pickValues(picked));
    // A workload is framed by the update that this brings, wherever it was picked.
    if (picked && show && picked.kind !== "workload") sight(picked);
  }

  /** Have what is picked in sight: a node or site as near as one looks now; a workload with all that it runs on. */
  function sight(picked: Picked): void {
    const { net, placed, shown } = current;
    const { node, site } = shown.places;
    if (picked.kind === "node") return look.reveal(node(net.nodeAt.get(picked.id) ?? -1));
    if (picked.kind === "site") return look.reveal(site(net.siteAt.get(picked.id) ?? -1));
    const shards = placed?.of(picked.id) ?? [];
    look.frame(shards.flatMap((shard) => [site(placed?.site[shard] ?? -1), node(placed?.node[shard] ?? -1)]).filter((one) => one !== null));
  }

  /** What stories are told by. */
  function teller(): Teller {
    const { net, placed, broken } = current;
    return { i18n, api, net, placed, plan: placed?.map.plan ?? null, inForce: values().plan === "", link: pickLink, showRoutes: (next) => side.showRoutes(next), announce, province, broken };
  }

  // What is shown
  /** Draw the scene anew. In the table only the rows change, so that the place in it stays. */
  function draw(): void {
    look.renew();
    if (values().table && rows.shown) rows.fill();
    else drawn.update(described(i18n, current.shown));
    wiped();
    blind.draw();
    margin.update(look.view);
    highlight();
    above.names.draw();
  }

  /** Have what is in force beside the plan, or not. */
  function wiped(): void {
    const { before, plan } = found;
    if (values().table || !current.beside || !before || !plan) return blind.show(null);
    blind.show(drawn.engine, {
      before: i18n.t(before.placement.plan === null ? "map.wipeNothing" : "map.wipeBefore", { day: i18n.day(before.day) }),
      after: i18n.t("map.wipePlan", { plan: plan.name ?? i18n.t("map.wipeAfter"), day: i18n.day(plan.terms.horizon) }),
    });
  }

  function compute(): void {
    current = atlasOf(i18n, found, values(), current);
    point.forget();
  }

  function controls(): void {
    const now = values();
    toolbar.update(now, found.placement !== null);
    look.update();
    drawn.element.classList.toggle("as-table", now.table);
    overlay.hidden = now.table;
  }

  return {
    elements,
    begin() {
      controls();
      margin.update(look.view);
      notice.update();
      const picked = pickedNow();
      if (picked) side.tell(picked, false);
      if (picked?.kind === "workload" && values().at === "") sight(picked);
      rows.mark();
      void notice.load();
    },
    show(next) {
      if (sameFound(next, found)) return;
      found = next;
      compute();
      controls();
      draw();
      notice.update();
      const picked = pickedNow();
      if (picked) side.retell(picked);
    },
    plansChanged: () => void notice.load(),
    update(now, before) {
      controls();
      const changed = (...names: (keyof MapValues)[]): boolean => names.some((name) => String(now[name]) !== String(before[name]));
      const otherwise = changed(...FILTERS, "by", "day", "commitment", "wipe");
      if (otherwise) compute();
      if ((changed("at") && look.turn(now.at)) || otherwise || changed("links", "bare")) draw();
      if (changed("table")) {
        drawn.show(now.table);
        wiped();
        if (!now.table) rows.forget();
      }
      if (now.table && changed("rows", "sort", "down")) rows.sort(changed("rows"));
      if (changed("node", "site", "workload")) {
        side.rememberFirst();
        const picked = pickedOf(now);
        side.tell(picked, true);
        if (picked?.kind === "workload" && !changed("at")) sight(picked);
        rows.mark();
      }
    },
    dispose() {
      look.dispose();
      forgetTheme();
      blind.dispose();
      drawn.dispose();
    },
  };
}
