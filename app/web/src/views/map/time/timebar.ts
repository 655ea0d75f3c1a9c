/** The bar under the map: the days on which something begins to operate, what counts, and what is no more than a claim. */
import { fill, h, newId, type Child } from "../../../dom";
import type { I18n } from "../../../i18n";
import { href } from "../../../route";
import { dayNumber } from "../../capacity/facts";
import { nearestStop, stopOf, type AsOf } from "./asof";

export interface TimeState {
  asOf: AsOf;
  /** How firm a node must be to count on the days to come. */
  lowest: number;
  today: string;
  /** The days after today on which something that is drawn changes, and the names of what begins then. */
  comings: ReadonlyMap<string, readonly string[]>;
  commitments: readonly string[];
  /** How many of the nodes drawn operate on the day, and how many do not. */
  operating: number;
  ghosts: number;
  /** Nodes that are claimed, for the list. */
  claims: number;
}

export interface TimeChoices {
  /** Empty for what is shown without a choice. */
  day(day: string): void;
  commitment(word: string): void;
  /** The list of claims is opened: what stands in it. */
  list(): Child;
}

export interface TimeBar {
  element: HTMLElement;
  /** The list of claims, which opens above the map. */
  list: HTMLElement;
  update(state: TimeState): void;
}

/** How many names are told of what begins to operate on a day. */
const NAMED = 3;

export function timeBar(i18n: I18n, choices: TimeChoices): TimeBar {
  let stops: string[] = [];
  let place = 0;
  const name = newId("time");
  const slider = h("input", { type: "range", step: "1", id: name, class: "time-slider" });
  const ticks = h("div", { class: "time-ticks", "aria-hidden": true });
  const before = h("button", { type: "button", title: i18n.t("map.changeBefore"), "aria-label": i18n.t("map.changeBefore"), on: { click: () => to(place - 1) } }, "◂");
  const after = h("button", { type: "button", title: i18n.t("map.changeAfter"), "aria-label": i18n.t("map.changeAfter"), on: { click: () => to(place + 1) } }, "▸");
  const commitment = h("select", { on: { change: () => choices.commitment(commitment.value) } });
  const told = h("p", { class: "time-said", role: "status" });
  const door = h("a", { class: "small" });
  const list = h("div", { class: "claims-list", tabIndex: 0, role: "region", "aria-label": i18n.t("map.claims") });
  const summary = h("summary", {});
  const claims = h("details", { class: "claims" }, summary, list);
  claims.addEventListener("toggle", () => fill(list, claims.open && choices.list()));
  claims.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !claims.open) return;
    event.preventDefault();
    claims.open = false;
    summary.focus();
  });
  slider.addEventListener("input", () => to(nearestStop(stops, Number(slider.value))));
  slider.addEventListener("keydown", (event) => {
    const steps: Record<string, number> = { ArrowLeft: place - 1, ArrowDown: place - 1, ArrowRight: place + 1, ArrowUp: place + 1, PageUp: place + 3, PageDown: place - 3, Home: 0, End: stops.length - 1 };
    const next = steps[event.key];
    if (next === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    to(next);
  });

  function to(next: number): void {
    const stop = stops[Math.max(0, Math.min(stops.length - 1, next))];
    if (stop === undefined) return;
    slider.value = String(dayNumber(stop));
    if (stop !== stops[place]) choices.day(stop);
  }

  const element = h(
    "section",
    { class: "time-bar", "aria-label": i18n.t("map.time") },
    h(
      "div",
      { class: "time-row" },
      before,
      h("div", { class: "time-track" }, h("label", { for: name, class: "spoken" }, i18n.t("map.asOf")), ticks, slider),
      after,
      h("label", { class: "field" }, h("span", {}, i18n.t("map.counted")), commitment),
    ),
    h("div", { class: "time-row time-words" }, told, claims, door),
  );

  return {
    element,
    list,
    update({ asOf, lowest, today, comings, commitments, operating, ghosts, claims: claimed }) {
      stops = [today, ...comings.keys()];
      place = stopOf(stops, asOf.day);
      const [first, last] = [dayNumber(today), dayNumber(stops.at(-1) ?? today)];
      slider.min = String(first);
      slider.max = String(Math.max(first + 1, last));
      slider.value = String(dayNumber(asOf.day));
      slider.setAttribute("aria-valuetext", i18n.day(asOf.day));
      slider.disabled = stops.length < 2;
      // Not `disabled`: that would take the focus away from who presses it again and again.
      before.setAttribute("aria-disabled", String(place === 0));
      after.setAttribute("aria-disabled", String(place === stops.length - 1));
      fill(
        ticks,
        stops.map((stop) => h("span", { class: stop <= asOf.day ? "past" : "", title: i18n.day(stop), style: { left: `${(100 * (dayNumber(stop) - first)) / Math.max(1, last - first)}%` } })),
      );
      if (commitment.options.length !== commitments.length) fill(commitment, commitments.map((word) => h("option", { value: word }, i18n.word("commitment", word))));
      commitment.value = commitments[lowest] ?? "";
      const coming = comings.get(asOf.day) ?? [];
      const rest = coming.length - NAMED;
      fill(
        told,
        h("strong", {}, i18n.day(asOf.day)),
        " ",
        i18n.t("map.timeSaid", { operating: i18n.number(operating), ghosts: i18n.number(ghosts) }),
        coming.length > 0 && [
          " ",
          i18n.t(rest > 0 ? "map.timeBeginsMore" : "map.timeBegins", { names: coming.slice(0, NAMED).join(", "), count: i18n.number(rest) }),
        ],
      );
      fill(summary, i18n.t("map.claimsCount", { count: i18n.number(claimed) }));
      claims.hidden = claimed === 0;
      door.href = href("plans", { new: "1", horizon: asOf.day, commitment: commitments[asOf.step] });
      door.textContent = i18n.t("map.planAsOf", { day: i18n.day(asOf.day) });
    },
  };
}
