/** Decisions of a plan as a file: all pages, as JSON or as a table of comma-separated values. */
import type { Api } from "../../api";
import { csvLines, fileName, save, saveCsv } from "../../saving";
import type { Decision } from "../../wire";

export type Format = "json" | "csv";

/** Read all decisions of a plan and have the browser keep them as a file; `told` hears how many there are so far. */
export async function download(api: Api, id: string, stem: string, format: Format, told: (count: number) => void): Promise<void> {
  const rows = await api.all("/v1/plans/{id}/decisions", { path: { id }, query: { limit: 1000 } }, Number.POSITIVE_INFINITY, told);
  if (format === "csv") saveCsv(stem, csv(rows));
  else save(fileName(stem, format), new Blob([JSON.stringify(rows, null, 1)], { type: "application/json" }));
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
  return csvLines([[...PLAIN, "route", ...TIMES, "refusal", "cards", "batch_limit", "disturbed"], ...lines]);
}
