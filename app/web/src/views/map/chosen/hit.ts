/** What stands at a point of the canvas: what is in trouble before all else, since it is drawn above all else. */
import { TROUBLE_PX } from "../drawing/drawing";
import type { Net, Picked } from "../model";
import type { Frame } from "../place/camera";
import type { Place, Places } from "../place/spread";
import type { Scene } from "../scene";
import { TROUBLES, type Trouble } from "../trouble";

/** How near to a node or site a press must be, in pixels. */
const REACH_PX = 9;

export interface Hittable {
  net: Net;
  scene: Scene;
  places: Places;
  trouble: Trouble;
}

export function hitAt(frame: Pick<Frame, "x" | "y">, x: number, y: number, { net, scene, places, trouble }: Hittable): Picked | null {
  let best: Picked | null = null;
  let least = Infinity;
  const look = (kind: "node" | "site", all: readonly number[], reach: number): void => {
    const ids = kind === "node" ? net.map.nodes.id : net.map.sites.id;
    for (const at of all) {
      const place: Place | null = kind === "node" ? places.node(at) : places.site(at);
      if (!place) continue;
      const far = (frame.x(place[0]) - x) ** 2 + (frame.y(place[1]) - y) ** 2;
      if (far <= reach * reach && far < least) [least, best] = [far, { kind, id: ids[at] ?? "" }];
    }
  };
  for (const kind of TROUBLES.toReversed()) look(kind === "refused" ? "site" : "node", trouble[kind], TROUBLE_PX[kind] / 2);
  if (best) return best;
  look("node", scene.nodes, REACH_PX);
  look("site", scene.sites, REACH_PX);
  return best;
}
