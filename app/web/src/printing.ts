/**
 * Paper: before a page is printed, its parts are told to show all that they keep out of sight on a screen, in the light
 * theme; afterwards they are as they were. Parts listen to the event {@link PRINTING} on their own element.
 */
import { applyTheme } from "./theme";

export const PRINTING = "printing";
/** Whether it is printed from now on, or no longer. */
export type Printing = CustomEvent<boolean>;

/** What hears of it. */
const PARTS = ".table-part, .chart, .event-card";

let now = false;

function tell(printing: boolean): void {
  if (printing === now) return;
  now = printing;
  applyTheme(printing ? "light" : undefined);
  for (const part of document.querySelectorAll(PARTS)) part.dispatchEvent(new CustomEvent<boolean>(PRINTING, { detail: printing }));
}

/** Tell the parts of the page from now on. */
export function followPrinting(): void {
  window.addEventListener("beforeprint", () => tell(true));
  window.addEventListener("afterprint", () => tell(false));
  window.matchMedia("print").addEventListener("change", (media) => tell(media.matches));
}
