/**
 * The list of events, newest first and parted by days.
 *
 * Thousands stay quick: they stand in blocks, and the browser lays out only the blocks in sight. All of them are in the
 * page, so that its own search and screen readers find them. What is in sight stays where it is when more come on top.
 * Steps of one plan that follow one another are one line, its newest, with the others behind a button: however many there
 * are, what failed meanwhile is not far below them.
 */
import { fill, h } from "../../dom";
import type { I18n } from "../../i18n";
import type { ServiceEvent } from "../../wire";
import { ago, detailsOf, sentenceOf, severityMark, toneOf, type Names } from "./sentence";

const BLOCK = 50;
/** What follows one another by the dozen while a plan is solved. */
const STEP = "plan.improved";
/** How often relative times are told anew. */
const RENEW_MS = 20_000;
const DAY_MS = 86_400_000;

export interface Stream {
  element: HTMLElement;
  /** Show these and no others; newest first. */
  reset(events: readonly ServiceEvent[]): void;
  /** More on top, newest first. */
  prepend(events: readonly ServiceEvent[]): void;
  /** More at the end, newest first. */
  append(events: readonly ServiceEvent[]): void;
  dispose(): void;
}

/** Steps of one plan in one line, newest first. */
interface Fold {
  item: HTMLLIElement;
  events: ServiceEvent[];
}

export interface StreamOptions {
  i18n: I18n;
  names: Names;
  /** The link that shows one plan's events alone. */
  onlyPlan(plan: string): string;
}

export function stream({ i18n, names, onlyPlan }: StreamOptions): Stream {
  const element = h("div", { class: "events" });
  const clock = new Intl.DateTimeFormat(i18n.language === "ko" ? "ko-KR" : "en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
  const calendar = new Intl.DateTimeFormat(i18n.language === "ko" ? "ko-KR" : "en-GB", { dateStyle: "full" });
  const timer = window.setInterval(renew, RENEW_MS);

  /** The day of an event, where one sits. */
  function dayOf(event: ServiceEvent): string {
    const at = new Date(event.at);
    return `${at.getFullYear()}-${at.getMonth() + 1}-${at.getDate()}`;
  }

  function dayPart(event: ServiceEvent): HTMLElement {
    return h("section", { class: "event-day", "data-day": dayOf(event) }, h("h2", { class: "event-date" }, calendar.format(new Date(event.at))));
  }

  function block(): HTMLOListElement {
    return h("ol", { class: "event-block" });
  }

  function line(event: ServiceEvent, earlier: readonly ServiceEvent[] = []): HTMLLIElement {
    const at = new Date(event.at);
    const more = h("button", { type: "button", class: "event-more", "aria-expanded": false, "aria-label": i18n.t("events.details", { id: String(event.id) }) });
    const item = h(
      "li",
      { class: "event", "data-id": String(event.id), "data-type": event.type, "data-severity": event.severity },
      more,
      h("time", { dateTime: event.at, title: i18n.time(event.at) }, clock.format(at)),
      h("span", { class: "event-ago quiet" }, ago(i18n, event.at, Date.now())),
      h("span", { class: "event-severity" }, severityMark(i18n, event.severity)),
      h("span", { class: "event-type" }, h("span", { class: `badge ${toneOf(event)}` }, i18n.word("event", event.type))),
      h("p", { class: "event-said" }, sentenceOf(i18n, event, names), earlier.length > 0 && [" ", unfold(earlier)]),
    );
    more.addEventListener("click", () => toggle(item, more, event));
    return item;
  }

  /** What opens the steps before. */
  function unfold(earlier: readonly ServiceEvent[]): HTMLButtonElement {
    const count = earlier.length;
    const said = count === 1 ? i18n.t("events.foldedOne") : i18n.t("events.folded", { count: i18n.number(count) });
    const button = h("button", { type: "button", class: "plain event-unfold", "aria-expanded": false }, said);
    button.addEventListener("click", () => {
      const item = button.closest("li");
      const open = item?.querySelector(".event-folded");
      button.setAttribute("aria-expanded", String(!open));
      if (open) open.remove();
      else item?.append(h("ol", { class: "event-folded" }, earlier.map((one) => line(one))));
    });
    return button;
  }

  /** Steps at the top and at the end of the list with nothing else between them: what comes there may join them. */
  let top: Fold[] = [];
  let bottom: Fold[] = [];

  /** The line that an event joins, if there is one. */
  function joined(folds: readonly Fold[], event: ServiceEvent): Fold | undefined {
    return folds.find(({ events: [one] }) => one && one.plan === event.plan && dayOf(one) === dayOf(event));
  }

  /** Draw a line anew, with what has joined it; what was open stays so. */
  function redraw(fold: Fold): void {
    const [newest, ...earlier] = fold.events;
    if (!newest) return;
    const open = fold.item.querySelector(".event-folded") !== null;
    const focused = fold.item.contains(document.activeElement) ? (document.activeElement?.className ?? null) : null;
    const item = line(newest, earlier);
    fold.item.replaceWith(item);
    fold.item = item;
    if (open) item.querySelector<HTMLElement>(".event-unfold")?.click();
    if (focused !== null) [...item.querySelectorAll<HTMLElement>("button, a")].find((one) => one.className === focused)?.focus({ preventScroll: true });
  }

  function toggle(item: HTMLElement, more: HTMLElement, event: ServiceEvent): void {
    const open = item.querySelector(".event-details");
    more.setAttribute("aria-expanded", String(open === null));
    if (open) {
      open.remove();
      return;
    }
    const rows = detailsOf(i18n, event).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)));
    item.append(
      h(
        "div",
        { class: "event-details" },
        h("dl", {}, rows),
        event.plan !== null && h("a", { href: onlyPlan(event.plan) }, i18n.t("events.onlyPlan")),
      ),
    );
  }

  function append(events: readonly ServiceEvent[]): void {
    const grown = new Set<Fold>();
    for (const event of events) {
      const fold = event.type === STEP ? joined(bottom, event) : undefined;
      if (fold) {
        fold.events.push(event);
        grown.add(fold);
      } else under(event);
    }
    for (const fold of grown) redraw(fold);
  }

  /** A line of its own at the end. */
  function under(event: ServiceEvent): void {
    let day = element.lastElementChild as HTMLElement | null;
    const whole = day === null;
    if (!day || day.dataset["day"] !== dayOf(event)) {
      day = dayPart(event);
      element.append(day);
    }
    let list = day.lastElementChild as HTMLElement | null;
    if (!list || list.tagName !== "OL" || list.childElementCount >= BLOCK) {
      list = block();
      day.append(list);
    }
    const item = line(event);
    list.append(item);
    if (whole) bottom = top = [];
    if (event.type === STEP) bottom.push({ item, events: [event] });
    else bottom = [];
  }

  function prepend(events: readonly ServiceEvent[]): void {
    const grown = new Set<Fold>();
    for (const event of events.toReversed()) {
      const fold = event.type === STEP ? joined(top, event) : undefined;
      if (fold) {
        fold.events.unshift(event);
        grown.add(fold);
      } else over(event);
    }
    for (const fold of grown) redraw(fold);
  }

  /** A line of its own on top. */
  function over(event: ServiceEvent): void {
    let day = element.firstElementChild as HTMLElement | null;
    if (!day) return under(event);
    if (day.dataset["day"] !== dayOf(event)) {
      day = dayPart(event);
      element.prepend(day);
    }
    let list = day.querySelector<HTMLOListElement>("ol");
    if (!list || list.childElementCount >= BLOCK) {
      list = block();
      day.querySelector("h2")?.after(list);
    }
    const item = line(event);
    list.prepend(item);
    if (event.type === STEP) top.unshift({ item, events: [event] });
    else top = [];
  }

  /** Tell anew how long ago it was; only what is younger than a day changes often enough. */
  function renew(): void {
    const now = Date.now();
    for (const item of element.querySelectorAll<HTMLElement>("li.event")) {
      const at = item.querySelector("time")?.dateTime ?? "";
      if (now - Date.parse(at) > DAY_MS) break;
      const told = item.querySelector(".event-ago");
      const word = ago(i18n, at, now);
      if (told && told.textContent !== word) told.textContent = word;
    }
  }

  return {
    element,
    reset(events) {
      fill(element);
      top = bottom = [];
      append(events);
    },
    prepend,
    append,
    dispose: () => window.clearInterval(timer),
  };
}
