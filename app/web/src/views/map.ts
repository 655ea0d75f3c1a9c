/** The network on the map: what stands where, what runs on it for whom, and the story of each node, site and workload. */
import type { ECharts } from "echarts/core";
import { Refused, isAbort } from "../api";
import { chart, type Chart } from "../chart";
import { fill, h, type Child } from "../dom";
import { ATTRIBUTION, PROVINCES } from "../outline";
import { day, flag, list, text, word, words, type Params, type Values } from "../params";
import { empty as nothing, region, sentence } from "../states";
import type { Table } from "../table";
import { href } from "../route";
import { localDay } from "../today";
import { onTheme, tokens } from "../theme";
import { view, type Context, type Mounted } from "../view";
import { termsOf } from "./plans/terms";
import type { AllocationSummary, NetworkMap, PlacementMap, PlanOut, Terms } from "../wire";
import { frameOf, readCamera, writeCamera, type Frame } from "./map/camera";
import { claims, comings, type AsOf } from "./map/asof";
import { type Bundle } from "./map/bundles";
import { claimList } from "./map/claims";
import { WAYS, type Way } from "./map/colours";
import { CURVENESS, curveAt, endsOf } from "./map/curves";
import { brokenIn, type BrokenBy } from "./map/disturbed";
import { nearness, optionOf, type Camera } from "./map/drawing";
import { filterBar, type FilterName } from "./map/filters";
import { hitAt } from "./map/hit";
import { KOREA, homeOf, scaleOf, type Home } from "./map/home";
import { insetsOf, type Inset, type Insets } from "./map/insets";
import { labelLayer, type LabelledNow } from "./map/labels";
import { legend } from "./map/legend";
import { inLens, lensFrame, lensProvinces, type Lens } from "./map/lens";
import { linkEnds, linkSaid, linksOf } from "./map/links";
import { Net, Placed, said, type Picked } from "./map/model";
import { nodeStory } from "./map/node";
import { panel } from "./map/panel";
import { pickedLayer, type PickedNow, type Tip } from "./map/picked";
import { Picture } from "./map/picture";
import { STATUSES, type Filters, type Flow } from "./map/scene";
import { find, search } from "./map/search";
import { siteStory } from "./map/site";
import type { Route, Teller } from "./map/story";
import { ROWS, allocationsTable, nodesTable, troubledFirst, type TableOf } from "./map/tables";
import { timeBar } from "./map/timebar";
import { wipe } from "./map/wipe";
import { workloadStory } from "./map/workload";
import "./map.css";

const params = {
  /** The plan that is drawn; what is in force without. */
  plan: text(),
  by: word(WAYS, "utilisation"),
  model: list(),
  policy: list(),
  province: list(),
  tier: words(["onsite", "mec", "metro", "regional", "core"]),
  state: words(["active", "draining", "failed"]),
  kind: list(),
  status: words(STATUSES),
  /** As of which day, and which least firm nodes count; today, and as the terms of what is drawn have it, without. */
  day: day(),
  commitment: text(),
  /** Whether what is in force stands beside the plan that is drawn. */
  wipe: flag(),
  links: flag(),
  /** Whether flows are left out. */
  bare: flag(),
  /** What is picked: at most one of these. */
  node: text(),
  site: text(),
  workload: text(),
  /** What is looked at. */
  at: text(),
  table: flag(),
  rows: word(ROWS, "nodes"),
  sort: text(),
  down: flag(),
} satisfies Params;

type MapValues = Values<typeof params>;

/** What the service was found to have. */
interface Found {
  map: NetworkMap;
  placement: PlacementMap | null;
  /** Why the plan that the URL names cannot be drawn. */
  problem: Refused | null;
  /** Why what is drawn as disturbed is so. */
  broken: BrokenBy;
  /** How what is in force stands now; null where a plan is drawn. */
  summary: AllocationSummary | null;
  /** The plan that is drawn; null where it is what is in force. */
  plan: PlanOut | null;
  /** The id of the plan that is in force; null where none is. */
  inForce: string | null;
  /** The terms of what is drawn; null where they are not known. */
  terms: Terms | null;
  /** What is in force, to be seen beside the plan; null where that is not asked for. */
  before: { placement: PlacementMap; broken: BrokenBy } | null;
}

/** How long the camera rests before the URL says where it is. */
const REST_MS = 350;
/** By how much the scale may change, as a logarithm, before twins are spread anew. */
const SPREAD_ANEW = 0.15;
/** What counts on the days to come, unless something else is chosen: this and what is firmer. */
const FIRM = "contracted";
/** How many plans are offered. */
const PLANS = 200;

const FILTER_NAMES: readonly FilterName[] = ["model", "policy", "province", "tier", "state", "kind", "status"];

export default view({
  params,
  title: (i18n) => i18n.t("view.map"),
  mount(root, context) {
    const { i18n, api, live, values } = context;
    let stage: Stage | null = null;
    let turn = 0;
    let resting = 0;

    async function fetch(): Promise<Found> {
      const { plan } = values();
      const [map, placed] = await Promise.all([api.get("/v1/map"), plan === "" ? inForce() : planned(plan)]);
      return { map, ...placed };
    }

    const reasons = new Map<string, { placement: PlacementMap; broken: BrokenBy }>();
    /** The reasons of a placement, read once: a new one has new ones. */
    async function brokenOf(placement: PlacementMap, plan: string): Promise<BrokenBy> {
      const known = reasons.get(plan);
      if (known?.placement === placement) return known.broken;
      const broken = await brokenIn(api, placement, plan);
      reasons.set(plan, { placement, broken });
      return broken;
    }

    /** What is in force: as full as it is on the day that is looked at. */
    async function inForce(): Promise<Omit<Found, "map">> {
      const asked = values().day;
      const [placement, summary] = await Promise.all([
        api.get("/v1/map/allocation", asked > localDay(new Date()) ? { query: { day: asked } } : {}),
        api.get("/v1/allocations/summary"),
      ]);
      const [broken, terms] = await Promise.all([brokenOf(placement, ""), termsOfPlan(placement.plan)]);
      return { placement, summary, broken, terms, plan: null, inForce: placement.plan, problem: null, before: null };
    }

    /** The terms of a plan that is in force; null where it is not kept. */
    async function termsOfPlan(id: string | null): Promise<Terms | null> {
      if (id === null) return null;
      try {
        return termsOf(await api.get("/v1/plans/{id}", { path: { id } }));
      } catch (error) {
        if (error instanceof Refused) return null;
        throw error;
      }
    }

    async function planned(id: string): Promise<Omit<Found, "map">> {
      try {
        const [placement, plan, standing, now] = await Promise.all([
          api.get("/v1/map/plans/{id}", { path: { id } }),
          api.get("/v1/plans/{id}", { path: { id } }),
          api.get("/v1/allocations/summary"),
          values().wipe ? api.get("/v1/map/allocation") : null,
        ]);
        const broken = await brokenOf(placement, id);
        const before = now && { placement: now, broken: await brokenOf(now, "") };
        return { placement, plan, inForce: standing.plan, broken, terms: termsOf(plan), summary: null, problem: null, before };
      } catch (error) {
        if (error instanceof Refused) return { placement: null, plan: null, inForce: null, broken: new Map(), terms: null, summary: null, problem: error, before: null };
        throw error;
      }
    }

    const part = region(root, i18n, fetch, (found) => {
      stage?.dispose();
      stage = null;
      if (found.map.nodes.id.length === 0) return h("div", { class: "card" }, nothing(i18n.t("map.empty"), i18n.t("map.emptyHint")));
      stage = makeStage(context, found);
      window.requestAnimationFrame(() => stage?.begin());
      return stage.elements;
    });

    /** Look what has changed, and draw it where it stands. What has changed while the first is on its way comes after it. */
    async function refresh(): Promise<void> {
      await first;
      if (!stage) return part.load();
      turn += 1;
      const mine = turn;
      try {
        const found = await fetch();
        if (mine !== turn) return;
        if (found.map.nodes.id.length === 0) return part.load();
        stage.show(found);
      } catch (error) {
        if (mine === turn && !isAbort(error)) await part.load();
      }
    }

    const first = part.load();
    live.on("node", () => void refresh());
    live.on("allocation", () => void refresh());
    live.on("plan.applied", () => void refresh());
    live.on("generation", (event) => {
      if (event.detail.parts.some((one) => one === "network" || one === "allocation")) void refresh();
    });
    live.on("plan", () => stage?.plansChanged());
    return {
      update: (now, before) => {
        if (now.plan !== before.plan || now.wipe !== before.wipe) void refresh();
        stage?.update(now, before);
        if (now.day !== before.day && now.plan === "") {
          // What is drawn follows the handle at once; how full it is comes when the handle rests.
          window.clearTimeout(resting);
          resting = window.setTimeout(() => void refresh(), REST_MS);
        }
      },
      dispose: () => {
        window.clearTimeout(resting);
        stage?.dispose();
      },
    } satisfies Mounted<typeof params>;
  },
});

interface Stage {
  elements: HTMLElement[];
  /** It is in the page. */
  begin(): void;
  show(found: Found): void;
  plansChanged(): void;
  update(now: MapValues, before: MapValues): void;
  dispose(): void;
}

function makeStage(context: Context<typeof params>, first: Found): Stage {
  const { i18n, api, values, go, link, announce } = context;
  const provinces = new Map(PROVINCES.map((one) => [one.code, i18n.language === "ko" ? one.name_ko : one.name]));
  const province = (code: string): string => provinces.get(code) ?? code;
  let found = first;
  let net = new Net(first.map);
  let placed = placedOf(first, net);
  /** What is drawn, and what is in force where that is drawn beside it. */
  let shown: Picture;
  let beside: Picture | null;
  let asOf: AsOf;
  /** How firm a node must be to count on the days to come. */
  let lowest: number;
  let home: Home | null;
  let insets: Insets;
  let insetsFor: Net | null = null;
  /** What is pointed at. */
  let hovered: Picked | null = null;
  let pointed: { thing: Flow | Bundle | number | null; curve: PickedNow["curve"]; tip: Tip } | null = null;
  compute(values());
  let routes: readonly Route[] = [];
  let plans: PlanOut[] = [];
  let camera: Camera | null = readCamera(values().at);
  let told = "";

  // The tools above the map
  const finder = search(i18n, (typed) => find(i18n, net, placed, typed), (picked) => pick(picked, true));
  /** Whether somebody has said what to draw. */
  let chosePlan = false;
  const planChoice = h("select", { on: { change: () => ((chosePlan = true), go({ plan: planChoice.value })) } });
  const wayChoice = h(
    "select",
    { on: { change: () => go({ by: wayChoice.value as Way }, true) } },
    WAYS.map((way) => h("option", { value: way, selected: way === values().by }, i18n.t(`map.way.${way}`))),
  );
  const wipeButton = h("button", { type: "button", on: { click: () => go({ wipe: !values().wipe }, true) } }, i18n.t("map.wipe"));
  const linkBox = h("input", { type: "checkbox", on: { change: () => go({ links: linkBox.checked }, true) } });
  const flowBox = h("input", { type: "checkbox", on: { change: () => go({ bare: !flowBox.checked }, true) } });
  const filters = filterBar(
    i18n,
    {
      words(name) {
        const { map } = net;
        if (name === "model" || name === "policy") return (name === "model" ? placed?.map.models : placed?.map.policies) ?? [];
        return { province: map.provinces, tier: map.tiers, state: map.states, kind: map.kinds, status: STATUSES }[name];
      },
      label: (name, one) =>
        name === "province" ? province(one) : name === "model" || name === "policy" ? one : i18n.word(name, one),
    },
    (chosen) => go(chosen as Partial<MapValues>, true),
  );
  const notice = h("div", { class: "map-notice" });
  const tools = h(
    "div",
    { class: "card map-tools" },
    h(
      "div",
      { class: "bar" },
      finder.element,
      h("label", { class: "field" }, h("span", {}, i18n.t("map.plan")), planChoice),
      wipeButton,
      h("label", { class: "field" }, h("span", {}, i18n.t("map.colourBy")), wayChoice),
      h("label", { class: "box" }, flowBox, i18n.t("map.flows")),
      h("label", { class: "box" }, linkBox, i18n.t("map.links")),
    ),
    filters.menus,
    filters.chips,
    notice,
  );

  // The map, its table, and the panel
  const key = legend(i18n);
  const side = panel(i18n, () => pick(null), () => giveBack());
  let opener: Element | null = null;
  const whole = h("button", { type: "button", title: i18n.t("map.whole"), "aria-label": i18n.t("map.whole"), on: { click: () => go({ at: "" }, true) } }, "⌂");
  const zooms = h(
    "div",
    { class: "zooms", role: "group", "aria-label": i18n.t("map.zoom") },
    h("button", { type: "button", title: i18n.t("map.nearer"), "aria-label": i18n.t("map.nearer"), on: { click: () => zoom(1.6) } }, "+"),
    h("button", { type: "button", title: i18n.t("map.farther"), "aria-label": i18n.t("map.farther"), on: { click: () => zoom(1 / 1.6) } }, "−"),
    whole,
  );
  const overlay = h("div", { class: "map-overlay" }, h("div", { class: "map-corner" }, zooms, key.element));
  const rowsChoice = h(
    "div",
    { class: "segments", role: "group", "aria-label": i18n.t("map.rows") },
    ROWS.map((rows) => h("button", { type: "button", "data-rows": rows, on: { click: () => go({ rows, sort: "", down: false }, true) } }, i18n.t(`map.rows.${rows}`))),
  );
  const tableHolder = h("div");
  const given: TableOf = {
    i18n,
    net,
    placed,
    province,
    broken: found.broken,
    link: (picked) => pickLink(picked),
    sort: null,
    onSort: (sort) => {
      given.sort = sort;
      go({ sort: sort.key, down: sort.descending }, true);
    },
  };
  let shownTable: { rows: MapValues["rows"]; table: Table<number> } | null = null;

  const drawn: Chart = chart({
    i18n,
    title: i18n.t("map.caption"),
    description: described(),
    fills: true,
    asTable: values().table,
    onToggle: (asTable) => go({ table: asTable }, true),
    option: (colors) => {
      spread();
      magnified = lensIn(shown) !== null;
      const { links, bare } = values();
      return optionOf({ ...drawnOf(shown), links, flows: !bare }, colors);
    },
    table: () => {
      shownTable = null;
      fillTable(values());
      return h("div", {}, rowsChoice, tableHolder);
    },
  });
  const foot = h("p", { class: "map-foot small quiet" });
  const time = timeBar(i18n, {
    day: (next) => go({ day: next === standardDay() ? "" : next }, true),
    commitment: (next) => go({ commitment: next }, true),
    list: () => claimList(teller(), claims(net, placed, shown.scene.nodes), asOf),
  });
  const canvas = drawn.element.querySelector<HTMLElement>(".chart-canvas");
  canvas?.after(overlay);
  drawn.element.append(time.element, foot);
  const elements = [tools, h("div", { class: "map-stage" }, drawn.element, side.element)];
  const above = pickedLayer(() => pickedIn(shown));
  const names = labelLayer(() => namesOf(shown, (width) => [Math.max(0, blind.edge), width]));
  const aboveBeside = pickedLayer(() => (beside ? pickedIn(beside) : null));
  const namesBeside = labelLayer(() => namesOf(beside ?? shown, () => [0, blind.edge]));
  const blind = wipe(
    i18n,
    (colors) => (beside ? optionOf({ ...drawnOf(beside), links: values().links, flows: !values().bare }, colors) : {}),
    (engine) => {
      aboveBeside.join(engine);
      namesBeside.join(engine);
    },
    () => {
      aboveBeside.draw();
      namesBeside.draw();
      names.draw();
    },
  );
  canvas?.before(blind.element);

  /** What is picked or pointed at, in a picture. */
  function pickedIn(picture: Picture): PickedNow {
    const { colours, places, placed: its } = picture;
    const colors = tokens();
    const colour = (at: number): string => colours.classes[colours.node(at)]?.colour(colors) ?? colors.quiet;
    return { net, placed: its, places, picked: pickedOf(values()), hovered, curve: pointed?.curve ?? null, tip: pointed?.tip ?? null, routes: its === placed ? routes : [], lens: lensIn(picture), colour, tokens: colors };
  }

  /** What is named in a picture. */
  function namesOf(picture: Picture, within: LabelledNow["within"]): LabelledNow {
    const { order, places, trouble } = picture;
    const lens = lensIn(picture);
    return {
      lens,
      lensName: lens ? lensProvinces(net, lens).map(province).join(", ") : "",
      within,
      order,
      places,
      trouble,
      zoom: camera?.zoom ?? 1,
      tokens: tokens(),
      name: (at) => net.nodeName(i18n, net.map.nodes.id[at] ?? ""),
      insets: insets.frames,
      insetName,
    };
  }

  /** What is picked or pointed at has changed. */
  function highlight(): void {
    above.draw();
    aboveBeside.draw();
  }

  const forgetTheme = onTheme(() => window.requestAnimationFrame(() => (afterDraw(), blind.draw(), above.draw(), names.draw())));

  // The camera
  let base = 0;
  let size = "";
  let seen = "";
  let resting = 0;
  let near = nearness(camera?.zoom ?? 1);
  /** Pixels in a degree for which twins were spread, and where that was last found to be out of date. */
  let spreadFor = 1;
  let respread = "";
  /** Whether the lens is drawn. */
  let magnified = false;
  drawn.onEngine((engine) => {
    base = 0;
    above.join(engine);
    names.join(engine);
    window.requestAnimationFrame(() => wiped(values()));
    engine.on("rendered", () => looked(engine));
    engine.on("finished", () => void performance.mark("edgeplan.map.drawn"));
    const canvasEvents = engine.getZr();
    canvasEvents.on("click", (event) => {
      const frame = frameOf(engine);
      const hit = frame && thingAt(frame, event.offsetX, event.offsetY);
      if (hit || pickedOf(values())) pick(hit);
    });
    let asked = 0;
    canvasEvents.on("mousemove", (event) => {
      window.cancelAnimationFrame(asked);
      asked = window.requestAnimationFrame(() => point(engine, event.offsetX, event.offsetY));
    });
    canvasEvents.on("globalout", () => {
      window.cancelAnimationFrame(asked);
      hover(null, null);
    });
  });

  /** What the pointer is over: a node or site, or else a flow. */
  function point(engine: ECharts, x: number, y: number): void {
    const frame = engine.isDisposed() ? null : frameOf(engine);
    if (!frame) return;
    const picture = pictureAt(x);
    const { scene, places } = picture;
    const { links } = values();
    const bare = values().bare || inLens(lensIn(picture), x, y);
    const hit = thingAt(frame, x, y);
    if (hit) {
      hover(hit, { thing: null, curve: null, tip: { x, y, words: hitSaid(hit, picture.placed) } });
      engine.getZr().setCursorStyle("pointer");
      return;
    }
    const bundles = picture.bundles(near);
    const bundle = bare || !bundles ? null : curveAt(frame, bundles, (one) => [one.from, one.to], x, y);
    const flow = bare || bundles ? null : curveAt(frame, scene.flows, (one) => endsOf(places, one), x, y);
    const link = bundle || flow || !links || inLens(lensIn(picture), x, y) ? null : curveAt(frame, linksOf(net, scene), (one) => linkEnds(net, places, one), x, y, 0);
    const thing = bundle ?? flow ?? link;
    const ends = bundle ? ([bundle.from, bundle.to] as const) : flow ? endsOf(places, flow) : link === null ? null : linkEnds(net, places, link);
    if (thing === null || !ends) return hover(null, null);
    const words = bundle ? bundleSaid(bundle) : flow ? flowSaid(flow) : linkSaid(i18n, net, picture.placed, link ?? -1);
    hover(null, { thing, curve: { ends, bend: link === null ? CURVENESS : 0 }, tip: { x, y, words } });
  }

  /** The node or site at a place of the canvas, in the lens or below it. */
  function thingAt(frame: Frame, x: number, y: number): Picked | null {
    const picture = pictureAt(x);
    const lens = lensIn(picture);
    return inLens(lens, x, y) ? hitAt(lensFrame(lens), x, y, { net, ...lens }) : hitAt(frame, x, y, { net, ...picture });
  }

  /** What is drawn at a place of the canvas: left of the handle it is what is in force. */
  function pictureAt(x: number): Picture {
    return beside && x < blind.edge ? beside : shown;
  }

  function hover(hit: Picked | null, next: typeof pointed): void {
    if (hit?.kind === hovered?.kind && hit?.id === hovered?.id && next?.thing === pointed?.thing && (next === null) === (pointed === null)) return;
    [hovered, pointed] = [hit, next];
    highlight();
  }

  function flowSaid({ site, node, ...flow }: Flow): string {
    const ends = { site: net.siteName(i18n, net.map.sites.id[site] ?? ""), node: net.nodeName(i18n, net.map.nodes.id[node] ?? "") };
    return [i18n.t("map.flowFromTo", ends), ...carried(flow)].join("\n");
  }

  function bundleSaid({ source, target, node, flows, ...bundle }: Bundle): string {
    const where = (place: number): string => (place < 0 ? i18n.t("map.elsewhere") : province(net.map.provinces[place] ?? ""));
    const ends = { site: where(source), node: node >= 0 ? net.nodeName(i18n, net.map.nodes.id[node] ?? "") : where(target) };
    return [i18n.t("map.flowFromTo", ends), i18n.t("map.bundleOf", { flows: i18n.number(flows) }), ...carried(bundle)].join("\n");
  }

  /** What a flow or bundle carries. */
  function carried({ shards, devices, margin, disturbed }: Pick<Flow, "shards" | "devices" | "margin" | "disturbed">): string[] {
    return [
      i18n.t("map.tally", { shards: i18n.number(shards), devices: i18n.number(devices) }),
      ...(margin >= 0 ? [`${i18n.t("map.leastMargin")}: ${i18n.permille(margin)}`] : []),
      ...(disturbed ? [i18n.word("status", "disturbed")] : []),
    ];
  }

  function insetName({ country }: Inset): string {
    return country === "" ? i18n.t("map.elsewhere") : i18n.country(country);
  }

  /** The camera may have moved: follow with what is picked, and have the URL say it when it rests. */
  function looked(engine: ECharts): void {
    const frame = frameOf(engine);
    if (!frame) return;
    const now = `${engine.getWidth()}x${engine.getHeight()}`;
    const place = `${now} ${frame.lon.toFixed(5)} ${frame.lat.toFixed(5)} ${frame.scale.toFixed(4)}`;
    if (place === seen) return;
    const moved = base > 0 && size === now;
    seen = place;
    if (!moved) {
      base = frame.scale / (camera?.zoom ?? 1);
      if (size !== now) blind.draw();
      size = now;
    } else camera = { lon: frame.lon, lat: frame.lat, zoom: frame.scale / base };
    highlight();
    names.draw();
    const apart = shown.twins.any && Math.abs(Math.log(frame.scaleLat / spreadFor)) > SPREAD_ANEW && respread !== place;
    const fits = (lensIn(shown) !== null) !== magnified && respread !== place;
    if (!moved && !apart && !fits) return;
    window.clearTimeout(resting);
    resting = window.setTimeout(() => {
      if (moved) told = camera ? writeCamera(camera) : "";
      if (moved && told !== values().at) go({ at: told }, true);
      if (apart || fits) respread = place;
      if (apart || fits || nearness(camera?.zoom ?? 1) !== near) draw(values());
    }, REST_MS);
  }

  /** Put twins side by side, at the scale that is drawn next. */
  function spread(): void {
    const scale = scaleOf(home ?? KOREA, canvas?.clientWidth ?? 0, canvas?.clientHeight ?? 0, camera?.zoom ?? 1);
    spreadFor = scale.lat;
    for (const picture of [shown, beside]) picture?.spread(scale, camera?.zoom ?? 1);
  }

  function lensIn(picture: Picture): Lens | null {
    return home && picture.lens(home, { width: canvas?.clientWidth ?? 0, height: canvas?.clientHeight ?? 0 }, near);
  }

  /** A picture as it is drawn. */
  function drawnOf(picture: Picture): Omit<Parameters<typeof optionOf>[0], "links" | "flows"> {
    const { scene, colours, places, trouble, faint } = picture;
    return { net, scene, colours, camera, home: home ?? KOREA, places, trouble, faint, insets: insets.frames, lens: lensIn(picture), placed: picture.placed, bundles: picture.bundles(near) };
  }

  function zoom(factor: number): void {
    const engine = drawn.engine;
    if (!engine) return;
    engine.dispatchAction({ type: "geoRoam", componentType: "geo", geoIndex: 0, zoom: factor, originX: engine.getWidth() / 2, originY: engine.getHeight() / 2 });
  }

  /** Have a place in sight. */
  function reveal(where: [number, number] | null): void {
    const engine = drawn.engine;
    const frame = engine ? frameOf(engine) : null;
    if (!engine || !frame || !where) return;
    const [x, y] = [frame.x(where[0]), frame.y(where[1])];
    if (x > 0 && y > 0 && x < engine.getWidth() && y < engine.getHeight()) return;
    engine.dispatchAction({ type: "geoRoam", componentType: "geo", geoIndex: 0, dx: engine.getWidth() / 2 - x, dy: engine.getHeight() / 2 - y });
  }

  /** What is said of a node or site that is pointed at. */
  function hitSaid({ kind, id }: Picked, placed: Placed | null): string {
    const { nodes, sites } = net.map;
    const one = (kind === "site" ? net.siteAt : net.nodeAt).get(id) ?? -1;
    if (kind === "site") {
      const shards = placed?.bySite.get(one) ?? [];
      return [net.siteName(i18n, sites.id[one] ?? ""), i18n.word("kind", said(net.map.kinds, sites.kind[one])), tally(placed, shards)].join("\n");
    }
    const load = placed?.load[one] ?? 0;
    return [
      net.nodeName(i18n, nodes.id[one] ?? ""),
      `${i18n.word("tier", said(net.map.tiers, nodes.tier[one]))} · ${i18n.word("state", said(net.map.states, nodes.state[one]))} · ${i18n.word("commitment", said(net.map.commitments, nodes.commitment[one]))}`,
      placed && (placed.cards[one] ?? -1) >= 0 && i18n.t("map.cardsShare", { share: i18n.permille(placed.cards[one] ?? 0) }),
      placed && load > 0 && i18n.t("map.fullestShare", { resource: i18n.word("resource", said(placed.map.resources, placed.fullest[one])), share: i18n.permille(load) }),
      tally(placed, placed?.byNode.get(one) ?? []),
    ]
      .filter(Boolean)
      .join("\n");
  }

  function tally(placed: Placed | null, shards: readonly number[]): string {
    const devices = shards.reduce((sum, shard) => sum + (placed?.devices(shard) ?? 0), 0);
    return i18n.t("map.tally", { shards: i18n.number(shards.length), devices: i18n.number(devices) });
  }

  // Picking
  function pickLink(picked: Picked | null): string {
    return link(pickValues(picked));
  }

  function pick(picked: Picked | null, show = false): void {
    if (picked) opener = document.activeElement;
    go(pickValues(picked));
    if (picked && show) reveal(positionOf(picked));
  }

  function positionOf(picked: Picked): [number, number] | null {
    const { places } = shown;
    if (picked.kind === "node") return places.node(net.nodeAt.get(picked.id) ?? -1);
    if (picked.kind === "site") return places.site(net.siteAt.get(picked.id) ?? -1);
    return places.site(placed?.site[placed.of(picked.id)[0] ?? -1] ?? -1);
  }

  /** The panel has gone: the focus goes to where it was opened from. */
  function giveBack(): void {
    const row = opener?.closest("tr")?.getAttribute("data-id");
    const again = opener?.isConnected ? opener : row ? drawn.element.querySelector(`tr[data-id="${CSS.escape(row)}"] a`) : null;
    if (again instanceof HTMLElement && again !== document.body) again.focus();
    else finder.input.focus();
    opener = null;
  }

  /** Show the story of what is picked; `take` moves the focus there. */
  function tell(picked: Picked | null, take: boolean): void {
    routes = [];
    highlight();
    if (!picked) {
      side.close();
      return;
    }
    const [title, known, story] = {
      node: () => [net.nodeName(i18n, picked.id), net.nodeAt.has(picked.id), nodeStory] as const,
      site: () => [net.siteName(i18n, picked.id), net.siteAt.has(picked.id), siteStory] as const,
      workload: () => [picked.id, (placed?.of(picked.id).length ?? 0) > 0, workloadStory] as const,
    }[picked.kind]();
    const body = known ? story(teller(), picked.id) : nothing(i18n.t("map.notHere"), i18n.t(picked.kind === "workload" ? "map.notInPlan" : "map.notInNetwork"));
    side.open(title, i18n.t(`map.${picked.kind}`), body, take);
  }

  /** What stories are told by. */
  function teller(): Teller {
    return {
      i18n,
      api,
      net,
      placed,
      plan: placed?.map.plan ?? null,
      inForce: values().plan === "",
      link: (one) => pickLink(one),
      showRoutes: (next) => {
        routes = next;
        highlight();
      },
      announce,
      province,
      broken: found.broken,
    };
  }

  // What is shown
  function fillTable(now: MapValues): void {
    given.net = net;
    given.placed = placed;
    given.broken = found.broken;
    given.sort = now.sort === "" ? null : { key: now.sort, descending: now.down };
    for (const button of rowsChoice.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.dataset["rows"] === now.rows));
    if (shownTable?.rows === now.rows) shownTable.table.update(now.rows === "nodes" ? shown.scene.nodes : troubledFirst(given, shown.scene.shards));
    else {
      shownTable = { rows: now.rows, table: now.rows === "nodes" ? nodesTable(given, shown.scene) : allocationsTable(given, shown.scene) };
      fill(tableHolder, shownTable.table.element);
    }
    mark(now);
  }

  function mark(now: MapValues): void {
    const picked = pickedOf(now);
    if (!shownTable) return;
    if (shownTable.rows === "nodes") shownTable.table.select(picked?.kind === "node" ? picked.id : null);
    else shownTable.table.select(picked?.kind === "workload" && placed ? `${picked.id}/${placed.map.shards.shard[placed.of(picked.id)[0] ?? -1] ?? 0}` : null);
  }

  function described(): string {
    const { scene } = shown;
    return i18n.t("map.described", {
      nodes: i18n.number(scene.nodes.length),
      sites: i18n.number(scene.sites.length),
      shards: i18n.number(scene.shards.length),
      flows: i18n.number(scene.flows.length),
      unplaced: i18n.number(scene.shards.filter((shard) => placed?.status(shard) === "unplaced").length),
      disturbed: i18n.number(scene.shards.filter((shard) => placed?.status(shard) === "disturbed").length),
    });
  }

  function afterDraw(): void {
    const { scene, colours, trouble } = shown;
    const { by, links, bare } = values();
    const ghosts = shown.count("ghost");
    key.update({ net, scene, colours, way: by, tokens: tokens(), trouble, placed, ghosts, idle: shown.count("idle"), links, bundles: bare ? null : (shown.bundles(near)?.length ?? null) });
    const today = localDay(new Date());
    const begins = [...comings(net, scene.nodes, lowest, today)];
    time.update({
      asOf,
      lowest,
      today,
      comings: new Map(begins.map(([at, all]) => [at, all.map((one) => net.nodeName(i18n, net.map.nodes.id[one] ?? ""))])),
      commitments: net.map.commitments,
      operating: scene.nodes.length - ghosts,
      ghosts,
      claims: claims(net, placed, scene.nodes).length,
    });
    const nowhere = scene.nodes.filter((one) => net.nodePosition(one) === null).length;
    fill(foot, h("span", { class: "map-sum" }, described()), nowhere > 0 && [" ", i18n.t("map.nowhere", { count: i18n.number(nowhere) })], insets.frames.length > 0 && [" ", farOff()], home === KOREA && [" ", ATTRIBUTION[i18n.language]]);
  }

  /** What stands in insets. */
  function farOff(): string {
    const count = insets.frames.reduce((sum, one) => sum + one.nodes.length + one.sites.length, 0);
    return i18n.t("map.farOff", { count: i18n.number(count), names: insets.frames.map(insetName).join(", ") });
  }

  /** Draw the scene anew. In the table only the rows change, so that the place in it stays. */
  function draw(now: MapValues): void {
    seen = "";
    base = 0;
    near = nearness(camera?.zoom ?? 1);
    if (now.table && shownTable) fillTable(now);
    else drawn.update(described());
    wiped(now);
    blind.draw();
    afterDraw();
    highlight();
    names.draw();
  }

  /** Have what is in force beside the plan, or not. */
  function wiped(now: MapValues): void {
    blind.show(now.table || !beside ? null : drawn.engine, { before: i18n.t("map.inForce"), after: i18n.t("map.wipeAfter") });
  }

  function compute(now: MapValues): void {
    if (insetsFor !== net) {
      home = homeOf(net);
      insets = insetsOf(net, home);
      insetsFor = net;
    }
    const { commitments } = net.map;
    const place = (word: string | undefined): number => commitments.findIndex((one) => one === word);
    // What is drawn counts what its terms do; on days to come what is firm counts as well, and memoranda only if they are asked for.
    const terms = Math.max(0, place(found.terms?.lowest_commitment ?? undefined));
    const chosen = place(now.commitment);
    lowest = chosen >= 0 ? chosen : Math.max(terms, place(FIRM));
    asOf = { day: now.day || standardDay(), step: chosen < 0 && (now.day || standardDay()) === standardDay() ? terms : lowest };
    const asked = { i18n, net, filters: filtersOf(now), way: now.by, asOf, insets };
    shown = new Picture({ ...asked, placed, broken: found.broken });
    const { before } = found;
    beside = before && now.wipe ? new Picture({ ...asked, placed: new Placed(before.placement, net), broken: before.broken }) : null;
    [hovered, pointed] = [null, null];
  }

  /** The day that is looked at without a choice. */
  function standardDay(): string {
    return found.plan?.terms.horizon ?? localDay(new Date());
  }

  function controls(now: MapValues): void {
    filters.update(filtersOf(now));
    wayChoice.value = now.by;
    linkBox.checked = now.links;
    flowBox.checked = !now.bare;
    whole.disabled = now.at === "";
    whole.title = i18n.t(home === KOREA ? "map.whole" : "map.everything");
    whole.setAttribute("aria-label", whole.title);
    drawn.element.classList.toggle("as-table", now.table);
    overlay.hidden = now.table;
    wipeButton.hidden = now.plan === "" || now.table || found.placement === null;
    wipeButton.setAttribute("aria-pressed", String(now.wipe));
  }

  function offerPlans(): void {
    const now = values().plan;
    const inForce = plans.find((plan) => plan.id === (now === "" ? found.placement?.plan : null));
    const label = (plan: PlanOut): string => `${plan.name ?? plan.id.slice(0, 8)} · ${i18n.time(plan.submitted_at)}${plan.what_if ? ` · ${i18n.t("map.whatIf")}` : ""}`;
    const options = plans.filter((plan) => plan.result !== null).map((plan) => h("option", { value: plan.id }, label(plan)));
    if (now !== "" && !plans.some((plan) => plan.id === now)) options.unshift(h("option", { value: now }, now.slice(0, 8)));
    fill(planChoice, h("option", { value: "" }, inForce ? i18n.t("map.inForceNamed", { plan: label(inForce) }) : i18n.t("map.inForce")), options);
    planChoice.value = now;
    const newest = plans.find((plan) => plan.result !== null);
    const toForce = h("a", { href: link({ plan: "" }) }, i18n.t("map.showInForce"));
    const toPlan = h("a", { href: href("plans", { plan: now }) }, i18n.t("map.toPlan"));
    fill(
      notice,
      found.problem && h("p", { class: "notice", role: "alert" }, sentence(i18n, found.problem), " ", toForce),
      home === null && h("p", { class: "notice" }, i18n.t("map.noPlaces"), " ", h("a", { href: link({ table: true }) }, i18n.t("map.listThem"))),
      !found.problem && found.placement?.plan === null && [
        h("p", { class: "notice" }, i18n.t("map.noPlan"), newest && [" ", h("a", { href: link({ plan: newest.id }) }, i18n.t("map.showNewest"))]),
      ],
      !found.problem && now !== "" && found.inForce !== now && h("p", { class: "notice" }, i18n.t(found.inForce === null ? "map.noneYet" : "map.notInForce"), " ", anotherDay(), found.inForce === null ? toPlan : toForce),
      !found.problem && found.summary !== null && standing(found.summary),
    );
  }

  /** A plan for another day is not what would run today. */
  function anotherDay(): Child {
    const day = found.plan?.terms.horizon;
    if (day === undefined || day === localDay(new Date())) return null;
    return [h("strong", {}, i18n.t("plans.otherDay", { day: i18n.day(day) })), " "];
  }

  /** How what is in force stands now, where not everything is as promised: what is unlawful first. */
  function standing({ now, standing: stands }: AllocationSummary): Child {
    const disturbed = now.find((one) => one.status === "disturbed")?.shards ?? 0;
    if (disturbed === 0 || stands === null) return null;
    const rules = stands.broken.map((one) => `${i18n.word("rule", one.rule)} ${i18n.number(one.shards)}`).join(", ");
    return h(
      "p",
      { class: `notice map-standing${stands.unlawful_shards > 0 ? " bad" : ""}` },
      stands.unlawful_shards > 0 && [h("strong", {}, i18n.t("map.nowUnlawful", { shards: i18n.number(stands.unlawful_shards) })), " "],
      i18n.t("map.nowDisturbed", { shards: i18n.number(disturbed), rules }),
      " ",
      h("a", { href: link({ table: true, rows: "allocations", sort: "status", down: false }) }, i18n.t("map.listThem")),
    );
  }

  async function loadPlans(): Promise<void> {
    try {
      plans = await api.all("/v1/plans", { query: { limit: PLANS } }, PLANS);
      offerPlans();
      const newest = plans.find((plan) => plan.result !== null);
      // Before anything is applied there is more to see in a plan than in a network on which nothing runs.
      if (newest && found.inForce === null && !chosePlan && values().plan === "" && !pickedOf(values())) go({ plan: newest.id }, true);
    } catch (error) {
      if (!isAbort(error)) fill(notice, h("p", { class: "notice", role: "alert" }, sentence(i18n, error)));
    }
  }

  function begin(): void {
    const now = values();
    controls(now);
    afterDraw();
    offerPlans();
    const picked = pickedOf(now);
    if (picked) tell(picked, false);
    mark(now);
    void loadPlans();
  }

  return {
    elements,
    begin,
    show(next) {
      if (next.map === found.map && next.placement === found.placement && next.problem === found.problem && next.broken === found.broken && next.summary === found.summary && next.inForce === found.inForce && next.before?.placement === found.before?.placement) return;
      found = next;
      if (next.map !== net.map) net = new Net(next.map);
      placed = placedOf(next, net);
      const now = values();
      compute(now);
      controls(now);
      draw(now);
      offerPlans();
      const picked = pickedOf(now);
      if (picked) retell(picked);
    },
    plansChanged: () => void loadPlans(),
    update(now, before) {
      controls(now);
      const changed = (...names: (keyof MapValues)[]): boolean => names.some((name) => String(now[name]) !== String(before[name]));
      if (changed(...FILTER_NAMES, "by", "day", "commitment", "wipe")) compute(now);
      if (changed("at") && now.at !== told) {
        camera = readCamera(now.at);
        told = now.at;
        draw(now);
      } else if (changed(...FILTER_NAMES, "by", "day", "commitment", "wipe", "links", "bare")) draw(now);
      if (changed("table")) {
        drawn.show(now.table);
        wiped(now);
        if (!now.table) shownTable = null;
      }
      if (now.table && changed("rows", "sort", "down")) sorted(now, changed("rows"));
      if (changed("node", "site", "workload")) {
        if (opener === null) opener = document.activeElement;
        tell(pickedOf(now), true);
        mark(now);
      }
    },
    dispose() {
      window.clearTimeout(resting);
      forgetTheme();
      blind.dispose();
      drawn.dispose();
    },
  };

  /** Another table, or the same sorted otherwise by the URL alone. */
  function sorted(now: MapValues, other: boolean): void {
    const same = (given.sort?.key ?? "") === now.sort && (given.sort?.descending ?? false) === now.down;
    if (!other && same) return;
    shownTable = null;
    fillTable(now);
  }

  /** The world has changed: tell the story anew, without taking the focus or losing it. */
  function retell(picked: Picked): void {
    const inside = side.element.contains(document.activeElement);
    tell(picked, inside);
  }
}

function placedOf(found: Found, net: Net): Placed | null {
  return found.placement && found.placement.plan !== null ? new Placed(found.placement, net) : null;
}

function filtersOf(values: MapValues): Filters {
  const { model, policy, province, tier, state, kind, status } = values;
  return { model, policy, province, tier, state, kind, status };
}

function pickedOf({ node, site, workload }: MapValues): Picked | null {
  if (workload !== "") return { kind: "workload", id: workload };
  if (node !== "") return { kind: "node", id: node };
  return site === "" ? null : { kind: "site", id: site };
}

function pickValues(picked: Picked | null): Pick<MapValues, "node" | "site" | "workload"> {
  return { node: "", site: "", workload: "", ...(picked ? { [picked.kind]: picked.id } : {}) };
}

