/** What has happened, newest first, and what happens now; it can be stopped to read, and nothing is lost meanwhile. */
import { Refused, Unreachable, isAbort } from "../api";
import { fill, h } from "../dom";
import { text, words } from "../params";
import { empty, failure, loading } from "../states";
import { view } from "../view";
import type { EventPage, ServiceEvent } from "../wire";
import { SEVERITIES, sentenceOf, severityMark, type Names } from "./events/sentence";
import { stream } from "./events/stream";
import "./events.css";

const GROUPS = ["plan", "node", "allocation", "generation"] as const;
type Group = (typeof GROUPS)[number];
/** Events that are read at once. */
const PAGE = 500;
/** New events are told to screen readers at most this often. */
const TELL_MS = 10_000;
/** From here on what comes on top is out of sight. */
const AWAY_PX = 160;

export default view({
  params: { types: words(GROUPS), severity: words(SEVERITIES), plan: text() },
  title: (i18n) => i18n.t("view.events"),
  mount(root, { i18n, api, live, signal, values, go, link, announce }) {
    let shown: ServiceEvent[] = [];
    let known = new Set<number>();
    let waiting: ServiceEvent[] = [];
    let untold: ServiceEvent[] = [];
    let paused = false;
    let unseen = 0;
    let ready = false;
    let turn = 0;
    let telling = 0;
    const planNames = new Map<string, string>();
    const deleted = new Set<string>();
    const nodeNames = new Map<string, string>();
    let namesAsked = false;

    const names: Names = { node: (id) => nodeNames.get(id) ?? id, deleted: (plan) => deleted.has(plan) };
    const list = stream({ i18n, names, onlyPlan: (plan) => link({ plan }) });

    const boxes = GROUPS.map((group) => {
      const box = h("input", { type: "checkbox", value: group, on: { change: () => choose() } });
      return [group, box, h("label", { class: "choice" }, box, i18n.t(`events.group.${group}`))] as const;
    });
    const grades = SEVERITIES.map((one) => {
      const box = h("input", { type: "checkbox", value: one, on: { change: () => choose() } });
      return [one, box, h("label", { class: "choice" }, box, severityMark(i18n, one))] as const;
    });
    const plan = h("select", { "aria-label": i18n.t("events.plan"), on: { change: () => go({ plan: plan.value }) } });
    const pause = h("button", { type: "button", class: "event-pause", on: { click: () => (paused ? resume() : stop()) } });
    const state = h("span", { class: "badge" });
    const waits = h("span", { class: "small quiet event-waits" });
    const bar = h(
      "section",
      { class: "card bar event-bar", "aria-label": i18n.t("events.filters") },
      h("div", { class: "choices", role: "group", "aria-label": i18n.t("events.type") }, boxes.map(([, , label]) => label)),
      h("div", { class: "choices", role: "group", "aria-label": i18n.t("events.severity") }, grades.map(([, , label]) => label)),
      plan,
      h("div", { class: "bar end" }, waits, state, pause),
    );
    const above = h("button", { type: "button", class: "primary event-above", hidden: true, on: { click: () => window.scrollTo({ top: 0 }) } });
    const body = h("div", { class: "card event-card" });
    const foot = h("div", { class: "event-foot" });
    fill(root, bar, above, body);

    function choose(): void {
      const chosen = boxes.filter(([, box]) => box.checked).map(([group]) => group);
      const graves = grades.filter(([, box]) => box.checked).map(([one]) => one);
      go({ types: chosen.length === GROUPS.length ? [] : chosen, severity: graves.length === SEVERITIES.length ? [] : graves }, true);
    }

    function wanted(event: ServiceEvent): boolean {
      const { types, severity, plan } = values();
      if (severity.length > 0 && !severity.includes(event.severity)) return false;
      const group = event.type.slice(0, event.type.indexOf(".")) as Group;
      return (types.length === 0 || types.includes(group)) && (plan === "" || event.plan === plan);
    }

    /** Learn from an event, shown or not, what others need. */
    function learn(event: ServiceEvent): void {
      if (event.plan !== null && "name" in event.detail) planNames.set(event.plan, event.detail.name ?? event.plan.slice(0, 8));
      if (event.type === "plan.deleted" && event.plan !== null) deleted.add(event.plan);
      if (event.node !== null && !nodeNames.has(event.node) && !namesAsked) void askNames();
    }

    /** The names of nodes; until they are known, and where they cannot be had, their ids stand in their place. */
    async function askNames(): Promise<void> {
      namesAsked = true;
      try {
        const { nodes } = await api.get("/v1/map");
        nodes.id.forEach((id, i) => nodeNames.set(id, i18n.name({ id, name: nodes.name[i] ?? null, name_ko: nodes.name_ko[i] ?? null })));
        for (const link of list.element.querySelectorAll<HTMLAnchorElement>("a")) {
          const id = new URL(link.href).searchParams.get("node");
          if (id !== null) link.textContent = names.node(id);
        }
      } catch (error) {
        if (isAbort(error)) return;
        namesAsked = false; // asked again with the next node
        if (!(error instanceof Unreachable || error instanceof Refused)) throw error;
      }
    }

    async function page(before?: number): Promise<EventPage> {
      const { types, severity, plan } = values();
      return api.get("/v1/events/log", {
        query: { limit: PAGE, types: types.join(","), severity: severity.join(","), plan, ...(before === undefined ? {} : { before }) },
      });
    }

    /** Take what was not known before, newest first. */
    function fresh(events: readonly ServiceEvent[]): ServiceEvent[] {
      const found = events.filter((event) => !known.has(event.id) && event.type !== "stream.reset" && wanted(event));
      for (const event of found) {
        known.add(event.id);
        learn(event);
      }
      return found.sort((a, b) => b.id - a.id);
    }

    async function load(): Promise<void> {
      turn += 1;
      const mine = turn;
      const [element] = loading(i18n);
      const timer = window.setTimeout(() => mine === turn && fill(body, element), 150);
      ready = false;
      known = new Set();
      const meanwhile = waiting;
      waiting = paused ? meanwhile.filter(wanted) : [];
      try {
        const first = await page();
        if (mine !== turn) return;
        // While paused, what waits is not shown, whichever way it came.
        const oldest = Math.min(...waiting.map((event) => event.id));
        shown = fresh(first.items.filter((event) => !paused || event.id < oldest));
        if (!paused) shown = [...fresh(waiting), ...shown].sort((a, b) => b.id - a.id);
        if (!paused) waiting = [];
        for (const event of waiting) known.add(event.id);
        ready = true;
        list.reset(shown);
        showFoot(first.items.length === PAGE);
        showBody();
      } catch (error) {
        if (mine !== turn || isAbort(error)) return;
        fill(body, failure(i18n, error, () => void load(), [[i18n.t("events.allPlans"), link({ plan: "" })]]));
        if (!(error instanceof Unreachable || error instanceof Refused)) throw error;
      } finally {
        window.clearTimeout(timer);
      }
      showPlans();
      showPause();
    }

    async function older(button: HTMLButtonElement): Promise<void> {
      const last = shown.at(-1);
      if (!last) return;
      const mine = turn;
      button.disabled = true;
      try {
        const next = await page(last.id);
        if (mine !== turn) return;
        const more = fresh(next.items);
        shown.push(...more);
        list.append(more);
        showFoot(next.items.length === PAGE);
        showPlans();
        foot.querySelector("button")?.focus({ preventScroll: true });
      } catch (error) {
        if (mine !== turn || isAbort(error)) return;
        fill(foot, failure(i18n, error, () => void older(button)));
        if (!(error instanceof Unreachable || error instanceof Refused)) throw error;
      }
    }

    function showBody(): void {
      const { types, severity, plan } = values();
      const filtered = types.length > 0 || severity.length > 0 || plan !== "";
      if (shown.length > 0) {
        if (list.element.parentElement !== body) fill(body, list.element, foot);
      } else fill(body, empty(i18n.t(filtered ? "events.noneSuch" : "events.empty"), i18n.t("events.emptyHint")));
    }

    function showFoot(more: boolean): void {
      const count = h("span", { class: "quiet small" }, i18n.t(more ? "events.shown" : "events.shownAll", { count: i18n.number(shown.length) }));
      const button = h("button", { type: "button", on: { click: () => void older(button) } }, i18n.t("events.older"));
      fill(foot, count, more && button);
    }

    function showPlans(): void {
      const chosen = values().plan;
      const options = [...planNames].map(([id, name]): [string, string] => [id, `${name} · ${id.slice(0, 8)}`]);
      if (chosen !== "" && !planNames.has(chosen)) options.push([chosen, chosen.slice(0, 8)]);
      const key = JSON.stringify(options);
      if (plan.dataset["offered"] !== key) {
        plan.dataset["offered"] = key;
        fill(plan, h("option", { value: "" }, i18n.t("events.allPlans")), options.map(([id, name]) => h("option", { value: id }, name)));
      }
      plan.value = chosen;
    }

    function showPause(): void {
      pause.textContent = paused ? i18n.t("events.resume") : i18n.t("events.pause");
      pause.setAttribute("aria-pressed", String(paused));
      pause.classList.toggle("primary", paused);
      waits.textContent = paused ? i18n.t("events.waiting", { count: i18n.number(waiting.length) }) : "";
    }

    function showAbove(): void {
      if (window.scrollY < AWAY_PX) unseen = 0;
      above.hidden = unseen === 0;
      above.textContent = i18n.t("events.above", { count: i18n.number(unseen) });
    }

    function stop(): void {
      paused = true;
      showPause();
      announce(i18n.t("events.paused"));
    }

    function resume(): void {
      paused = false;
      const count = waiting.length;
      take(waiting);
      waiting = [];
      showPause();
      announce(i18n.t("events.resumed", { count: i18n.number(count) }));
    }

    function take(events: readonly ServiceEvent[]): void {
      const more = events.toSorted((a, b) => b.id - a.id);
      if (more.length === 0) return;
      shown.unshift(...more);
      list.prepend(more);
      if (window.scrollY >= AWAY_PX) unseen += more.length;
      showBody();
      const button = foot.querySelector("button");
      showFoot(button !== null);
      showAbove();
    }

    /** Events come in bursts; they are drawn together. */
    let burst: ServiceEvent[] = [];
    let frame = 0;
    function draw(): void {
      frame = 0;
      const events = burst;
      burst = [];
      if (paused) waiting.push(...events);
      else take(events);
      showPause();
      showPlans();
      untold.push(...events);
      if (telling === 0) telling = window.setTimeout(tell, 1_000);
    }

    /** Tell screen readers how many have come, and the newest of them. */
    function tell(): void {
      const newest = untold.at(-1);
      const count = untold.length;
      untold = [];
      if (!newest) {
        telling = 0;
        return;
      }
      telling = window.setTimeout(tell, TELL_MS);
      if (paused) return;
      const said = h("p", {}, sentenceOf(i18n, newest, names)).textContent ?? "";
      announce(count === 1 ? said : i18n.t("events.told", { count: i18n.number(count), newest: said }));
    }

    live.onAny((event) => {
      if (!ready) {
        if (wanted(event)) waiting.push(event); // merged when the history is there
        return;
      }
      const [one] = fresh([event]);
      if (!one) return;
      burst.push(one);
      if (frame === 0) frame = window.setTimeout(draw, 60);
    });
    live.onState((now) => {
      state.className = `badge ${now === "live" ? "good" : now === "polling" ? "warn" : "bad"}`;
      state.textContent = i18n.t(`live.${now}`);
      state.title = i18n.t(`live.${now}.meaning`);
      if (now !== "reconnecting" && !ready && turn > 0) void load();
    });
    window.addEventListener("scroll", () => unseen > 0 && showAbove(), { passive: true, signal });
    void load();

    return {
      update(now, before) {
        for (const [group, box] of boxes) box.checked = now.types.length === 0 || now.types.includes(group);
        for (const [one, box] of grades) box.checked = now.severity.length === 0 || now.severity.includes(one);
        if (now.plan !== before.plan || now.severity.join() !== before.severity.join() || now.types.join() !== before.types.join()) void load();
        showPlans();
        showPause();
      },
      dispose() {
        list.dispose();
        window.clearTimeout(frame);
        window.clearTimeout(telling);
      },
    };
  },
});
