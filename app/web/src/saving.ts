/** Files that the browser keeps: comma-separated values that a spreadsheet takes as they are, and pictures. */

/** What a cell of a file holds. */
export type Cell = string | number | boolean | null | undefined;

/** What makes a spreadsheet take a text for a formula, which it would then carry out. */
const FORMULA = /^[=+\-@\uFF1D\uFF0B\uFF0D\uFF20\t\r]/;
/** Control characters and overrides of direction, but for tabs and line feeds; the service takes no new text with any. */
const BARRED = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufffe\uffff]/g;
/** What tells spreadsheets that a file is UTF-8; without it, Korean comes out as something else. */
const MARK = "\uFEFF";

/** Lines of comma-separated values as RFC 4180 has them. */
export function csvLines(lines: readonly (readonly Cell[])[]): string {
  return lines.map((line) => line.map(quoted).join(",") + "\r\n").join("");
}

/** Have the browser keep lines of comma-separated values. */
export function saveCsv(stem: string, text: string): void {
  save(fileName(stem, "csv"), new Blob([MARK, text], { type: "text/csv;charset=utf-8" }));
}

/** Have the browser keep a file. */
export function save(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

/** The name of a file, without what some system does not take in one, or what would make it read as another. */
export function fileName(stem: string, ending: string): string {
  const plain = stem.replace(/[\p{C}\p{Zl}\p{Zp}<>:"/\\|?*]/gu, "_").replace(/^[.\s]+|[.\s]+$/gu, "");
  return `${plain || "plan"}.${ending}`;
}

/** A text as XML has it, without what XML does not take. */
export const escaped = (text: string): string =>
  text.replace(BARRED, "").replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** A value as RFC 4180 has it; a text that looks like a formula begins with an apostrophe, so that it stays a text. */
function quoted(value: Cell): string {
  let said = String(value ?? "");
  if (typeof value === "string") {
    said = said.replace(BARRED, "");
    if (FORMULA.test(said)) said = `'${said}`;
  }
  return /[",\r\n]/.test(said) ? `"${said.replaceAll('"', '""')}"` : said;
}
