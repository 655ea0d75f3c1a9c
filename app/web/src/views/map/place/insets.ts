/**
 * Insets: what lies far off the view that is looked at first is drawn in a frame of its own beside it, as atlases do with islands.
 *
 * A frame stands in the sea of the map itself and moves with it, so that whatever is drawn, hit and named there goes
 * the same way as everywhere else.
 */
import { provinceFeatures } from "../../../outline";
import type { Net } from "../model";
import { KOREA, type Home } from "./home";
import type { Place, Places } from "./spread";

export interface Inset {
  /** The country of most that stands in it; empty where none is known. */
  country: string;
  west: number;
  south: number;
  east: number;
  north: number;
  nodes: number[];
  sites: number[];
}

export interface Insets {
  frames: readonly Inset[];
  /** Where everything stands: in its frame, or else where it is. */
  places: Places;
}

/** A frame as a part of the view, and how far it stays from its edges. */
const WIDE = 0.19;
const HIGH = 0.13;
const AWAY = 0.015;
/** What lies so many degrees from a frame's middle goes into the same frame. */
const NEAR = 4;
/** So many frames at most: what is left goes into the last. */
const MOST = 3;
/** A frame shows no less than this, in degrees, and leaves so much of itself free around what stands in it. */
const LEAST = 0.5;
const INSIDE = 0.22;

interface Thing {
  kind: "nodes" | "sites";
  at: number;
  place: Place;
}

/** The insets of a network that is looked at from `home`; none unless that is a country that not all of it stands in. */
export function insetsOf(net: Net, home: Home | null): Insets {
  const plain: Places = { node: (at) => net.nodePosition(at), site: (at) => net.sitePosition(at) };
  const frames: Inset[] = [];
  const moved = { nodes: new Map<number, Place>(), sites: new Map<number, Place>() };
  if (home === KOREA) {
    const all = everything(net);
    const free = cornersOf(home, all.map((one) => one.place));
    for (const group of groupsOf(all.filter(({ place }) => !within(home, place)))) {
      const places = group.map((one) => one.place);
      const corner = free.splice(nearestOf(free, places[0] ?? [0, 0]), 1)[0];
      if (!corner) break;
      const inside = fitted(corner, places, home.aspect);
      for (const { kind, at, place } of group) moved[kind].set(at, inside(place));
      const nodes = group.filter((one) => one.kind === "nodes").map((one) => one.at);
      const sites = group.filter((one) => one.kind === "sites").map((one) => one.at);
      const { hides: _, ...frame } = corner;
      frames.push({ ...frame, country: mostOf(nodes.map((at) => net.map.countries[net.map.nodes.country[at] ?? -1] ?? "")), nodes, sites });
    }
  }
  return { frames, places: { node: (at) => moved.nodes.get(at) ?? plain.node(at), site: (at) => moved.sites.get(at) ?? plain.site(at) } };
}

function everything(net: Net): Thing[] {
  const of = (kind: Thing["kind"], count: number, where: (at: number) => Place | null): Thing[] =>
    Array.from({ length: count }, (_, at) => ({ kind, at, place: where(at) })).filter((one): one is Thing => one.place !== null);
  return [...of("nodes", net.map.nodes.id.length, (at) => net.nodePosition(at)), ...of("sites", net.map.sites.id.length, (at) => net.sitePosition(at))];
}

const within = (box: Omit<Home, "aspect">, [lon, lat]: Place): boolean => lon >= box.west && lon <= box.east && lat >= box.south && lat <= box.north;

/** What lies together, as it comes. */
function groupsOf(things: readonly Thing[]): Thing[][] {
  const groups: Thing[][] = [];
  for (const thing of things) {
    const near = groups.find(([first]) => first && Math.hypot(first.place[0] - thing.place[0], first.place[1] - thing.place[1]) < NEAR);
    if (near) near.push(thing);
    else if (groups.length < MOST) groups.push([thing]);
    else groups.at(-1)?.push(thing);
  }
  return groups;
}

/** A part of the view that a frame may take, and how much it would hide. */
interface Corner extends Omit<Home, "aspect"> {
  hides: number;
}

/** Where frames may be: along both sides of the view. */
function cornersOf(home: Home, places: readonly Place[]): Corner[] {
  const [dx, dy] = [home.east - home.west, home.north - home.south];
  const [wide, high] = [WIDE * dx, HIGH * dy];
  const lefts = [home.east - AWAY * dx - wide, home.west + AWAY * dx];
  const lows = [home.south + AWAY * dy, home.south + 0.3 * dy, home.north - AWAY * dy - high];
  const land = provinceFeatures().features.flatMap((one) => one.geometry.coordinates.flat(2));
  return lows
    .flatMap((south) => lefts.map((west) => ({ west, south, east: west + wide, north: south + high })))
    .map((box) => ({ ...box, hides: 100 * places.filter((place) => within(box, place)).length + land.filter((place) => within(box, place)).length }));
}

/** Of those corners that hide least, the one on whose side a place lies. */
function nearestOf(corners: readonly Corner[], [lon, lat]: Place): number {
  const far = ({ west, east, south, north }: Corner): number => Math.hypot((west + east) / 2 - lon, (south + north) / 2 - lat);
  const best = corners.map((_, i) => i).toSorted((a, b) => {
    const [one, other] = [corners[a], corners[b]];
    return one && other ? one.hides - other.hides || far(one) - far(other) : 0;
  });
  return best[0] ?? 0;
}

/** How places are put into a frame: all of them as large as they fit, none stretched. */
function fitted(frame: Omit<Home, "aspect">, places: readonly Place[], aspect: number): (place: Place) => Place {
  const [lons, lats] = [places.map(([lon]) => lon), places.map(([, lat]) => lat)];
  const [west, east, south, north] = [Math.min(...lons), Math.max(...lons), Math.min(...lats), Math.max(...lats)];
  const free = 1 - 2 * INSIDE;
  const scale = Math.min(((frame.east - frame.west) * free) / Math.max(LEAST / aspect, east - west), ((frame.north - frame.south) * free) / Math.max(LEAST, north - south));
  const [x, y] = [(frame.west + frame.east) / 2, (frame.south + frame.north) / 2];
  return ([lon, lat]) => [x + (lon - (west + east) / 2) * scale, y + (lat - (south + north) / 2) * scale];
}

function mostOf(words: readonly string[]): string {
  const count = new Map<string, number>();
  for (const word of words) count.set(word, (count.get(word) ?? 0) + 1);
  return [...count].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? "";
}
