/** What is looked at first, and where the home button leads: Korea, or whatever country the network stands in. */
import { provinceFeatures } from "../../../outline";
import type { Net } from "../model";
import type { Place, Scale } from "./spread";

/** What fits into the canvas at zoom 1; `aspect` is how much narrower a degree of longitude is drawn than one of latitude. */
export interface Home {
  west: number;
  south: number;
  east: number;
  north: number;
  aspect: number;
}

/** Pixels that stay free around it. */
export const MARGIN_PX = 16;
/** The cosine of Korea's latitude. */
const ASPECT = 0.81;
/** Nothing is looked at from nearer than this, in degrees: a single node has a neighbourhood. */
const LEAST = 0.05;
/** Parts of the width and height of a network that stay free around it. */
const AROUND = 0.06;

/** The outline of Korea. */
export const KOREA: Home = { ...boxOf(provinceFeatures().features.flatMap((one) => one.geometry.coordinates.flat(2)))!, aspect: ASPECT };

/** Where the network stands: Korea if half of it does, otherwise all of it; null where nothing has coordinates. */
export function homeOf(net: Net): Home | null {
  const places = [...net.map.nodes.id.map((_, at) => net.nodePosition(at)), ...net.map.sites.id.map((_, at) => net.sitePosition(at))].filter((one) => one !== null);
  const inside = places.filter(([lon, lat]) => lon >= KOREA.west && lon <= KOREA.east && lat >= KOREA.south && lat <= KOREA.north);
  if (inside.length > 0 && 2 * inside.length >= places.length) return KOREA;
  const box = boxOf(places);
  if (!box) return null;
  const middle = (box.south + box.north) / 2;
  const aspect = Math.max(0.1, Math.cos((middle * Math.PI) / 180));
  const [dx, dy] = [Math.max(LEAST / aspect, box.east - box.west) * AROUND, Math.max(LEAST, box.north - box.south) * AROUND];
  const wide = Math.max(0, LEAST / aspect - (box.east - box.west)) / 2 + dx;
  const high = Math.max(0, LEAST - (box.north - box.south)) / 2 + dy;
  return { west: box.west - wide, south: box.south - high, east: box.east + wide, north: box.north + high, aspect };
}

/** Pixels in a degree on a canvas of this size. */
export function scaleOf(home: Home, width: number, height: number, zoom: number): Scale {
  const across = Math.max(1, width - 2 * MARGIN_PX) / ((home.east - home.west) * home.aspect);
  const along = Math.max(1, height - 2 * MARGIN_PX) / (home.north - home.south);
  const lat = Math.min(across, along) * zoom;
  return { lon: lat * home.aspect, lat };
}

/** What all of these stand in. */
export function boxOf(places: readonly Place[]): Omit<Home, "aspect"> | null {
  if (places.length === 0) return null;
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [lon, lat] of places) {
    west = Math.min(west, lon);
    east = Math.max(east, lon);
    south = Math.min(south, lat);
    north = Math.max(north, lat);
  }
  return { west, south, east, north };
}
