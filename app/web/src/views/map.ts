/** The network on the map: what stands where, what runs on it for whom, and the story of each node, site and workload. */
import { isAbort } from "../api";
import { h } from "../dom";
import { empty as nothing, region } from "../states";
import { view, type Mounted } from "../view";
import { finding, newestPlan, type Found } from "./map/found";
import { params, pickedOf } from "./map/params";
import { REST_MS } from "./map/place/looking";
import { makeStage, type Stage } from "./map/stage";
import "./map.css";

export default view({
  params,
  title: (i18n) => i18n.t("view.map"),
  mount(root, context) {
    const { i18n, api, live, values, go } = context;
    let stage: Stage | null = null;
    let turn = 0;
    let resting = 0;
    const fetch = finding(api, values);

    /** What is drawn first: before anything is applied the newest plan, as there is more to see in it than where nothing runs. */
    async function opening(): Promise<Found> {
      const found = await fetch();
      if (values().plan !== "" || found.inForce !== null || pickedOf(values())) return found;
      const newest = await newestPlan(api);
      if (newest === null || values().plan !== "") return found;
      go({ plan: newest }, true);
      return fetch();
    }

    const part = region(root, i18n, () => (stage ? fetch() : opening()), (found) => {
      stage?.dispose();
      stage = null;
      if (found.map.nodes.id.length === 0) return h("div", { class: "card" }, nothing(i18n.t("map.empty"), i18n.t("map.emptyHint")));
      stage = makeStage(context, found);
      window.requestAnimationFrame(() => stage?.begin());
      return stage.elements;
    });

    /** Look what has changed, and draw it where it stands. What has changed while the first is on its way comes after it. */
    async function refresh(): Promise<void> {
      await first;
      if (!stage) return part.load();
      turn += 1;
      const mine = turn;
      try {
        const found = await fetch();
        if (mine !== turn) return;
        if (found.map.nodes.id.length === 0) return part.load();
        stage.show(found);
      } catch (error) {
        if (mine === turn && !isAbort(error)) await part.load();
      }
    }

    const first = part.load();
    live.on("node", () => void refresh());
    live.on("allocation", () => void refresh());
    live.on("plan.applied", () => void refresh());
    live.on("generation", (event) => {
      if (event.detail.parts.some((one) => one === "network" || one === "allocation")) void refresh();
    });
    live.on("plan.deleted", (event) => event.plan === values().plan && void refresh());
    live.on("plan", () => stage?.plansChanged());
    return {
      update: (now, before) => {
        if (now.plan !== before.plan || now.wipe !== before.wipe) void refresh();
        stage?.update(now, before);
        if (now.day !== before.day && now.plan === "") {
          // What is drawn follows the handle at once; how full it is comes when the handle rests.
          window.clearTimeout(resting);
          resting = window.setTimeout(() => void refresh(), REST_MS);
        }
      },
      dispose: () => {
        window.clearTimeout(resting);
        stage?.dispose();
      },
    } satisfies Mounted<typeof params>;
  },
});
