/** What is read around the map: the legend, the bar of days with its claims, and how much is drawn in a sentence. */
import { fill, h } from "../../dom";
import type { I18n } from "../../i18n";
import { ATTRIBUTION } from "../../outline";
import { tokens } from "../../theme";
import { localDay } from "../../today";
import type { Atlas } from "./atlas";
import type { Way } from "./drawing/colours";
import { legend } from "./drawing/legend";
import type { View } from "./picture";
import { KOREA } from "./place/home";
import { claims, comings } from "./time/asof";
import { claimList } from "./time/claims";
import { timeBar } from "./time/timebar";
import { described, farOff } from "./told/said";
import type { Teller } from "./told/story";

export interface Around {
  legend: HTMLElement;
  time: HTMLElement;
  foot: HTMLElement;
  /** The list of claims, which opens above the map. */
  claims: HTMLElement;
  /** Say what is drawn now, from as near as it is looked at. */
  update(view: View): void;
}

interface Chosen {
  by: Way;
  links: boolean;
  bare: boolean;
}

export interface AroundOf {
  i18n: I18n;
  values(): Chosen;
  go(change: { day?: string; commitment?: string }, replace?: boolean): void;
}

/** Make it; `standardDay` is the day that is looked at without a choice. */
export function around({ i18n, values, go }: AroundOf, atlas: () => Atlas, teller: () => Teller, standardDay: () => string): Around {
  const key = legend(i18n);
  const foot = h("p", { class: "map-foot small quiet" });
  const time = timeBar(i18n, {
    day: (next) => go({ day: next === standardDay() ? "" : next }, true),
    commitment: (next) => go({ commitment: next }, true),
    list: () => {
      const { net, placed, shown, asOf } = atlas();
      return claimList(teller(), claims(net, placed, shown.scene.nodes), asOf);
    },
  });
  return {
    legend: key.element,
    time: time.element,
    foot,
    claims: time.list,
    update(view) {
      const { net, placed, home, insets, asOf, lowest, shown } = atlas();
      const { scene, colours, trouble, faint } = shown;
      const { by, links, bare } = values();
      const ghosts = shown.count("ghost");
      key.update({ net, scene, colours, way: by, tokens: tokens(), trouble, placed, faint, links, bundles: bare ? null : (shown.bundles(view)?.length ?? null) });
      const today = localDay(new Date());
      const begins = [...comings(net, scene.nodes, lowest, today)];
      time.update({
        asOf,
        lowest,
        today,
        comings: new Map(begins.map(([at, all]) => [at, all.map((one) => net.nodeName(i18n, net.map.nodes.id[one] ?? ""))])),
        commitments: net.map.commitments,
        operating: scene.nodes.length - ghosts,
        ghosts,
        claims: claims(net, placed, scene.nodes).length,
      });
      const nowhere = scene.nodes.filter((one) => net.nodePosition(one) === null).length;
      fill(foot, h("span", { class: "map-sum" }, described(i18n, shown)), nowhere > 0 && [" ", i18n.t("map.nowhere", { count: i18n.number(nowhere) })], insets.frames.length > 0 && [" ", farOff(i18n, insets.frames)], home === KOREA && [" ", ATTRIBUTION[i18n.language]]);
    },
  };
}
