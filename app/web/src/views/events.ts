/** What has happened, newest first, and what happens now. */
import { h } from "../dom";
import { empty, region } from "../states";
import { table, type Column } from "../table";
import { view } from "../view";
import type { ServiceEvent } from "../wire";

/** How many of the newest events are kept in the page. */
const MOST = 1_000;

export default view({
  params: {},
  title: (i18n) => i18n.t("view.events"),
  mount(root, { i18n, api, live }) {
    const columns: Column<ServiceEvent>[] = [
      { key: "id", label: "#", align: "end", value: (event) => event.id },
      { key: "at", label: i18n.t("events.at"), value: (event) => event.at, cell: (event) => i18n.time(event.at) },
      { key: "type", label: i18n.t("events.type"), value: (event) => i18n.word("event", event.type) },
      { key: "about", label: i18n.t("events.about"), value: about },
      { key: "generation", label: i18n.t("events.generation"), align: "end", value: (event) => event.generation },
    ];

    function about(event: ServiceEvent): string | null {
      if (event.node !== null) return event.node;
      if ("name" in event.detail) return event.detail.name ?? event.plan;
      return "parts" in event.detail ? event.detail.parts.join(", ") : event.plan;
    }

    let events: ServiceEvent[] = [];
    const list = table<ServiceEvent>({ i18n, caption: i18n.t("events.caption"), columns, id: (event) => String(event.id) });
    const part = region(
      root,
      i18n,
      async () => {
        const { last } = await api.get("/v1/events/log", { query: { limit: 1 } });
        return api.get("/v1/events/log", { query: { after: Math.max(0, last - MOST), limit: MOST } });
      },
      (page) => {
        take(page.items);
        if (events.length === 0) return h("div", { class: "card" }, empty(i18n.t("events.empty"), i18n.t("events.emptyHint")));
        return h("div", { class: "card" }, list.element);
      },
    );

    function take(more: readonly ServiceEvent[]): void {
      const known = new Set(events.map((event) => event.id));
      events = [...events, ...more.filter((event) => !known.has(event.id))].sort((a, b) => b.id - a.id).slice(0, MOST);
      list.update(events);
    }

    void part.load();
    live.onAny((event) => {
      if (events.length === 0) void part.load();
      else take([event]);
    });
    return { update: () => undefined, dispose: () => undefined };
  },
});
