/**
 * The scene as an option of ECharts: land, flows, nodes and sites, each on a canvas layer of its own, so that what moves
 * above does not paint what lies below anew.
 */
import { LinesChart, ScatterChart } from "echarts/charts";
import { GeoComponent } from "echarts/components";
import type { EChartsCoreOption } from "echarts/core";
import { registerMap, use } from "../../chart";
import { provinceFeatures } from "../../outline";
import type { Tokens } from "../../theme";
import type { Colouring } from "./colours";
import type { Net } from "./model";
import { bandsOf, type Scene } from "./scene";

use([ScatterChart, LinesChart, GeoComponent]);
registerMap("provinces", provinceFeatures() as unknown as Parameters<typeof registerMap>[1]);

/** The cosine of Korea's latitude. */
const ASPECT = 0.81;
export const MARGIN_PX = 16;

const LAND = 0;
const FLOWS = 1;
const POINTS = 2;
/** The layer of what is picked, above all others. */
export const PICKED = 3;

/** Diameters of nodes by tier, in pixels; the last is for tiers that are not known. */
const TIER_PX: Record<string, number> = { onsite: 5, mec: 6, metro: 7, regional: 10, core: 12 };
/** With more nodes than this they are drawn smaller. */
const MANY_NODES = 2_000;
const MANY_FLOWS = 3_000;

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
  links: boolean;
  flows: boolean;
  /** The words of the tooltip of a node or site. */
  tip(kind: "node" | "site", at: number): string;
}

/** The diameter of a node: where there are many they are small, until one comes near. */
export function nodeSize(tier: string, nodes: number, zoom: number): number {
  const size = TIER_PX[tier] ?? 7;
  return nodes > MANY_NODES ? Math.max(2, Math.round(size * (SMALLER[nearness(zoom)] ?? 1))) : size;
}

/** In how many steps one has come near; sizes change with them. */
export const nearness = (zoom: number): number => (zoom < 1.8 ? 0 : zoom < 4 ? 1 : 2);
const SMALLER = [0.4, 0.6, 1] as const;

export function optionOf(drawn: Drawn, tokens: Tokens): EChartsCoreOption {
  const { net, scene, camera } = drawn;
  const series: Record<string, unknown>[] = [];
  if (drawn.links) series.push(linkSeries(net, scene, tokens));
  if (drawn.flows) series.push(...flowSeries(drawn, tokens));
  series.push(...siteSeries(drawn, tokens), ...nodeSeries(drawn, tokens), ...stateSeries(drawn, tokens));
  // A series without anything in it is not for ECharts' large mode.
  const some = series.filter((one) => (one["data"] as Float64Array).length > 0);
  return {
    animation: false,
    geo: {
      map: "provinces",
      roam: true,
      scaleLimit: { min: 0.8, max: 60 },
      top: MARGIN_PX,
      bottom: MARGIN_PX,
      left: MARGIN_PX,
      right: MARGIN_PX,
      preserveAspect: "contain",
      aspectScale: ASPECT,
      silent: true,
      zlevel: LAND,
      itemStyle: { areaColor: tokens.land, borderColor: tokens.coast, borderWidth: 0.8 },
      ...(camera ? { center: [camera.lon, camera.lat], zoom: camera.zoom } : {}),
    },
    series: some,
  };
}

function linkSeries(net: Net, scene: Scene, tokens: Tokens): Record<string, unknown> {
  const { source, target } = net.map.links;
  const shown = new Uint8Array(net.map.nodes.id.length);
  for (const at of scene.nodes) shown[at] = 1;
  const ends: number[] = [];
  source.forEach((from, i) => {
    const to = target[i] ?? -1;
    if (!shown[from] || !shown[to]) return;
    const [a, b] = [net.nodePosition(from), net.nodePosition(to)];
    if (a && b) ends.push(2, a[0], a[1], b[0], b[1]);
  });
  return {
    id: "links",
    ...lines(ends),
    zlevel: FLOWS,
    z: 1,
    lineStyle: { color: tokens.quiet, width: 0.8, opacity: 0.45 },
  };
}

/** Flows by colour and by how many devices they carry: the more, the stronger. */
function flowSeries({ net, scene, colours }: Drawn, tokens: Tokens): Record<string, unknown>[] {
  const many = scene.flows.length > MANY_FLOWS;
  const bands = bandsOf(scene.flows);
  const width = many ? [0.5, 0.7, 1] : [0.8, 1.3, 2.2];
  const opacity = many ? [0.1, 0.18, 0.35] : [0.35, 0.5, 0.7];
  const ends = new Map<string, number[]>();
  for (const flow of scene.flows) {
    const [a, b] = [net.sitePosition(flow.site), net.nodePosition(flow.node)];
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
        curveness: 0.16,
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
    zlevel: POINTS,
    large: true,
    largeThreshold: 0,
    progressive: 0,
    dimensions: ["lon", "lat", "at"],
    data: Float64Array.from(data),
  };
}

function siteSeries({ net, scene, camera, tip }: Drawn, tokens: Tokens): Record<string, unknown>[] {
  const size = scene.sites.length > MANY_NODES / 2 ? 5 + 2 * nearness(camera?.zoom ?? 1) : 9;
  const groups = new Map<string, number[]>();
  for (const at of scene.sites) {
    const where = net.sitePosition(at);
    if (!where) continue;
    const kind = net.map.kinds[net.map.sites.kind[at] ?? -1] ?? "";
    const key = `${kind}/${scene.short.has(at) ? "short" : ""}`;
    const found = groups.get(key);
    if (found) found.push(where[0], where[1], at);
    else groups.set(key, [where[0], where[1], at]);
  }
  return [...groups].map(([key, data]) => {
    const [kind, short] = key.split("/") as [string, string];
    return {
      id: `sites-${key}`,
      ...points(data),
      z: short ? 2 : 1,
      symbol: KIND_SYMBOLS[kind] ?? "rect",
      symbolSize: size,
      itemStyle: { color: tokens.surface, borderColor: short ? tokens.bad : tokens.quiet, borderWidth: size < 7 ? 0.8 : 1.2, opacity: 1 },
      tooltip: { formatter: (one: { value: number[] }) => tip("site", one.value[2] ?? -1) },
    };
  });
}

function nodeSeries({ net, scene, colours, camera, tip }: Drawn, tokens: Tokens): Record<string, unknown>[] {
  const groups = new Map<string, number[]>();
  for (const at of scene.nodes) {
    const where = net.nodePosition(at);
    if (!where) continue;
    const tier = net.map.tiers[net.map.nodes.tier[at] ?? -1] ?? "";
    const key = `${tier}/${colours.node(at)}`;
    const found = groups.get(key);
    if (found) found.push(where[0], where[1], at);
    else groups.set(key, [where[0], where[1], at]);
  }
  return [...groups].map(([key, data]) => {
    const [tier, place] = key.split("/") as [string, string];
    const size = nodeSize(tier, scene.nodes.length, camera?.zoom ?? 1);
    return {
      id: `nodes-${key}`,
      ...points(data),
      z: 3,
      symbol: "circle",
      symbolSize: size,
      itemStyle: {
        color: colours.classes[Number(place)]?.colour(tokens) ?? tokens.quiet,
        borderColor: tokens.surface,
        borderWidth: size > 4 ? 1 : 0,
        opacity: 1,
      },
      tooltip: { formatter: (one: { value: number[] }) => tip("node", one.value[2] ?? -1) },
    };
  });
}

/** Rings around nodes that drain, crosses over those that have failed. */
function stateSeries({ net, scene }: Drawn, tokens: Tokens): Record<string, unknown>[] {
  const at = (state: string): number[] =>
    scene.nodes.flatMap((node) => {
      const where = net.map.states[net.map.nodes.state[node] ?? -1] === state ? net.nodePosition(node) : null;
      return where ? [where[0], where[1], node] : [];
    });
  const ring = { ...points(at("draining")), id: "draining", silent: true, z: 5, symbol: "circle", symbolSize: 15 };
  const cross = { ...points(at("failed")), id: "failed", silent: true, z: 5, symbol: CROSS, symbolSize: 12 };
  return [
    { ...ring, itemStyle: { color: "transparent", borderColor: tokens.warn, borderWidth: 2.2, opacity: 1 } },
    { ...cross, itemStyle: { color: tokens.bad, borderColor: tokens.surface, borderWidth: 0.6, opacity: 1 } },
  ];
}

/** A saltire. */
export const CROSS = "path://M0,3 L3,0 L10,7 L17,0 L20,3 L13,10 L20,17 L17,20 L10,13 L3,20 L0,17 L7,10 Z";
