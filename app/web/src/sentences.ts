/**
 * What the service says in sentences of its own, in the language of the page.
 *
 * Its sentences are English and say the most. In another language they are made from their codes and numbers; one whose code
 * the page does not know stays as it is.
 */
import { Refused } from "./api";
import { DICTIONARIES, type I18n } from "./i18n";
import type { Problem, Refusal, Schema } from "./wire";

type Fault = NonNullable<Problem["errors"]>[number];
type Violation = Pick<Schema<"ViolationOut">, "rule" | "workload" | "shard" | "node" | "needed" | "available" | "unit" | "sentence">;

/** The sentence of a code, filled; null where it is not known. */
function said(i18n: I18n, code: string, values: Record<string, string> = {}): string | null {
  const key = `says.${code}`;
  return key in DICTIONARIES.en ? i18n.t(key as "says.broken", values as { rules: string }) : null;
}

/** Rules whose sentences count shards from 0, as the wire does; people count them from 1. */
const FROM_ZERO: readonly string[] = ["scope"];

/** Why a rule says no, by the names of nodes. */
export function violationSaid(i18n: I18n, one: Violation, node: (id: string) => string): string {
  if (i18n.language === "en" && one.sentence !== "" && !FROM_ZERO.includes(one.rule)) return one.sentence;
  const values = {
    shard: one.shard === null ? i18n.t("common.none") : i18n.number(one.shard + 1),
    workload: one.workload ?? i18n.t("common.none"),
    node: one.node === null ? i18n.t("common.none") : node(one.node),
    needed: i18n.measure(one.needed, one.unit),
    available: i18n.measure(one.available, one.unit),
  };
  return said(i18n, one.rule, values) ?? one.sentence;
}

/** Why something is disturbed where it stays. */
export function disturbedSaid(i18n: I18n, { rules, sentence }: { rules: readonly string[]; sentence: string }): string {
  if (i18n.language === "en" && sentence !== "") return sentence;
  return i18n.t("says.broken", { rules: rules.map((rule) => i18n.word("rule", rule)).join(", ") });
}

/** Why something runs nowhere; `fits` where some node would take it all the same. */
export function refusalSaid(i18n: I18n, refusal: Refusal, fits: boolean): string {
  if (i18n.language === "en" && refusal.sentence !== "") return refusal.sentence;
  const rules = refusal.reasons.map(({ rule, nodes }) => `${i18n.word("rule", rule)} ${i18n.number(nodes)}`).join(", ");
  return i18n.t(fits ? "says.elsewhere" : "says.nowhere", { rules });
}

/** What has to be known of a plan before it is believed. */
export function warningWord(i18n: I18n, { code, message }: { code: string; message: string }): string {
  return said(i18n, `warned.${code}`) ?? message;
}

/** Why there is no plan. */
export function failureSaid(i18n: I18n, failure: { code: string; reason: string } | null): string {
  if (failure === null) return "";
  if (i18n.language === "en" && failure.reason !== "") return failure.reason;
  return said(i18n, `failed.${failure.code}`) ?? said(i18n, `problem.${failure.code}`) ?? failure.reason;
}

/** What is wrong with a request, in a few words. */
export function titleSaid(i18n: I18n, error: Refused): string {
  return said(i18n, `problem.${error.code}`) ?? error.problem.title;
}

/** What happened to a request that was refused. */
export function detailSaid(i18n: I18n, error: Refused): string {
  if (i18n.language === "en" && error.message !== "") return error.message;
  return said(i18n, `detail.${error.code}`) ?? error.message;
}

/** What is wrong with one field of a request. */
export function faultSaid(i18n: I18n, fault: Fault, of: string): string {
  if (i18n.language === "en" && fault.message !== "") return fault.message;
  // A plan that breaks rules names each of them, where it says what was expected of other requests.
  if (of === "plan.illegal" && fault.expected != null) return i18n.t("says.broken", { rules: i18n.word("rule", fault.expected) });
  return said(i18n, `fault.${fault.code ?? "other"}`) ?? fault.message;
}

/** What was expected there; null where that is not known in the language of the page. */
export function expectedSaid(i18n: I18n, fault: Fault): string | null {
  if (i18n.language === "en") return fault.expected ?? null;
  const { least = null, most = null, among = [] } = fault;
  if (among.length > 0) return among.join(", ");
  if (least !== null && most !== null) return i18n.t("says.expected.between", { least: i18n.number(least), most: i18n.number(most) });
  if (least !== null) return i18n.t("says.expected.least", { least: i18n.number(least) });
  return most === null ? null : i18n.t("says.expected.most", { most: i18n.number(most) });
}

/** The service's own sentences about a refused request, where the page has said less in another language. */
export function originalOf(i18n: I18n, error: Refused): string[] {
  if (i18n.language === "en") return [];
  const faults = error.problem.errors ?? [];
  return [error.message, ...faults.map(({ field, message, expected, fix }) => [`${field}: ${message}`, expected, fix].filter(Boolean).join("; "))];
}
