/** The plans: all of them, one of them, two beside each other, or a new one. The URL says which. */
import { h } from "../dom";
import { view } from "../view";
import { comparePage } from "./plans/compare";
import { listPage } from "./plans/list";
import { PARAMS, type Page, type PlansContext, type PlansValues } from "./plans/params";
import { planPage } from "./plans/plan";
import { reportPage } from "./plans/report";
import { requestPage } from "./plans/request";
import "./plans.css";

/** Names the page that some values show; a page stays as long as its name does. */
function nameOf(now: PlansValues): string {
  if (now.plan !== "" && now.with !== "") return `compare ${now.plan} ${now.with}`;
  if (now.plan !== "") return `${now.report ? "report" : "plan"} ${now.plan}`;
  return now.new ? `new ${now.horizon} ${now.commitment} ${now.ids} ${now.running} ${now.ends}` : "list";
}

function make(root: HTMLElement, context: PlansContext, now: PlansValues): Page {
  if (now.plan !== "" && now.with !== "") return comparePage(root, context, now.plan, now.with);
  if (now.plan !== "") return now.report ? reportPage(root, context, now.plan) : planPage(root, context, now.plan);
  return now.new ? requestPage(root, context, now) : listPage(root, context);
}

export default view({
  params: PARAMS,
  title: (i18n) => i18n.t("view.plans"),
  mount(root, context) {
    let shown: { name: string; page: Page; end: AbortController } | null = null;

    function leave(): void {
      shown?.end.abort();
      shown?.page.dispose();
      shown = null;
    }

    /** The same context, for as long as one page is shown. */
    function until(signal: AbortSignal): PlansContext {
      const stopping =
        <Rest extends unknown[]>(subscribe: (...rest: Rest) => () => void) =>
        (...rest: Rest): (() => void) => {
          const stop = subscribe(...rest);
          signal.addEventListener("abort", stop, { once: true });
          return stop;
        };
      const { live } = context;
      return {
        ...context,
        signal,
        api: context.api.until(signal),
        live: {
          on: stopping(live.on) as typeof live.on,
          onAny: stopping(live.onAny),
          onState: stopping(live.onState),
          onReset: stopping(live.onReset),
        },
      };
    }

    return {
      update(now) {
        const name = nameOf(now);
        if (shown?.name === name) {
          shown.page.update(now);
          return;
        }
        const first = shown === null;
        leave();
        const end = new AbortController();
        const inside = h("div", { class: "plans-page" });
        root.replaceChildren(inside);
        shown = { name, page: make(inside, until(end.signal), now), end };
        shown.page.update(now);
        if (first) return;
        window.scrollTo(0, 0);
        document.querySelector("main")?.focus({ preventScroll: true });
      },
      dispose: leave,
    };
  },
});
