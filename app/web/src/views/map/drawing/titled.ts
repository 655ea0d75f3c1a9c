/** Titles in a picture as SVG: a viewer tells what each node and site is when one points at it. */
import { escaped } from "../../../saving";
import type { Net, Picked } from "../model";
import type { Picture } from "../picture";
import type { Frame } from "../place/camera";
import { inLens, lensFrame, type Lens } from "../place/lens";
import type { Place } from "../place/spread";
import { nodeSize } from "./drawing";

/** No circle is smaller, so that one can point at it. */
const LEAST_PX = 5;

/** What can be pointed at lies above the picture and is not seen; `told` is what is said of it. */
export function titled(net: Net, { scene, places }: Pick<Picture, "scene" | "places">, lens: Lens | null, frame: Pick<Frame, "x" | "y">, zoom: number, told: (picked: Picked) => string): string {
  const circles: string[] = [];
  const put = (kind: "node" | "site", at: number, place: Place | null, its: Pick<Frame, "x" | "y">, size: number): void => {
    if (!place) return;
    const [x, y] = [its.x(place[0]), its.y(place[1])];
    if (its === frame && inLens(lens, x, y)) return;
    const id = (kind === "node" ? net.map.nodes.id : net.map.sites.id)[at] ?? "";
    circles.push(`<circle data-${kind}="${escaped(id)}" cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${Math.max(LEAST_PX, size / 2)}"><title>${escaped(told({ kind, id }))}</title></circle>`);
  };
  const sizeOf = (at: number): number => nodeSize(net.map.tiers[net.map.nodes.tier[at] ?? -1] ?? "", scene.nodes.length, zoom);
  for (const at of scene.sites) put("site", at, places.site(at), frame, 0);
  for (const at of scene.nodes) put("node", at, places.node(at), frame, sizeOf(at));
  if (lens) {
    const inside = lensFrame(lens);
    for (const at of lens.scene.sites) put("site", at, lens.places.site(at), inside, 0);
    for (const at of lens.scene.nodes) put("node", at, lens.places.node(at), inside, sizeOf(at));
  }
  return `<g fill="none" stroke="none" pointer-events="all">${circles.join("")}</g>`;
}
