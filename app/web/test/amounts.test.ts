/** The scale of amounts means the same on a light and on a dark page. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const sheet = readFileSync(join(import.meta.dirname, "../src/theme.css"), "utf8");
const [light = "", dark = ""] = sheet.split(':root[data-theme="dark"] {');
const token = (theme: string, name: string): string => new RegExp(`--${name}: (#[0-9a-f]{6});`).exec(theme)?.[1] ?? "";
const amounts = (theme: string): string[] => Array.from({ length: 7 }, (_, i) => token(theme, `amount-${i + 1}`));

const channels = (hex: string): [number, number, number] => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255) as [number, number, number];

function luminance(hex: string): number {
  const [r, g, b] = channels(hex).map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

/** Degrees around the circle of hues. */
function hue(hex: string): number {
  const [r, g, b] = channels(hex);
  return ((Math.atan2(Math.sqrt(3) * (g - b), 2 * r - g - b) * 180) / Math.PI + 360) % 360;
}

describe.each([
  ["light", light],
  ["dark", dark],
])("the scale of amounts on a %s page", (_, theme) => {
  test("has ever more contrast with the page, the first enough to be seen", () => {
    const found = amounts(theme).map((one) => contrast(one, token(theme, "surface")));
    expect(found.every((one, i) => one > (found[i - 1] ?? 1.3) * 1.15)).toBe(true);
    expect(found.at(-1)).toBeGreaterThan(10);
  });

  test("goes from green through blue to violet", () => {
    const found = amounts(theme).map(hue);
    expect(found.toSorted((a, b) => a - b)).toEqual(found);
    expect(found[0]).toBeGreaterThan(140);
    expect(found[3]).toBeGreaterThan(180);
    expect(found[3]).toBeLessThan(230);
    expect(found.at(-1)).toBeGreaterThan(245);
  });

  test("has no colour of a state", () => {
    const far = (a: string, b: string): number => Math.abs(((hue(a) - hue(b) + 540) % 360) - 180);
    for (const state of ["bad", "warn"]) for (const one of amounts(theme)) expect(far(one, token(theme, state))).toBeGreaterThan(50);
  });
});
