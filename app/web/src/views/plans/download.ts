/** Decisions of a plan as a file: all pages, as JSON or as a table of comma-separated values. */
import type { Api } from "../../api";
import type { Decision } from "../../wire";

export type Format = "json" | "csv";

/** Read all decisions of a plan and have the browser keep them as a file; `told` hears how many there are so far. */
export async function download(api: Api, id: string, stem: string, format: Format, told: (count: number) => void): Promise<void> {
  const rows = await api.all("/v1/plans/{id}/decisions", { path: { id }, query: { limit: 1000 } }, Number.POSITIVE_INFINITY, told);
  const text = format === "json" ? JSON.stringify(rows, null, 1) : csv(rows);
  const url = URL.createObjectURL(new Blob([text], { type: format === "json" ? "application/json" : "text/csv" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = fileName(stem, format);
  link.click();
  URL.revokeObjectURL(url);
}

const PLAIN = [
  "workload", "shard", "status", "site", "access", "policy", "model", "devices", "in_request", "previous_node", "node", "tier",
  "province", "profile", "servers",
] as const satisfies readonly (keyof Decision)[];
const TIMES = ["access_us", "transfer_us", "transport_us", "service_us", "waiting_us", "margin_us", "deadline_us"] as const;

/** Decisions as lines of comma-separated values, with a line of names first. */
export function csv(rows: readonly Decision[]): string {
  const lines = rows.map((row) => [
    ...PLAIN.map((name) => row[name]),
    row.route.join(" "),
    ...TIMES.map((name) => row.latency?.[name]),
    row.refusal?.sentence,
    row.cards.map((slot) => slot.join(".")).join(" "),
    row.node === null ? null : row.batch_limit,
    row.disturbed?.rules.join(" "),
  ]);
  return [[...PLAIN, "route", ...TIMES, "refusal", "cards", "batch_limit", "disturbed"], ...lines].map((line) => line.map(quoted).join(",") + "\r\n").join("");
}

/** The name of a file, without what some system does not take in one, or what would make it read as another. */
export function fileName(stem: string, ending: string): string {
  const plain = stem.replace(/[\p{C}\p{Zl}\p{Zp}<>:"/\\|?*]/gu, "_").replace(/^[.\s]+|[.\s]+$/gu, "");
  return `${plain || "plan"}.${ending}`;
}

/** What makes a spreadsheet take a text for a formula, which it would then carry out. */
const FORMULA = /^[=+\-@\uFF1D\uFF0B\uFF0D\uFF20\t\r]/;
/** Control characters and overrides of direction, but for tabs and line feeds; the service takes no new text with any. */
const BARRED = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufffe\uffff]/g;

/** A value as RFC 4180 has it; a text that looks like a formula begins with an apostrophe, so that it stays a text. */
function quoted(value: string | number | boolean | null | undefined): string {
  let said = String(value ?? "");
  if (typeof value === "string") {
    said = said.replace(BARRED, "");
    if (FORMULA.test(said)) said = `'${said}`;
  }
  return /[",\r\n]/.test(said) ? `"${said.replaceAll('"', '""')}"` : said;
}
