/** Where on the canvas a place is, and what stands at a point of the canvas. */
import type { ECharts } from "echarts/core";
import type { Camera } from "../drawing/drawing";
import { boxOf, scaleOf, type Home } from "./home";
import type { Place } from "./spread";

/** What is framed takes this part of the canvas, and is not looked at from nearer than this. */
const FILLED = 0.6;
const NEAREST = 8;

/** Longitude and latitude to pixels: the map has no projection but a scale in each direction. */
export interface Frame {
  x(lon: number): number;
  y(lat: number): number;
  /** The place in the middle of the canvas, and pixels in a degree of longitude and of latitude. */
  lon: number;
  lat: number;
  scale: number;
  scaleLat: number;
}

export function frameOf(engine: ECharts): Frame | null {
  const a = engine.convertToPixel("geo", [126, 34]) as number[] | undefined;
  const b = engine.convertToPixel("geo", [130, 38]) as number[] | undefined;
  if (!a || !b || a[0] === undefined || b[0] === undefined || a[1] === undefined || b[1] === undefined) return null;
  const [ax, ay, kx, ky] = [a[0], a[1], (b[0] - a[0]) / 4, (b[1] - a[1]) / 4];
  return {
    x: (lon) => ax + (lon - 126) * kx,
    y: (lat) => ay + (lat - 34) * ky,
    lon: 126 + (engine.getWidth() / 2 - ax) / kx,
    lat: 34 + (engine.getHeight() / 2 - ay) / ky,
    scale: kx,
    scaleLat: -ky,
  };
}

/** What the URL says of a camera: `128.1,36.2,4`. */
export const writeCamera = ({ lon, lat, zoom }: Camera): string => `${lon.toFixed(3)},${lat.toFixed(3)},${Number(zoom.toPrecision(3))}`;

/** The camera that the URL says; null for the whole country. */
export function readCamera(raw: string): Camera | null {
  const [lon, lat, zoom, ...more] = raw.split(",").map(Number);
  if (lon === undefined || lat === undefined || zoom === undefined || more.length > 0) return null;
  if (![lon, lat, zoom].every(Number.isFinite) || Math.abs(lon) > 180 || Math.abs(lat) > 90 || zoom < 0.5 || zoom > 60) return null;
  return { lon, lat, zoom };
}

/** The camera that has all of these in the middle of a canvas; null where the whole view is as near, or there are none. */
export function framing(places: readonly Place[], home: Home, width: number, height: number): Camera | null {
  const box = boxOf(places);
  if (!box) return null;
  const whole = scaleOf(home, width, height, 1);
  const zoom = Math.min(NEAREST, (FILLED * width) / (whole.lon * (box.east - box.west)), (FILLED * height) / (whole.lat * (box.north - box.south)));
  return zoom > 1 ? { lon: (box.west + box.east) / 2, lat: (box.south + box.north) / 2, zoom } : null;
}
