/**
 * The scene as an option of ECharts: land, flows, nodes and sites, each on a canvas layer of its own, so that what moves
 * above does not paint what lies below anew.
 */
import { LinesChart, ScatterChart } from "echarts/charts";
import { GeoComponent } from "echarts/components";
import type { EChartsCoreOption } from "echarts/core";
import { registerMap, use } from "../../../chart";
import { provinceFeatures } from "../../../outline";
import type { Tokens } from "../../../theme";
import type { Net, Placed } from "../model";
import { MARGIN_PX, type Home } from "../place/home";
import type { Inset } from "../place/insets";
import type { Lens } from "../place/lens";
import type { Place, Places } from "../place/spread";
import { bandsOf, type Scene } from "../scene";
import type { Faint, Trouble, TroubleKind } from "../trouble";
import { BUNDLE_PX, bandOf, type Bundle } from "./bundles";
import type { Colouring } from "./colours";
import { CURVENESS } from "./curves";
import { LINK_PX, linkColour, linkEnds, linkStep, linksOf } from "./links";

use([ScatterChart, LinesChart, GeoComponent]);
registerMap("provinces", provinceFeatures() as unknown as Parameters<typeof registerMap>[1]);

const LAND = 0;
const FLOWS = 1;
const POINTS = 2;
/** The layer of what is picked, above all but what is in trouble, and names. */
export const PICKED = 3;
const TROUBLE = 4;
/** The layer of the lens, above all of the map. */
export const LENS = 5;
/** Where a veil lies in it: above what stands there, below what is in trouble. */
export const LENS_VEIL = 6;
export const LABELS = 6;

/** Diameters of nodes by tier, in pixels; the last is for tiers that are not known. */
const TIER_PX: Record<string, number> = { onsite: 5, mec: 6, metro: 7, regional: 10, core: 12 };
/** Diameters of the marks of trouble: larger than anything else. */
export const TROUBLE_PX: Record<TroubleKind, number> = { refused: 14, disturbed: 16, draining: 18, failed: 22 };
/** How large what is hollow is drawn, in parts of its size, and the least of it, in pixels. */
const HOLLOW = 0.75;
const HOLLOW_PX = 4;
/** With more nodes than this they are drawn smaller. */
const MANY_NODES = 2_000;
const MANY_FLOWS = 3_000;
/** More marks of trouble than this go without the glyph inside. */
const MANY_GLYPHS = 1_000;

export const KIND_SYMBOLS: Record<string, string> = { factory: "rect", port: "triangle", logistics: "diamond" };

/** What is looked at: the middle of the canvas, and how often the whole country would fit beside itself. */
export interface Camera {
  lon: number;
  lat: number;
  zoom: number;
}

export interface Drawn {
  net: Net;
  scene: Scene;
  colours: Colouring;
  camera: Camera | null;
  home: Home;
  /** Where everything stands, so that nothing hides its twin. */
  places: Places;
  trouble: Trouble;
  /** Nodes that are drawn small and hollow. */
  faint: ReadonlyMap<number, Faint>;
  insets: readonly Inset[];
  lens: Lens | null;
  placed: Placed | null;
  /** What is drawn in place of flows, while the whole country is looked at. */
  bundles: readonly Bundle[] | null;
  links: boolean;
  flows: boolean;
}

/** The diameter of a node: where there are many they are small, until one comes near. */
export function nodeSize(tier: string, nodes: number, zoom: number): number {
  const size = TIER_PX[tier] ?? 7;
  return nodes > MANY_NODES ? Math.max(2, Math.round(size * (SMALLER[nearness(zoom)] ?? 1))) : size;
}

/** The distance of things that stand at one place: as much as the larger of them need side by side. */
export const pitchOf = (nodes: number, zoom: number): number => (nodes > MANY_NODES ? 5 + 3 * nearness(zoom) : 11);

/** In how many steps one has come near; sizes change with them. */
export const nearness = (zoom: number): number => (zoom < 1.8 ? 0 : zoom < 4 ? 1 : 2);
const SMALLER = [0.4, 0.6, 1] as const;

export function optionOf(drawn: Drawn, tokens: Tokens): EChartsCoreOption {
  const { camera, home, lens } = drawn;
  const series: Record<string, unknown>[] = [];
  series.push(insetSeries(drawn, tokens));
  if (drawn.links) series.push(...linkSeries(drawn, tokens));
  if (drawn.flows) series.push(...(drawn.bundles ? bundleSeries(drawn, tokens) : flowSeries(drawn, tokens)));
  series.push(...siteSeries(drawn, tokens), ...nodeSeries(drawn, tokens), ...troubleSeries(drawn, tokens));
  if (lens) series.push(...lensSeries(drawn, lens, tokens));
  // A series without anything in it is not for ECharts' large mode.
  const some = series.filter((one) => (one["data"] as Float64Array).length > 0);
  return {
    animation: false,
    // What is pointed at is found and told by the layer of what is picked: ECharts' own tooltip lies below it.
    tooltip: { show: false },
    geo: [{
      map: "provinces",
      roam: true,
      scaleLimit: { min: 0.8, max: 60 },
      top: MARGIN_PX,
      bottom: MARGIN_PX,
      left: MARGIN_PX,
      right: MARGIN_PX,
      preserveAspect: "contain",
      aspectScale: home.aspect,
      boundingCoords: [
        [home.west, home.north],
        [home.east, home.south],
      ],
      silent: true,
      zlevel: LAND,
      itemStyle: { areaColor: tokens.land, borderColor: tokens.coast, borderWidth: 0.8 },
      ...(camera ? { center: [camera.lon, camera.lat], zoom: camera.zoom } : {}),
    }, ...(lens ? [lensGeo(lens, home, tokens)] : [])],
    series: some,
  };
}

/** Links by how full they are; those that carry nothing are thin. */
function linkSeries({ net, scene, placed, places }: Drawn, tokens: Tokens): Record<string, unknown>[] {
  const steps = LINK_PX.map((): number[] => []);
  for (const link of linksOf(net, scene)) {
    const ends = linkEnds(net, places, link);
    if (ends) steps[linkStep(placed, link)]?.push(2, ...ends[0], ...ends[1]);
  }
  return steps.map((ends, step) => ({
    id: `links-${step}`,
    ...lines(ends),
    zlevel: FLOWS,
    z: step === 0 ? 1 : 3 + step / 10,
    lineStyle: { color: linkColour(tokens, step), width: LINK_PX[step], opacity: step === 0 ? 0.4 : 0.9 },
  }));
}

/** Bundles, as wide as they carry devices. */
function bundleSeries({ bundles, colours }: Drawn, tokens: Tokens): Record<string, unknown>[] {
  const all = bundles ?? [];
  const most = Math.max(1, ...all.map((one) => one.devices));
  const groups = new Map<string, number[]>();
  for (const one of all) {
    const key = `${one.disturbed ? "disturbed" : one.colour}/${bandOf(one.devices, most)}`;
    const found = groups.get(key);
    if (found) found.push(2, ...one.from, ...one.to);
    else groups.set(key, [2, ...one.from, ...one.to]);
  }
  return [...groups].map(([key, data]) => {
    const [name, band] = key.split("/") as [string, string];
    const disturbed = name === "disturbed";
    return {
      id: `bundles-${key}`,
      ...lines(data),
      zlevel: FLOWS,
      z: disturbed ? 4 : 2 + Number(band) / 10,
      lineStyle: {
        color: disturbed ? tokens.bad : (colours.classes[Number(name)]?.colour(tokens) ?? tokens.quiet),
        width: BUNDLE_PX[Number(band)],
        opacity: disturbed ? 0.85 : 0.6,
        curveness: CURVENESS,
      },
    };
  });
}

/** The land in the lens. */
function lensGeo({ west, south, east, north, right, top, width, height }: Lens, home: Home, tokens: Tokens): Record<string, unknown> {
  return {
    map: "provinces",
    ...{ right, top, width, height },
    preserveAspect: "contain",
    aspectScale: home.aspect,
    boundingCoords: [
      [west, north],
      [east, south],
    ],
    clip: true,
    silent: true,
    zlevel: LENS,
    z: 1,
    itemStyle: { areaColor: tokens.land, borderColor: tokens.coast, borderWidth: 0.8 },
  };
}

/** What stands in the lens, drawn as if one had come near. */
function lensSeries(drawn: Drawn, { scene, trouble, places }: Lens, tokens: Tokens): Record<string, unknown>[] {
  const near: Drawn = { ...drawn, scene, trouble, places };
  return [...siteSeries(near, tokens), ...nodeSeries(near, tokens), ...troubleSeries(near, tokens)].map((one) => ({
    ...one,
    id: `lens-${String(one["id"])}`,
    geoIndex: 1,
    zlevel: LENS,
    z: 2 + Number(one["z"]),
  }));
}

/** The frames of insets, and of what the lens shows. */
function insetSeries({ insets, lens }: Drawn, tokens: Tokens): Record<string, unknown> {
  const data = [...insets, ...(lens ? [lens] : [])].flatMap(({ west, south, east, north }) => [5, west, south, east, south, east, north, west, north, west, south]);
  return { id: "insets", ...lines(data), polyline: true, zlevel: FLOWS, z: 0, lineStyle: { color: tokens.quiet, width: 1, opacity: 0.8 } };
}

/** Flows by colour and by how many devices they carry: the more, the stronger. */
function flowSeries({ scene, colours, places }: Drawn, tokens: Tokens): Record<string, unknown>[] {
  const many = scene.flows.length > MANY_FLOWS;
  const bands = bandsOf(scene.flows);
  const width = many ? [0.5, 0.7, 1] : [0.8, 1.3, 2.2];
  const opacity = many ? [0.1, 0.18, 0.35] : [0.35, 0.5, 0.7];
  const ends = new Map<string, number[]>();
  for (const flow of scene.flows) {
    const [a, b] = [places.site(flow.site), places.node(flow.node)];
    if (!a || !b) continue;
    const band = flow.devices > bands[1] ? 2 : flow.devices > bands[0] ? 1 : 0;
    const key = `${flow.disturbed ? "disturbed" : colours.flow(flow)}/${band}`;
    const found = ends.get(key);
    if (found) found.push(2, a[0], a[1], b[0], b[1]);
    else ends.set(key, [2, a[0], a[1], b[0], b[1]]);
  }
  return [...ends].map(([key, data]) => {
    const [name, band] = key.split("/") as [string, string];
    const disturbed = name === "disturbed";
    const strength = Number(band);
    return {
      id: `flows-${key}`,
      ...lines(data),
      zlevel: FLOWS,
      z: disturbed ? 4 : 2 + strength / 4,
      lineStyle: {
        color: disturbed ? tokens.bad : (colours.classes[Number(name)]?.colour(tokens) ?? tokens.quiet),
        width: (width[strength] ?? 1) + (disturbed ? 0.6 : 0),
        opacity: disturbed ? 0.85 : opacity[strength],
        curveness: CURVENESS,
      },
    };
  });
}

function lines(data: number[]): Record<string, unknown> {
  return {
    type: "lines",
    coordinateSystem: "geo",
    silent: true,
    large: true,
    largeThreshold: 0,
    progressive: 0,
    data: Float64Array.from(data),
  };
}

function points(data: number[]): Record<string, unknown> {
  return {
    type: "scatter",
    coordinateSystem: "geo",
    silent: true,
    zlevel: POINTS,
    large: true,
    largeThreshold: 0,
    progressive: 0,
    dimensions: ["lon", "lat", "at"],
    data: Float64Array.from(data),
  };
}

function siteSeries({ net, scene, camera, places }: Drawn, tokens: Tokens): Record<string, unknown>[] {
  const size = scene.sites.length > MANY_NODES / 2 ? 5 + 2 * nearness(camera?.zoom ?? 1) : 9;
  const groups = grouped(scene.sites.filter((at) => !scene.short.has(at)), places.site, (at) => kindOf(net, at));
  return [...groups].map(([kind, data]) => ({
    id: `sites-${kind}`,
    ...points(data),
    z: 1,
    symbol: KIND_SYMBOLS[kind] ?? "rect",
    symbolSize: size,
    itemStyle: { color: tokens.surface, borderColor: tokens.quiet, borderWidth: size < 7 ? 0.8 : 1.2, opacity: 1 },
  }));
}

/** Nodes by tier and colour; what is not used is small and hollow and lies beneath the others, ghosts are dashed as well. */
function nodeSeries({ net, scene, colours, camera, places, faint }: Drawn, tokens: Tokens): Record<string, unknown>[] {
  const tier = (at: number): string => net.map.tiers[net.map.nodes.tier[at] ?? -1] ?? "";
  const groups = grouped(scene.nodes, places.node, (at) => `${tier(at)}/${colours.node(at)}/${faint.get(at) ?? ""}`);
  return [...groups].map(([key, data]) => {
    const [tier, place, hollow] = key.split("/") as [string, string, string];
    const size = nodeSize(tier, scene.nodes.length, camera?.zoom ?? 1);
    const colour = colours.classes[Number(place)]?.colour(tokens) ?? tokens.quiet;
    const small = Math.max(HOLLOW_PX, Math.round(size * HOLLOW));
    return {
      id: `nodes-${key}`,
      ...points(data),
      z: hollow ? 2 : 3,
      symbol: "circle",
      // Below four pixels there is no room for a hole: what is hollow is as small as the others then.
      symbolSize: hollow ? Math.min(size, small) : size,
      itemStyle:
        hollow && size >= HOLLOW_PX
          ? { color: tokens.surface, borderColor: colour === tokens.coast ? tokens.quiet : colour, borderWidth: 1.2, borderType: hollow === "ghost" ? "dashed" : "solid", opacity: 1 }
          : { color: colour, borderColor: tokens.surface, borderWidth: size > 4 ? 1 : 0, opacity: 1 },
    };
  });
}

/**
 * What is in trouble, above all else and larger: sites that were refused something, bullseyes where something is disturbed,
 * rings with an arrow down where a node drains, discs with a cross where one has failed.
 */
function troubleSeries({ net, trouble, places }: Drawn, tokens: Tokens): Record<string, unknown>[] {
  const glyphs = trouble.draining.length + trouble.failed.length <= MANY_GLYPHS;
  const series = (kind: TroubleKind, z: number, symbol: string, size: number, itemStyle: object, all: readonly number[] = trouble[kind]): Record<string, unknown> => {
    const of = kind === "refused" ? "site" : "node";
    return {
      id: `${kind}-${symbol.slice(0, 12)}-${z}`,
      ...points(flat(all, of === "site" ? places.site : places.node)),
      // A path is no shape of ECharts' large mode, which draws nothing in its place.
      large: !symbol.startsWith("path://"),
      zlevel: TROUBLE,
      z,
      symbol,
      symbolSize: size,
      itemStyle: { opacity: 1, ...itemStyle },
    };
  };
  const { refused, disturbed, draining, failed } = TROUBLE_PX;
  const kinds = [...new Set(trouble.refused.map((at) => kindOf(net, at)))];
  return [
    ...kinds.map((kind) =>
      series("refused", 5, KIND_SYMBOLS[kind] ?? "rect", refused, { color: tokens.surface, borderColor: tokens.bad, borderWidth: 2.2 }, trouble.refused.filter((at) => kindOf(net, at) === kind)),
    ),
    series("disturbed", 6, "circle", disturbed, { color: tokens.surface, borderColor: tokens.bad, borderWidth: 2.2 }),
    series("disturbed", 7, "circle", 6, { color: tokens.bad }),
    series("draining", 8, "circle", draining, { color: tokens.surface, borderColor: tokens.warn, borderWidth: 2.6 }),
    ...(glyphs ? [series("draining", 9, DOWN, 8, { color: tokens.warn })] : []),
    series("failed", 10, "circle", failed, { color: tokens.bad, borderColor: tokens.surface, borderWidth: 1.6 }),
    ...(glyphs ? [series("failed", 11, CROSS, 11, { color: tokens.surface })] : []),
  ];
}

const kindOf = (net: Net, site: number): string => net.map.kinds[net.map.sites.kind[site] ?? -1] ?? "";

/** Longitude, latitude and place of each, one after the other; what has no coordinates is left out. */
function flat(all: readonly number[], where: (at: number) => Place | null): number[] {
  return all.flatMap((at) => {
    const place = where(at);
    return place ? [place[0], place[1], at] : [];
  });
}

/** The same by a word about each. */
function grouped(all: readonly number[], where: (at: number) => Place | null, word: (at: number) => string): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const at of all) {
    const place = where(at);
    if (!place) continue;
    const key = word(at);
    const found = groups.get(key);
    if (found) found.push(place[0], place[1], at);
    else groups.set(key, [place[0], place[1], at]);
  }
  return groups;
}

/** A saltire. */
const CROSS = "path://M0,3 L3,0 L10,7 L17,0 L20,3 L13,10 L20,17 L17,20 L10,13 L3,20 L0,17 L7,10 Z";
/** An arrow down. */
const DOWN = "path://M0,5 L10,17 L20,5 Z";
