/** The story of what is picked: which one the panel tells, the routes it shows, and where the focus goes back to. */
import type { I18n } from "../../../i18n";
import { empty as nothing } from "../../../states";
import type { Picked } from "../model";
import { nodeStory } from "./node";
import { panel } from "./panel";
import { siteStory } from "./site";
import type { Route, Teller } from "./story";
import { workloadStory } from "./workload";

export interface Telling {
  element: HTMLElement;
  /** The routes that the story shows. */
  readonly routes: readonly Route[];
  /** Show these. */
  showRoutes(routes: readonly Route[]): void;
  /** Show the story of what is picked; `take` moves the focus there. */
  tell(picked: Picked | null, take: boolean): void;
  /** The world has changed: tell the story anew, without taking the focus or losing it. */
  retell(picked: Picked): void;
  /** What has the focus now is to have it again once the story is closed. */
  remember(): void;
  /** The same, unless something is to have it already. */
  rememberFirst(): void;
}

export interface TellingOf {
  i18n: I18n;
  teller(): Teller;
  /** The person closes it. */
  leave(): void;
  /** The routes that it shows have changed. */
  changed(): void;
  /** Where a row that was made anew is looked for, and what has the focus where there is none. */
  rows: HTMLElement;
  otherwise: HTMLElement;
}

export function telling({ i18n, teller, leave, changed, rows, otherwise }: TellingOf): Telling {
  const side = panel(i18n, leave, giveBack);
  let opener: Element | null = null;
  let routes: readonly Route[] = [];

  /** The panel has gone: the focus goes to where it was opened from. */
  function giveBack(): void {
    const row = opener?.closest("tr")?.getAttribute("data-id");
    const again = opener?.isConnected ? opener : row ? rows.querySelector(`tr[data-id="${CSS.escape(row)}"] a`) : null;
    if (again instanceof HTMLElement && again !== document.body) again.focus();
    else otherwise.focus();
    opener = null;
  }

  function showRoutes(next: readonly Route[]): void {
    routes = next;
    changed();
  }

  function tell(picked: Picked | null, take: boolean): void {
    showRoutes([]);
    if (!picked) {
      side.close();
      return;
    }
    const { net, placed } = teller();
    const [title, known, story] = {
      node: () => [net.nodeName(i18n, picked.id), net.nodeAt.has(picked.id), nodeStory] as const,
      site: () => [net.siteName(i18n, picked.id), net.siteAt.has(picked.id), siteStory] as const,
      workload: () => [picked.id, (placed?.of(picked.id).length ?? 0) > 0, workloadStory] as const,
    }[picked.kind]();
    const body = known ? story(teller(), picked.id) : nothing(i18n.t("map.notHere"), i18n.t(picked.kind === "workload" ? "map.notInPlan" : "map.notInNetwork"));
    side.open(title, i18n.t(`map.${picked.kind}`), body, take);
  }

  return {
    element: side.element,
    get routes() {
      return routes;
    },
    showRoutes,
    tell,
    retell(picked) {
      const inside = side.element.contains(document.activeElement);
      tell(picked, inside);
    },
    remember() {
      opener = document.activeElement;
    },
    rememberFirst() {
      opener ??= document.activeElement;
    },
  };
}
