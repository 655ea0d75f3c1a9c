/** What a view is. Each is one module in `views/`, loaded when it is first shown. */
import type { Api } from "./api";
import type { I18n } from "./i18n";
import type { Live } from "./live";
import type { Params, Values } from "./params";

export interface View<P extends Params = Params> {
  /** The parameters that the URL holds for it. */
  params: P;
  /** The heading, and the title of the page. */
  title(i18n: I18n): string;
  /** Show it in an element of its own. */
  mount(root: HTMLElement, context: Context<P>): Mounted<P>;
}

export interface Mounted<P extends Params = Params> {
  /** The URL says other values now; also called once after `mount`. */
  update(values: Values<P>, before: Values<P>): void;
  /** The view goes: dispose of charts, leave no listener. What hangs on `signal` and `live` goes by itself. */
  dispose(): void;
}

/** What a view is handed; all of it ends with the view. */
export interface Context<P extends Params = Params> {
  i18n: I18n;
  /** Requests end when the view goes. */
  api: Api;
  /** Aborted when the view goes. */
  signal: AbortSignal;
  /** Subscriptions end when the view goes. */
  live: Pick<Live, "on" | "onAny" | "onState" | "onReset">;
  /** The values now. */
  values(): Values<P>;
  /** Change some values: the URL changes, and then `update` is called. `replace` leaves no step in the history. */
  go(change: Partial<Values<P>>, replace?: boolean): void;
  /** The link to this view with some values changed. */
  link(change: Partial<Values<P>>): string;
  /** Have screen readers say something that has happened. */
  announce(sentence: string): void;
}

/** A view, with the types of its parameters inferred. */
export function view<const P extends Params>(made: View<P>): View<P> {
  return made;
}
