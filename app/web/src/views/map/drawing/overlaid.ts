/** What is drawn by hand above a picture: the names of what stands there, and what is picked or pointed at. */
import type { ECharts } from "echarts/core";
import type { I18n } from "../../../i18n";
import { tokens } from "../../../theme";
import type { Atlas } from "../atlas";
import type { Pointing } from "../chosen/pointing";
import type { Picked } from "../model";
import type { Picture } from "../picture";
import { lensProvinces } from "../place/lens";
import type { Looking } from "../place/looking";
import { insetName } from "../told/said";
import type { Telling } from "../told/telling";
import { labelLayer, type LabelledNow } from "./labels";
import type { Layer } from "./layer";
import { pickedLayer } from "./picked";

export interface Overlaid {
  picked: Layer;
  names: Layer;
  /** Take part in a new engine. */
  join(engine: ECharts): void;
  /** Draw once on an engine that makes a picture. */
  depict(engine: ECharts): void;
}

export interface OverlaidOf {
  i18n: I18n;
  atlas(): Atlas;
  province(code: string): string;
  look: Pick<Looking, "camera" | "lens" | "taken">;
  point: Pick<Pointing, "hovered" | "curve" | "tip">;
  side: Pick<Telling, "routes">;
  picked(): Picked | null;
}

/** Make the layers above a picture, where there is one; `within` is the part of the canvas that has its names. */
export function overlaid({ i18n, atlas, province, look, point, side, picked }: OverlaidOf, picture: () => Picture | null, within: LabelledNow["within"]): Overlaid {
  const above = pickedLayer(() => {
    const its = picture();
    if (!its) return null;
    const { colours, places, placed } = its;
    const { hovered, curve, tip } = point;
    const colors = tokens();
    const colour = (at: number): string => colours.classes[colours.node(at)]?.colour(colors) ?? colors.quiet;
    return { net: atlas().net, placed, places, picked: picked(), hovered, curve, tip, routes: placed === atlas().placed ? side.routes : [], lens: look.lens(its), colour, tokens: colors };
  });
  const names = labelLayer(() => {
    const its = picture();
    if (!its) return null;
    const { order, places, trouble } = its;
    const { net, insets } = atlas();
    const lens = look.lens(its);
    return {
      lens,
      taken: look.taken,
      lensName: lens ? lensProvinces(net, lens).map(province).join(", ") : "",
      within,
      order,
      places,
      trouble,
      zoom: look.camera?.zoom ?? 1,
      tokens: tokens(),
      name: (at) => net.nodeName(i18n, net.map.nodes.id[at] ?? ""),
      insets: insets.frames,
      insetName: (inset) => insetName(i18n, inset),
    };
  });
  return {
    picked: above,
    names,
    join(engine) {
      above.join(engine);
      names.join(engine);
    },
    depict(engine) {
      above.depict(engine);
      names.depict(engine);
    },
  };
}
