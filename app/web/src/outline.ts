/** The provinces, for drawing: unpacks `outline.json`, which `python -m data.outline` makes. */
import type { Language } from "./i18n";
import packed from "./outline.json";

export interface Province {
  code: string;
  name: string;
  name_ko: string;
}

type Position = [lon: number, lat: number];

export interface ProvinceFeature {
  type: "Feature";
  properties: { name: string; cp: Position };
  geometry: { type: "MultiPolygon"; coordinates: Position[][][] };
}

/** Who is to be named beside the map, by language. */
export const ATTRIBUTION: Record<Language, string> = packed.attribution;

export const PROVINCES: readonly Province[] = packed.provinces.map(({ code, name, name_ko }) => ({ code, name, name_ko }));

/** The provinces as GeoJSON; a feature's `name` is the province's code. */
export function provinceFeatures(): { type: "FeatureCollection"; features: ProvinceFeature[] } {
  const arcs = packed.arcs.map(unpack);
  const ring = (numbers: readonly number[]): Position[] =>
    numbers.flatMap((n, i) => {
      const points = n < 0 ? (arcs[~n] ?? []).toReversed() : (arcs[n] ?? []);
      return i === 0 ? points : points.slice(1);
    });
  return {
    type: "FeatureCollection",
    features: packed.provinces.map((province) => ({
      type: "Feature",
      properties: { name: province.code, cp: [province.label[0] ?? 0, province.label[1] ?? 0] },
      geometry: { type: "MultiPolygon", coordinates: province.polygons.map((rings) => rings.map(ring)) },
    })),
  };
}

function unpack(steps: readonly number[]): Position[] {
  const points: Position[] = [];
  let lon = 0;
  let lat = 0;
  for (let i = 0; i + 1 < steps.length; i += 2) {
    lon += steps[i] ?? 0;
    lat += steps[i + 1] ?? 0;
    points.push([lon / packed.scale, lat / packed.scale]);
  }
  return points;
}
