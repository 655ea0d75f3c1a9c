/** Asking for a plan: with a file, or for workloads that are stored. */
import { Refused, isAbort } from "../../api";
import { fill, h, newId } from "../../dom";
import { detailSaid, expectedSaid, faultSaid, titleSaid } from "../../sentences";
import { original, sentence } from "../../states";
import { localDay } from "../../today";
import type { BodyOf, Scope } from "../../wire";
import { describeRequest, documentIn, valueAt, withoutProvenance } from "./file";
import type { Page, PlansContext, PlansValues } from "./params";
import { COMMITMENTS, capsField, idsField, idsIn, termsOf, type CommitmentWord } from "./terms";

type PlanRequest = BodyOf<"/v1/plans", "post">;

/** The URL without what a form began with. */
const NO_TERMS = { horizon: "", commitment: "", ids: "", running: "", ends: "" } as const;

/** From the one that touches least to the one that touches most. */
const SCOPES = ["repair", "keep", "move", "preempt"] as const satisfies readonly Scope[];

/** Show both ways of asking in `root`. */
export function requestPage(root: HTMLElement, context: PlansContext, now: PlansValues): Page {
  const { i18n, link } = context;
  root.append(
    h("p", {}, h("a", { href: link({ new: false, ...NO_TERMS }) }, i18n.t("plans.back"))),
    h("h2", {}, i18n.t("plans.new")),
    h("div", { class: "plans-two" }, fromFile(context), fromStore(context, now)),
  );
  return { update: () => undefined, dispose: () => undefined };
}

/** Ask, and go to the plan. */
async function submit({ api, go, announce, i18n }: PlansContext, body: PlanRequest): Promise<void> {
  const plan = await api.post("/v1/plans", { body });
  announce(i18n.t("plans.submittedNow"));
  go({ plan: plan.id, with: "", new: false, ...NO_TERMS });
}

/** A file is chosen or dropped, described, sent, and if it is refused its faults are shown beside it. */
function fromFile(context: PlansContext): HTMLElement {
  const { i18n } = context;
  const hint = newId("file");
  const input = h("input", { type: "file", accept: "application/json,.json", "aria-describedby": hint });
  const zone = h(
    "label",
    { class: "plans-drop" },
    h("span", { class: "plans-drop-title" }, i18n.t("plans.chooseFile")),
    h("span", { class: "quiet small", id: hint }, i18n.t("plans.fileHint")),
    input,
  );
  const told = h("div", { "aria-live": "polite" });
  input.addEventListener("change", () => void take(input.files?.[0]));
  for (const type of ["dragenter", "dragover"] as const) {
    zone.addEventListener(type, (event) => {
      event.preventDefault();
      zone.dataset["over"] = "yes";
    });
  }
  zone.addEventListener("dragleave", () => delete zone.dataset["over"]);
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    delete zone.dataset["over"];
    void take(event.dataTransfer?.files[0]);
  });

  async function take(file: File | undefined): Promise<void> {
    if (!file) return;
    let parsed: unknown;
    try {
      parsed = JSON.parse(await file.text());
    } catch (error) {
      fill(told, heading(file), fault(i18n.t("plans.notJson"), sentence(i18n, error)));
      return;
    }
    const document = documentIn(parsed);
    if (document !== null) {
      const path = `/v1/${document}`;
      fill(told, heading(file), fault(i18n.t("plans.isDocument", { document: i18n.t(`plans.document.${document}`) }), i18n.t("plans.belongs", { path })));
      return;
    }
    const [body, dropped] = withoutProvenance(parsed);
    const found = describeRequest(body);
    const send = h("button", { type: "button", class: "primary" }, i18n.t("plans.submit"));
    const refusal = h("div", {});
    send.addEventListener("click", () => void ask());
    fill(
      told,
      heading(file),
      h(
        "dl",
        { class: "plans-facts" },
        fact(i18n.t("plans.nameOf"), found.name),
        fact(i18n.t("plans.workloads"), found.workloads === null ? null : i18n.number(found.workloads)),
        fact(i18n.t("plans.horizon"), found.horizon),
        fact(i18n.t("plans.limit"), found.seconds === null ? i18n.t("plans.defaultSeconds") : i18n.seconds(found.seconds)),
      ),
      dropped && h("p", { class: "small quiet" }, i18n.t("plans.provenance")),
      h("div", { class: "bar" }, send),
      refusal,
    );

    async function ask(): Promise<void> {
      send.disabled = true;
      fill(refusal);
      try {
        await submit(context, body as PlanRequest);
      } catch (error) {
        if (isAbort(error)) return;
        fill(refusal, refused(context, error, body));
        send.disabled = false;
        send.focus();
      }
    }
  }

  function heading(file: File): HTMLElement {
    return h("p", { class: "plans-file" }, h("strong", {}, file.name), h("span", { class: "quiet" }, ` · ${i18n.bytes(file.size)}`));
  }
  function fact(name: string, value: string | null) {
    return value === null ? null : h("div", {}, h("dt", {}, name), h("dd", {}, value));
  }

  return h(
    "section",
    { class: "card", "aria-labelledby": "plans-from-file" },
    h("div", { class: "card-head" }, h("h3", { id: "plans-from-file" }, i18n.t("plans.fromFile"))),
    h("div", { class: "card-body plans-stack" }, zone, told),
  );
}

/** Some fields, for what is stored: all workloads, some by id, or with `repair` whatever is disturbed. */
function fromStore(context: PlansContext, now: PlansValues): HTMLElement {
  const { i18n, api } = context;
  const name = h("input", { type: "text", name: "name", maxLength: 128 });
  const ids = idsField(2, i18n.t("plans.idsAll"));
  const seconds = h("input", { type: "number", name: "seconds", min: "1", max: "86400", step: "1", placeholder: i18n.t("plans.defaultSeconds") });
  const horizon = h("input", { type: "date", name: "horizon", required: true, value: now.horizon === "" ? localDay(new Date()) : now.horizon });
  const asInForce = h("option", { value: "" }, i18n.t("plans.lowestInForce", { word: i18n.word("commitment", "operational") }));
  const lowest = h("select", { name: "lowest" }, asInForce, COMMITMENTS.map((one) => h("option", { value: one, selected: one === now.commitment }, i18n.word("commitment", one))));
  const scopes = SCOPES.map((one) => h("input", { type: "radio", name: "scope", value: one, checked: one === (now.running === "" ? "keep" : now.running) }));
  const mayEnd = idsField(2, i18n.t("plans.mayEndNone"));
  ids.value = idsIn(now.ids).join("\n");
  mayEnd.value = idsIn(now.ends).join("\n");
  const caps = capsField(i18n);
  const kept = h("p", { class: "small quiet", hidden: true });
  const send = h("button", { type: "submit", class: "primary" }, i18n.t("plans.submit"));
  const count = h("span", { class: "quiet number", role: "status" });
  const refusal = h("div", {});
  const form = h(
    "form",
    { class: "card-body plans-form" },
    labelled(i18n.t("plans.nameOf"), name, i18n.t("plans.optional")),
    labelled(i18n.t("plans.whichWorkloads"), ids, i18n.t("plans.whichHint")),
    h(
      "fieldset",
      { class: "plans-fieldset" },
      h("legend", {}, i18n.t("plans.scope")),
      scopes.map((input, i) => scopeLine(input, SCOPES[i] ?? "keep")),
    ),
    labelled(i18n.t("plans.mayEnd"), mayEnd, i18n.t("plans.mayEndHint")),
    labelled(i18n.t("plans.horizon"), horizon, i18n.t("plans.horizonHint")),
    labelled(i18n.t("plans.lowest"), lowest, i18n.t("plans.lowestHint")),
    caps.element,
    kept,
    labelled(i18n.t("plans.limit"), seconds, i18n.t("plans.limitHint")),
    h("div", { class: "bar" }, send, count),
    refusal,
  );
  void showInForce();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void ask();
  });

  /** What one scope may do to whom, in a line. */
  function scopeLine(input: HTMLInputElement, scope: Scope): HTMLElement {
    const about = newId("scope");
    input.setAttribute("aria-describedby", about);
    return h(
      "div",
      { class: `plans-scope${scope === "preempt" ? " danger" : ""}` },
      h("label", {}, input, i18n.t(`plans.scope.${scope}`)),
      h("span", { class: "small quiet", id: about }, i18n.t(`plans.scope.${scope}.means`)),
    );
  }

  /** Terms that are in force stay as long as nobody touches them; so one has to see them. */
  async function showInForce(): Promise<void> {
    try {
      const { plan } = await api.get("/v1/allocations/summary");
      const terms = termsOf(plan === null ? null : await api.get("/v1/plans/{id}", { path: { id: plan } }));
      if (terms === null) return;
      asInForce.textContent = i18n.t("plans.lowestInForce", { word: i18n.word("commitment", terms.lowest_commitment ?? "operational") });
      caps.inForce(terms.share_caps ?? []);
      const weights = Object.entries(terms.weights ?? {}).filter(([, weight]) => weight !== 1_000);
      kept.hidden = weights.length === 0;
      kept.textContent = i18n.t("plans.weightsInForce", { weights: weights.map(([goal, weight]) => `${i18n.word("goal", goal)} ${i18n.number(Number(weight) / 1_000, 3)}`).join(", ") });
    } catch (error) {
      if (!isAbort(error)) fill(refusal, refused(context, error, null));
    }
  }

  /** The ids that are asked about: those that were written, or all; none where the scope finds them by itself. */
  async function asked(scope: Scope): Promise<string[]> {
    const written = idsIn(ids.value);
    if (written.length > 0 || scope === "repair") return written;
    const told = (done: number): void => {
      count.textContent = i18n.t("plans.reading", { count: i18n.number(done) });
    };
    const workloads = await api.all("/v1/workloads", { query: { limit: 1000 } }, Number.POSITIVE_INFINITY, told);
    return workloads.map((workload) => workload.id);
  }

  async function ask(): Promise<void> {
    send.disabled = true;
    fill(refusal);
    count.textContent = "";
    let body: PlanRequest | null = null;
    try {
      const scope = SCOPES.find((_, i) => scopes[i]?.checked) ?? "keep";
      const workloads = await asked(scope);
      if (workloads.length === 0 && scope !== "repair") {
        count.textContent = i18n.t("plans.noWorkloads");
        return;
      }
      const shareCaps = caps.value();
      body = {
        workload_ids: workloads,
        terms: {
          horizon: horizon.value,
          ...(lowest.value === "" ? {} : { lowest_commitment: lowest.value as CommitmentWord }),
          ...(shareCaps === undefined ? {} : { share_caps: shareCaps }),
        },
        scope: { running: scope, may_end: idsIn(mayEnd.value) },
        ...(name.value.trim() === "" ? {} : { name: name.value.trim() }),
        ...(seconds.value === "" ? {} : { limits: { seconds: Number(seconds.value) } }),
      } as PlanRequest;
      await submit(context, body);
    } catch (error) {
      if (isAbort(error)) return;
      count.textContent = "";
      fill(refusal, refused(context, error, body));
    } finally {
      send.disabled = false;
    }
  }

  function labelled(label: string, control: HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement, hint: string): HTMLElement {
    control.id = newId("ask");
    const about = newId("hint");
    control.setAttribute("aria-describedby", about);
    return h("div", { class: "plans-field" }, h("label", { for: control.id }, label), control, h("span", { class: "small quiet", id: about }, hint));
  }

  return h(
    "section",
    { class: "card", "aria-labelledby": "plans-from-store" },
    h("div", { class: "card-head" }, h("h3", { id: "plans-from-store" }, i18n.t("plans.fromStore"))),
    form,
  );
}

function fault(title: string, detail: string): HTMLElement {
  return h("div", { class: "plans-fault", role: "alert" }, h("p", {}, h("strong", {}, title)), h("p", {}, detail));
}

/** What the service says is wrong, field by field, with what stands there. */
export function refused({ i18n }: PlansContext, error: unknown, body: unknown): HTMLElement {
  if (!(error instanceof Refused)) return fault(i18n.t("plans.notSent"), sentence(i18n, error));
  const told = fault(titleSaid(i18n, error), detailSaid(i18n, error));
  const faults = error.problem.errors ?? [];
  const own = original(i18n, error);
  if (own) told.append(own);
  if (faults.length === 0) return told;
  told.append(
    h(
      "ul",
      { class: "plans-faults" },
      faults.map((one) => {
        const expected = expectedSaid(i18n, one);
        const stands = one.value ?? (body === null ? undefined : valueAt(body, one.field));
        return h(
          "li",
          {},
          h("code", {}, one.field),
          " – ",
          faultSaid(i18n, one, error.code),
          expected !== null && h("div", { class: "small" }, i18n.t("plans.expected"), " ", expected),
          i18n.language === "en" && one.fix != null && h("div", { class: "small" }, h("strong", {}, one.fix)),
          stands !== undefined && h("div", { class: "small" }, i18n.t("plans.stands"), " ", h("code", {}, stands)),
        );
      }),
    ),
  );
  return told;
}
