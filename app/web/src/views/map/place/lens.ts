/** A lens over what stands closest together, such as a capital: the same nodes and sites several times as large, in a corner. */
import type { Net } from "../model";
import type { Scene } from "../scene";
import type { Trouble } from "../trouble";
import type { Frame } from "./camera";
import { scaleOf, type Home } from "./home";
import type { Place, Places, Twins } from "./spread";

/** What the lens shows, in degrees. */
export interface Region {
  west: number;
  south: number;
  east: number;
  north: number;
}

/** A part of the canvas, in pixels. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Where it is on the canvas: what it shows, with its title above. */
export interface Lens extends Region, Box {
  /** How far it is from the right edge. */
  right: number;
  /** What stands in it, and where it is drawn there. */
  scene: Scene;
  trouble: Trouble;
  places: Places;
}

const WIDTH = 290;
const HEIGHT = 230;
const MARGIN = 14;
/** The height of its title. */
export const TITLE_PX = 22;
/** How large it is drawn, in parts of its size: smaller only where it would hide something otherwise. */
const SIZES = [1, 0.8] as const;
/** The canvas must be so large, or it would hide what it explains. */
const ROOM = { width: 1_100, height: 360 } as const;
/** The part of the height of the view that it shows. */
const PART = 0.1;
/** Parts of the region in which nodes are counted. */
const CELLS = 3;
/** Fewer nodes than this can be told apart without it, more of them are too many for it. */
const LEAST = 12;
const MOST = 400;
/** How many provinces it is named after. */
const NAMED = 2;
/** Pixels from one twin to the next in it. */
const PITCH = 11;

/** The region in which most nodes stand; null where no place has many. */
export function regionOf(nodes: readonly number[], places: Places, home: Home): Region | null {
  const high = PART * (home.north - home.south);
  const wide = (high * WIDTH) / HEIGHT / home.aspect;
  const cells = new Map<string, number[]>();
  for (const at of nodes) {
    const place = places.node(at);
    if (!place || place[0] < home.west || place[0] > home.east || place[1] < home.south || place[1] > home.north) continue;
    const key = `${Math.floor((place[0] - home.west) / (wide / CELLS))}/${Math.floor((place[1] - home.south) / (high / CELLS))}`;
    const known = cells.get(key);
    if (known) known.push(at);
    else cells.set(key, [at]);
  }
  let best: number[] = [];
  for (const key of cells.keys()) {
    const [x, y] = key.split("/").map(Number) as [number, number];
    const here: number[] = [];
    for (let dx = 0; dx < CELLS; dx += 1) for (let dy = 0; dy < CELLS; dy += 1) here.push(...(cells.get(`${x + dx}/${y + dy}`) ?? []));
    if (here.length > best.length) best = here;
  }
  if (best.length < LEAST || best.length > MOST) return null;
  const found = best.map((at) => places.node(at)).filter((one): one is Place => one !== null);
  const middle = (axis: 0 | 1): number => (Math.min(...found.map((one) => one[axis])) + Math.max(...found.map((one) => one[axis]))) / 2;
  const [lon, lat] = [middle(0), middle(1)];
  return { west: lon - wide / 2, east: lon + wide / 2, south: lat - high / 2, north: lat + high / 2 };
}

/** A canvas: its size, what floats above it, and where the network is on it while all of it is looked at. */
export interface Canvas {
  width: number;
  height: number;
  taken: readonly Box[];
  home: Home;
}

/** The lens over a region, where it lies under nothing and hides least of the map; null where there is no room for it. */
export function lensOf(region: Region | null, scene: Scene, trouble: Trouble, twins: Twins, canvas: Canvas): Lens | null {
  if (!region || canvas.width < ROOM.width || canvas.height < ROOM.height) return null;
  const box = freeBox(region, scene, twins, canvas);
  if (!box) return null;
  const { left, width, height } = box;
  const inside = (place: Place | null): boolean => place !== null && place[0] > region.west && place[0] < region.east && place[1] > region.south && place[1] < region.north;
  const node = (at: number): boolean => inside(twins.alone.node(at));
  const site = (at: number): boolean => inside(twins.alone.site(at));
  const of = (all: readonly number[], kept: (at: number) => boolean): number[] => all.filter(kept);
  return {
    ...region,
    ...box,
    right: canvas.width - left - width,
    scene: { nodes: of(scene.nodes, node), sites: of(scene.sites, site), shards: [], flows: [], short: scene.short },
    trouble: { refused: of(trouble.refused, site), disturbed: of(trouble.disturbed, node), draining: of(trouble.draining, node), failed: of(trouble.failed, node) },
    places: twins.spread({ lon: width / (region.east - region.west), lat: height / (region.north - region.south) }, PITCH),
  };
}

/** The best place for it: beside the edges of the canvas, or beside and below what floats above it. */
function freeBox(region: Region, scene: Scene, twins: Twins, { width, height, taken, home }: Canvas): Box | null {
  const scale = scaleOf(home, width, height, 1);
  const at = ([lon, lat]: Place): Place => [width / 2 + (lon - (home.west + home.east) / 2) * scale.lon, height / 2 - (lat - (home.south + home.north) / 2) * scale.lat];
  const things = [...scene.nodes.map((one) => twins.alone.node(one)), ...scene.sites.map((one) => twins.alone.site(one))].filter((one) => one !== null).map(at);
  const [west, north] = at([region.west, region.north]);
  const [east, south] = at([region.east, region.south]);
  const magnified: Box = { left: west, top: north, width: east - west, height: south - north };
  let best: Box | null = null;
  let least = Infinity;
  for (const size of SIZES) {
    const [wide, high] = [Math.round(WIDTH * size), Math.round(HEIGHT * size) + TITLE_PX];
    const lefts = [width - MARGIN - wide, ...taken.map((one) => one.left - MARGIN - wide), ...taken.map((one) => one.left + one.width + MARGIN), MARGIN];
    for (const top of [MARGIN, ...taken.map((one) => one.top + one.height + MARGIN), height - MARGIN - high]) {
      for (const left of lefts) {
        const box = { left, top, width: wide, height: high };
        if (left < MARGIN || left + wide > width - MARGIN || top + high > height - MARGIN || [...taken, magnified].some((one) => overlap(one, box))) continue;
        const hidden = things.filter(([x, y]) => x > left && x < left + wide && y > top && y < top + high).length;
        if (hidden >= least) continue;
        best = { ...box, top: top + TITLE_PX, height: high - TITLE_PX };
        least = hidden;
        if (hidden === 0) return best;
      }
    }
  }
  return best;
}

const overlap = (a: Box, b: Box): boolean => a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.top + b.height && b.top < a.top + a.height;

/** Where the canvas has what the lens shows. */
export function lensFrame({ left, top, width, height, west, south, east, north }: Lens): Pick<Frame, "x" | "y"> {
  return { x: (lon) => left + ((lon - west) / (east - west)) * width, y: (lat) => top + ((north - lat) / (north - south)) * height };
}

/** All of it, with its title. */
export const lensBox = ({ left, top, width, height }: Lens): Box => ({ left, top: top - TITLE_PX, width, height: height + TITLE_PX });

export const inLens = (lens: Lens | null, x: number, y: number): lens is Lens =>
  lens !== null && x >= lens.left && x <= lens.left + lens.width && y >= lens.top - TITLE_PX && y <= lens.top + lens.height;

/** The provinces in which most of its nodes stand. */
export function lensProvinces(net: Net, { scene }: Lens): string[] {
  const count = new Map<number, number>();
  for (const at of scene.nodes) {
    const province = net.map.nodes.province[at] ?? -1;
    if (province >= 0) count.set(province, (count.get(province) ?? 0) + 1);
  }
  return [...count].toSorted((a, b) => b[1] - a[1]).slice(0, NAMED).map(([province]) => net.map.provinces[province] ?? "");
}
