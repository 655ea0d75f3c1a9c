/** Events in words: a sentence with links for each, how long ago it was, and its details. */
import { h, type Child } from "../../dom";
import type { I18n, Key } from "../../i18n";
import { href } from "../../route";
import { warningWord } from "../../sentences";
import type { ServiceEvent, Severity } from "../../wire";
import type { Warning } from "../plans/warned";

/** An event names no more workloads than this. */
const MOST_NAMED = 20;

/** What sentences need to know beside the event. */
export interface Names {
  node(id: string): string;
  /** Whether a plan is known to be gone. */
  deleted(plan: string): boolean;
}

/** A sentence of the dictionary with elements in its holes. */
export function filled(sentence: string, values: Readonly<Record<string, Child>>): Child[] {
  return sentence.split(/(\{\w+\})/).map((part) => {
    const hole = /^\{(\w+)\}$/.exec(part)?.[1];
    return hole === undefined ? part : (values[hole] ?? part);
  });
}

/** The event in a sentence. */
export function sentenceOf(i18n: I18n, event: ServiceEvent, names: Names): Child[] {
  const detail = event.detail as Record<string, unknown>;
  const number = (name: string): string => i18n.number(Number(detail[name] ?? 0));
  const values: Record<string, Child> = {
    plan: planOf(event, names),
    node: nodeOf(event, names),
    generation: event.generation === null ? i18n.t("common.none") : i18n.number(event.generation),
    parts: Array.isArray(detail["parts"]) ? detail["parts"].map((part) => partWord(i18n, String(part))).join(", ") : "",
    cost: typeof detail["cost"] === "number" ? i18n.money(detail["cost"]) : "",
    gap: typeof detail["gap"] === "number" ? i18n.gap(detail["gap"]) : "",
    reason: String(detail["reason"] ?? ""),
    placed: number(event.type === "plan.applied" ? "placed" : "placed_shards"),
    unplaced: number(event.type === "plan.applied" || event.type === "plan.improved" ? "unplaced" : "unplaced_shards"),
    moved: number("moved"),
    resized: number("resized"),
    kept: number("kept"),
    ended: number("ended"),
    disturbed: number("disturbed"),
    restored: number("restored"),
    shards: number("shards"),
    devices: number("devices"),
    unlawful: number("unlawful"),
    rules: ruleCounts(i18n, detail["rules"]),
    workloads: workloadsOf(i18n, detail["workloads"], Number(detail["shards"] ?? 0)),
  };
  return [...warningsOf(i18n, event), ...filled(i18n.t(keyOf(event, detail) as "events.said.plan.deleted", {} as never), values)];
}

/** What has to be known of a plan that ended, before that it did. */
function warningsOf(i18n: I18n, event: ServiceEvent): Child[] {
  return warningsIn(event).flatMap((one): Child[] => [h("b", {}, warningWord(i18n, one)), " "]);
}

function warningsIn(event: ServiceEvent): readonly Warning[] {
  return "warnings" in event.detail ? (event.detail.warnings ?? []) : [];
}

/** The sentence that fits an event: some have one more where more is known. */
function keyOf(event: ServiceEvent, detail: Readonly<Record<string, unknown>>): Key {
  const { type } = event;
  if (type === "plan.queued") return detail["what_if"] === true ? "events.said.plan.queuedWhatIf" : "events.said.plan.queued";
  if (type === "plan.finished") return "cost" in detail ? "events.said.plan.finishedWith" : "events.said.plan.finished";
  if (type === "plan.cancelled") return "cost" in detail ? "events.said.plan.cancelledWith" : "events.said.plan.cancelled";
  if (type === "plan.improved") return detail["phase"] === "first" || detail["phase"] === "start" ? "events.said.plan.first" : "events.said.plan.improved";
  if (type === "node.active") return Number(detail["restored"] ?? 0) > 0 ? "events.said.node.restored" : "events.said.node.active";
  if (type === "allocation.disturbed") return Number(detail["unlawful"] ?? 0) > 0 ? "events.said.allocation.unlawful" : "events.said.allocation.disturbed";
  return `events.said.${type}`;
}

/** How many shards break which rule, the most first. */
function ruleCounts(i18n: I18n, rules: unknown): string {
  if (typeof rules !== "object" || rules === null) return "";
  const counts = Object.entries(rules as Record<string, number>).sort((a, b) => b[1] - a[1]);
  return counts.map(([rule, shards]) => `${i18n.word("rule", rule)} ${i18n.number(shards)}`).join(", ");
}

/** The workloads that an event names, as links; it names no more than some. */
function workloadsOf(i18n: I18n, workloads: unknown, shards: number): Child {
  if (!Array.isArray(workloads) || workloads.length === 0) return i18n.t("common.none");
  const links = workloads.map(String).flatMap((id, i): Child[] => [i > 0 && ", ", h("a", { href: href("map", { workload: id }) }, id)]);
  return workloads.length >= MOST_NAMED && shards > MOST_NAMED ? [...links, ", …"] : links;
}

function planOf(event: ServiceEvent, names: Names): Child {
  if (event.plan === null) return "";
  const name = "name" in event.detail ? event.detail.name : null;
  const said = name ?? event.plan.slice(0, 8);
  return names.deleted(event.plan) ? h("b", {}, said) : h("a", { href: href("plans", { plan: event.plan }) }, said);
}

function nodeOf(event: ServiceEvent, names: Names): Child {
  return event.node === null ? "" : h("a", { href: href("map", { node: event.node }) }, names.node(event.node));
}

function partWord(i18n: I18n, part: string): string {
  const known: Record<string, string> = {
    network: i18n.t("events.part.network"),
    catalogue: i18n.t("events.part.catalogue"),
    policies: i18n.t("events.part.policies"),
    workloads: i18n.t("events.part.workloads"),
    allocation: i18n.t("events.part.allocation"),
  };
  return known[part] ?? part;
}

/** The severities as the service has them, the gravest first. */
export const SEVERITIES = ["critical", "warning", "notice", "info"] as const satisfies readonly Severity[];

/** How grave an event is: a word and a shape, which a colour only repeats. */
export function severityMark(i18n: I18n, severity: Severity): HTMLElement {
  return h("span", { class: `severity severity-${severity}` }, i18n.t(`events.severity.${severity}`));
}

/** The tone of a type's badge. */
export function toneOf(event: ServiceEvent): string {
  if (event.severity === "critical") return "bad";
  if (event.severity === "warning" || warningsIn(event).some((one) => one.code === "bound.none")) return "warn";
  if (event.type === "plan.finished" || event.type === "node.active" || event.type === "allocation.restored") return "good";
  return event.type === "plan.applied" ? "accent" : "";
}

const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
] as const;

/** How long ago a moment was. */
export function ago(i18n: I18n, at: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(at)) / 1000));
  if (seconds < 60) return i18n.t("events.justNow");
  const [unit, size] = UNITS.find(([, size]) => seconds >= size) ?? UNITS[2];
  return new Intl.RelativeTimeFormat(i18n.language, { numeric: "always", style: "short" }).format(-Math.floor(seconds / size), unit);
}

/** All that an event says, by name; money and parts of one in their form. */
export function detailsOf(i18n: I18n, event: ServiceEvent): [name: string, value: string][] {
  const found: [string, string][] = [
    [i18n.t("events.id"), String(event.id)],
    [i18n.t("events.at"), i18n.time(event.at)],
    [i18n.t("events.type"), event.type],
    [i18n.t("events.severity"), i18n.t(`events.severity.${event.severity}`)],
  ];
  if (event.generation !== null) found.push([i18n.t("events.generation"), String(event.generation)]);
  if (event.plan !== null) found.push([i18n.t("events.plan"), event.plan]);
  if (event.node !== null) found.push([i18n.t("events.node"), event.node]);
  for (const one of warningsIn(event)) found.push([i18n.t("events.field.warning"), warningWord(i18n, one)]);
  for (const [name, value] of Object.entries(event.detail as Record<string, unknown>)) {
    if (value !== null && name !== "warnings") found.push([fieldWord(i18n, name), fieldValue(i18n, name, value)]);
  }
  return found;
}

function fieldWord(i18n: I18n, name: string): string {
  const known: Record<string, string> = {
    name: i18n.t("events.field.name"),
    parts: i18n.t("events.field.parts"),
    cost: i18n.t("events.field.cost"),
    bound: i18n.t("events.field.bound"),
    gap: i18n.t("events.field.gap"),
    seconds: i18n.t("events.field.seconds"),
    phase: i18n.t("events.field.phase"),
    unplaced: i18n.t("events.field.unplaced"),
    placed: i18n.t("events.field.placed"),
    placed_shards: i18n.t("events.field.placed"),
    unplaced_shards: i18n.t("events.field.unplaced"),
    moved: i18n.t("events.field.moved"),
    resized: i18n.t("events.field.resized"),
    shards: i18n.t("events.field.shards"),
    devices: i18n.t("events.field.devices"),
    workloads: i18n.t("events.field.workloads"),
    rules: i18n.t("events.field.rules"),
    unlawful: i18n.t("events.field.unlawful"),
    kept: i18n.t("events.field.kept"),
    ended: i18n.t("events.field.ended"),
    disturbed: i18n.t("events.field.disturbed"),
    restored: i18n.t("events.field.restored"),
    reason: i18n.t("events.field.reason"),
    code: i18n.t("events.field.code"),
    what_if: i18n.t("events.field.whatIf"),
  };
  return known[name] ?? name.replaceAll("_", " ");
}

function fieldValue(i18n: I18n, name: string, value: unknown): string {
  if (typeof value === "boolean") return i18n.t(value ? "events.yes" : "events.no");
  if (typeof value === "number") {
    if (name === "cost" || name === "bound") return i18n.money(value);
    if (name === "gap") return i18n.gap(value);
    return name === "seconds" ? i18n.seconds(value) : i18n.number(value, 3);
  }
  if (Array.isArray(value)) return value.map((part) => partWord(i18n, String(part))).join(", ");
  if (name === "rules") return ruleCounts(i18n, value);
  return typeof value === "string" ? value : JSON.stringify(value);
}
