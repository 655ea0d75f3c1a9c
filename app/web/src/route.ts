/**
 * Which view, with which parameters: the URL says all of it, as `?view=plans&status=running`.
 *
 * The path stays `/`, so that any file server can serve the dashboard. The map is the default and left out.
 */
export const VIEWS = ["map", "plans", "capacity", "refusals", "events"] as const;
export type ViewName = (typeof VIEWS)[number];

export interface Route {
  view: ViewName;
  /** The parameters of the view, in the words of the URL. */
  query: URLSearchParams;
}

/** The route that a query says. */
export function routeOf(search: string): Route {
  const query = new URLSearchParams(search);
  const view = VIEWS.find((one) => one === query.get("view")) ?? "map";
  query.delete("view");
  return { view, query };
}

/** The link to a view; parameters that are empty are left out. */
export function href(view: ViewName, params: Record<string, string | undefined> = {}): string {
  const query = new URLSearchParams(view === "map" ? {} : { view });
  for (const [name, value] of Object.entries(params)) if (value) query.set(name, value);
  const said = query.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
  return said === "" ? "/" : `/?${said}`;
}

/** Follows the URL: links inside the dashboard, back and forward, and what views ask for. */
export class Router {
  #changed: (route: Route) => void = () => undefined;

  /** Call `changed` now, and whenever the URL changes, until the page goes. */
  start(changed: (route: Route) => void): void {
    this.#changed = changed;
    window.addEventListener("popstate", () => this.#tell());
    document.addEventListener("click", (event) => this.#follow(event));
    this.#tell();
  }

  /** Go to a link of {@link href}; `replace` leaves no step in the history. */
  go(link: string, replace = false): void {
    if (link === location.pathname + location.search) return;
    if (replace) history.replaceState(null, "", link);
    else history.pushState(null, "", link);
    this.#tell();
  }

  #tell(): void {
    this.#changed(routeOf(location.search));
  }

  /** Follow a plain click on a link into the dashboard; leave all others to the browser. */
  #follow(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (!link || link.target !== "" || link.hasAttribute("download") || link.origin !== location.origin) return;
    if (link.pathname !== "/" || link.hash !== "") return;
    event.preventDefault();
    this.go(link.pathname + link.search);
  }
}
