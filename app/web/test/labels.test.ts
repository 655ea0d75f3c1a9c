import { describe, expect, test } from "vitest";
import { curveAt, curveOf, endsOf } from "../src/views/map/drawing/curves";
import { placed, widthOf, type Label } from "../src/views/map/drawing/labels";
import type { Flow } from "../src/views/map/scene";
import type { Place, Places } from "../src/views/map/place/spread";

const frame = { x: (lon: number) => lon, y: (lat: number) => lat };
const size = { width: 400, height: 300 };
const none = { failed: [], draining: [], disturbed: [], refused: [] };
const at = (nodes: readonly Place[], sites: readonly Place[] = []): Places => ({ node: (i) => nodes[i] ?? null, site: (i) => sites[i] ?? null });

describe("names on the map", () => {
  const crowd: Place[] = Array.from({ length: 200 }, (_, i) => [20 + ((i * 37) % 360), 20 + ((i * 53) % 260)]);
  const order = crowd.map((_, i) => i);
  const name = (i: number): string => `node ${i}`;

  test("never lie over one another, nor beyond the canvas", () => {
    const found = placed(frame, size, order, at(crowd), none, name, 500);
    expect(found.length).toBeGreaterThan(20);
    const left = ({ x, text, align }: Label): number => x - { left: 0, center: 0.5, right: 1 }[align] * widthOf(text);
    const right = (one: Label): number => left(one) + widthOf(one.text);
    expect(new Set(found.map((one) => one.align)).size).toBe(3);
    for (const [i, a] of found.entries()) {
      expect(left(a)).toBeGreaterThan(0);
      expect(right(a)).toBeLessThan(size.width);
      for (const b of found.slice(0, i)) expect(Math.abs(a.y - b.y) >= 14 || right(a) <= left(b) || right(b) <= left(a)).toBe(true);
    }
  });

  test("are as few as is asked for, the first in order", () => {
    expect(placed(frame, size, order, at(crowd), none, name, 3).map((one) => one.at)).toEqual([0, 1, 2]);
  });

  test("stay within the room that there is for them", () => {
    const found = placed(frame, { left: 150, width: 100, height: 300 }, order, at(crowd), none, name, 500);
    expect(found.length).toBeGreaterThan(3);
    for (const { x, align, text } of found) {
      const left = x - { left: 0, center: 0.5, right: 1 }[align] * widthOf(text);
      expect([left > 150, left + widthOf(text) < 250]).toEqual([true, true]);
    }
  });

  test("keep clear of marks of trouble", () => {
    const found = placed(frame, size, [0], at([[100, 100]], [[115, 100]]), { ...none, refused: [0] }, name, 5);
    expect(found[0]).toMatchObject({ align: "right" });
    expect(found[0]?.x).toBeLessThan(100);
  });

  test("are as wide as their letters", () => {
    expect(widthOf("울산")).toBeGreaterThan(widthOf("us"));
  });
});

describe("flows", () => {
  const flow = (site: number, node: number): Flow => ({ site, node, devices: 1, shards: 1, margin: 1, disturbed: false });
  const places = at([[300, 100], [300, 250]], [[100, 100]]);
  const flows = [flow(0, 0), flow(0, 1), flow(0, 9)];

  test("are found on their curve, not on the straight line", () => {
    const { over } = curveOf(frame, endsOf(places, flow(0, 0))!);
    const top: [number, number] = [200, (100 + over[1]) / 2];
    expect(Math.abs(top[1] - 100)).toBeGreaterThan(10);
    const ends = (one: Flow) => endsOf(places, one);
    expect(curveAt(frame, flows, ends, ...top)).toBe(flows[0]);
    expect(curveAt(frame, flows, ends, 200, 100)).toBeNull();
    expect(curveAt(frame, flows, ends, 200, 100, 0)).toBe(flows[0]);
  });

  test("are not found where their ends have no place", () => {
    expect(endsOf(places, flow(0, 9))).toBeNull();
  });
});
