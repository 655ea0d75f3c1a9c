/** The frame: header, the view that the URL says, and what lives as long as the page. */
import "./theme.css";
import "./frame.css";
import "./parts.css";
import "./print.css";
import { AlarmStrip } from "./alarms";
import { Api, Unreachable } from "./api";
import { fill, h } from "./dom";
import { I18n, LANGUAGES, preferredLanguage, storeLanguage, type Language } from "./i18n";
import { Live } from "./live";
import { Outage } from "./outage";
import { followPrinting } from "./printing";
import { readAll, unread, writeAll, type Params, type Values } from "./params";
import { Router, VIEWS, href, type Route, type ViewName } from "./route";
import { failure } from "./states";
import { THEMES, applyTheme, chooseTheme, themeChoice } from "./theme";
import type { Context, Mounted, View } from "./view";

const LOADERS: Record<ViewName, () => Promise<{ default: View<any> }>> = {
  map: () => import("./views/map"),
  plans: () => import("./views/plans"),
  capacity: () => import("./views/capacity"),
  refusals: () => import("./views/refusals"),
  events: () => import("./views/events"),
};

const LANGUAGE_NAMES: Record<Language, string> = { en: "English", ko: "한국어" };

const api = new Api();
const live = new Live(api);
const router = new Router();
let i18n = new I18n(preferredLanguage());

/** The view that is shown, and how to be rid of it. */
interface Shown {
  name: ViewName;
  view: View;
  mounted: Mounted;
  values: Values<Params>;
  end: AbortController;
}
let shown: Shown | null = null;
let route: Route | null = null;
let turn = 0;
/** Whether the view itself could not be loaded. */
let broken = false;

const main = h("main", { id: "main", tabIndex: -1 });
const astray = h("p", { class: "notice", role: "status", hidden: true });
const region = h("div", { class: "spoken", "aria-live": "polite", role: "status" });
const header = h("header", { class: "top" });
const skip = h("a", { class: "skip", href: "#main" });
const views = new Map(VIEWS.map((name) => [name, h("a", { href: href(name) })]));
const connection = h("span", { class: "connection", role: "status" });
const outage = new Outage(() => i18n, back);
const alarms = new AlarmStrip(api, () => i18n, { later: (work, wait) => window.setTimeout(work, wait), title: count });
let alarmed = 0;
let titled = "Edgeplan";

/** Have screen readers say something. */
function announce(sentence: string): void {
  region.textContent = "";
  window.setTimeout(() => (region.textContent = sentence), 50);
}

function buildHeader(): void {
  document.documentElement.lang = i18n.language;
  skip.textContent = i18n.t("frame.skip");
  for (const [name, link] of views) link.textContent = i18n.t(`view.${name}`);
  sayConnection();
  fill(
    header,
    h("a", { class: "brand", href: "/" }, h("img", { src: "/icon.svg", alt: "" }), "Edgeplan"),
    h("nav", { class: "views", "aria-label": i18n.t("frame.views") }, [...views.values()]),
    h("div", { class: "settings" }, connection, languageSwitch(), themeSwitch()),
  );
}

/** Say in the title which view it is, after how much needs somebody's eye. */
function sayTitle(): void {
  document.title = alarmed > 0 ? i18n.t("alarms.title", { count: i18n.number(alarmed), title: titled }) : titled;
}

function count(raised: number): void {
  alarmed = raised;
  sayTitle();
}

function languageSwitch(): HTMLElement {
  const options = LANGUAGES.map((one) => h("option", { value: one, lang: one, selected: one === i18n.language }, LANGUAGE_NAMES[one]));
  const select = h("select", { "aria-label": i18n.t("frame.language") }, options);
  select.addEventListener("change", () => {
    const chosen = LANGUAGES.find((one) => one === select.value) ?? "en";
    storeLanguage(chosen);
    i18n = new I18n(chosen, i18n.unit);
    buildHeader();
    outage.say();
    alarms.say();
    header.querySelector<HTMLElement>(`select[aria-label="${i18n.t("frame.language")}"]`)?.focus();
    remount();
  });
  return select;
}

function themeSwitch(): HTMLElement {
  const options = THEMES.map((one) => h("option", { value: one, selected: one === themeChoice() }, i18n.t(`frame.theme.${one}`)));
  const select = h("select", { "aria-label": i18n.t("frame.theme") }, options);
  select.addEventListener("change", () => chooseTheme(THEMES.find((one) => one === select.value) ?? "system"));
  return select;
}

function sayConnection(): void {
  connection.dataset["state"] = live.state;
  connection.title = i18n.t(`live.${live.state}.meaning`);
  connection.textContent = i18n.t(`live.${live.state}`);
}

/** Follow the URL. `latest` stands in it for the plan that was asked for last; from then on the URL says which that was. */
async function named(next: Route): Promise<void> {
  const here = location.search;
  const said = ["plan", "with"].filter((name) => next.query.get(name) === "latest");
  if (said.length > 0) {
    try {
      const { id } = await api.get("/v1/plans/{id}", { path: { id: "latest" } });
      if (location.search !== here) return;
      for (const name of said) next.query.set(name, id);
      router.go(href(next.view, Object.fromEntries(next.query)), true);
      return;
    } catch {
      // The view asks for it as well, and says what the service answers.
    }
  }
  await follow(next);
}

/** Show what the URL says: other values in the same view, or another view. */
async function follow(next: Route): Promise<void> {
  route = next;
  if (shown?.name === next.view) {
    const before = shown.values;
    shown.values = readAll(shown.view.params, next.query);
    sayUnread(shown.view, next.query);
    shown.mounted.update(shown.values, before);
    return;
  }
  const first = shown === null && turn === 0;
  turn += 1;
  const mine = turn;
  leave();
  for (const [name, link] of views) {
    if (name === next.view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  try {
    const loaded = await LOADERS[next.view]();
    if (mine !== turn) return;
    broken = false;
    show(next.view, loaded.default);
    if (!first) {
      window.scrollTo(0, 0);
      main.focus({ preventScroll: true });
      announce(titled);
    }
  } catch (error) {
    if (mine !== turn) return;
    broken = true;
    const away = live.state === "reconnecting";
    const said = away ? new Unreachable("a part of the dashboard", { cause: error }) : new Error(i18n.t("frame.broken"), { cause: error });
    // Reloading while the service is away would lose the page itself.
    fill(main, failure(i18n, said, () => (live.state === "reconnecting" ? void follow(next) : location.reload())));
    if (!away) throw error;
  }
}

function show(name: ViewName, view: View): void {
  const end = new AbortController();
  const values = readAll(view.params, (route as Route).query);
  const title = view.title(i18n);
  titled = `${title} – Edgeplan`;
  sayTitle();
  const root = h("div", { class: "view", "data-view": name });
  fill(main, h("h1", { class: "spoken" }, title), astray, root);
  sayUnread(view, (route as Route).query);
  const next = (change: Partial<Values<Params>>): string => href(name, writeAll(view.params, { ...(shown?.values ?? values), ...change }));
  const until = <Rest extends unknown[]>(subscribe: (...rest: Rest) => () => void) =>
    (...rest: Rest): (() => void) => {
      const stop = subscribe(...rest);
      end.signal.addEventListener("abort", stop, { once: true });
      return stop;
    };
  const context: Context = {
    i18n,
    api: api.until(end.signal),
    signal: end.signal,
    live: {
      on: until(live.on.bind(live)) as Context["live"]["on"],
      onAny: until(live.onAny.bind(live)),
      onState: until(live.onState.bind(live)),
      onReset: until(live.onReset.bind(live)),
    },
    values: () => shown?.values ?? values,
    go: (change, replace = false) => router.go(next(change), replace),
    link: next,
    announce,
  };
  const mounted = view.mount(root, context);
  shown = { name, view, mounted, values, end };
  mounted.update(values, values);
}

/** Say above the view what of the address it cannot read. */
function sayUnread(view: View, query: URLSearchParams): void {
  const said = unread(view.params, query);
  astray.hidden = said.length === 0;
  astray.textContent = said.length === 0 ? "" : i18n.t("states.unread", { said: said.join(", ") });
}

function leave(): void {
  shown?.end.abort();
  shown?.mounted.dispose();
  shown = null;
}

/** Count money in what the network counts it in; what is shown already is shown anew where that is not won. */
async function sayMoney(): Promise<void> {
  try {
    const { money } = await api.get("/v1/system");
    if (money.currency === i18n.unit.currency && money.per_unit === i18n.unit.per_unit) return;
    i18n = new I18n(i18n.language, money);
    remount();
  } catch {
    // It is asked for again when the service is back; what is shown until then says on its own that it is not there.
  }
}

/** The service is back: what could not be shown without it is tried again. */
function back(): void {
  announce(i18n.t("outage.over"));
  void sayMoney();
  if (broken && route) void follow(route);
  else if (main.querySelector(".state-failed")) remount();
}

/** Show the same anew: in another language, or because events were missed. */
function remount(): void {
  if (!shown) return;
  const { name, view } = shown;
  leave();
  show(name, view);
}

applyTheme();
followPrinting();
buildHeader();
document.getElementById("boot")?.remove();
document.body.prepend(skip, header, outage.element, alarms.element, main, region);
live.onState(sayConnection);
live.onState((state) => outage.heard(state));
live.onReset(remount);
live.onReset(() => void sayMoney());
live.on("generation", (event) => event.detail.parts.includes("network") && void sayMoney());
alarms.follow(live);
document.addEventListener("visibilitychange", () => (document.hidden ? live.stop() : live.start()));
if (!document.hidden) live.start();
void sayMoney();
router.start((next) => void named(next));
