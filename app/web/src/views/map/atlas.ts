/** All there is to look at: the network and where it stands, what runs on it, as of which day, and the pictures of it. */
import type { I18n } from "../../i18n";
import type { BrokenBy } from "./disturbed";
import type { Way } from "./drawing/colours";
import { standardDay, type Found } from "./found";
import { Net, Placed } from "./model";
import { Picture } from "./picture";
import { homeOf, type Home } from "./place/home";
import { insetsOf, type Insets } from "./place/insets";
import type { Filters } from "./scene";
import type { AsOf } from "./time/asof";

export interface Atlas {
  net: Net;
  placed: Placed | null;
  /** Why what is drawn as disturbed is so. */
  broken: BrokenBy;
  /** What is looked at first; null where nothing has coordinates. */
  home: Home | null;
  insets: Insets;
  asOf: AsOf;
  /** How firm a node must be to count on the days to come. */
  lowest: number;
  /** What is drawn, and what is in force where that is drawn beside it. */
  shown: Picture;
  beside: Picture | null;
}

/** What of it is asked for. */
export interface Chosen extends Filters {
  by: Way;
  day: string;
  commitment: string;
  wipe: boolean;
}

/** What counts on the days to come, unless something else is chosen: this and what is firmer. */
const FIRM = "contracted";

/** The atlas of what was found; what has not changed since `last` is taken from it. */
export function atlasOf(i18n: I18n, found: Found, chosen: Chosen, last: Atlas | null): Atlas {
  const net = last?.net.map === found.map ? last.net : new Net(found.map);
  const placed = last?.net === net && last.placed?.map === found.placement ? last.placed : placedOf(found, net);
  const home = last?.net === net ? last.home : homeOf(net);
  const insets = last?.net === net ? last.insets : insetsOf(net, home);
  const { commitments } = net.map;
  const place = (word: string | undefined): number => commitments.findIndex((one) => one === word);
  // What is drawn counts what its terms do; on days to come what is firm counts as well, and memoranda only if they are asked for.
  const terms = Math.max(0, place(found.terms?.lowest_commitment ?? undefined));
  const step = place(chosen.commitment);
  const lowest = step >= 0 ? step : Math.max(terms, place(FIRM));
  const day = chosen.day || standardDay(found);
  const asOf = { day, step: step < 0 && day === standardDay(found) ? terms : lowest };
  const asked = { i18n, net, filters: chosen, way: chosen.by, asOf, insets };
  const shown = new Picture({ ...asked, placed, broken: found.broken });
  const { before } = found;
  const beside = before && chosen.wipe ? new Picture({ ...asked, placed: new Placed(before.placement, net), broken: before.broken }) : null;
  return { net, placed, broken: found.broken, home, insets, asOf, lowest, shown, beside };
}

function placedOf(found: Found, net: Net): Placed | null {
  return found.placement && found.placement.plan !== null ? new Placed(found.placement, net) : null;
}
