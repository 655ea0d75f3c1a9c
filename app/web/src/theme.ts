/** Dark or light: what the system prefers, unless the person has chosen. Colours themselves stand in `theme.css`. */
export const THEMES = ["system", "light", "dark"] as const;
export type ThemeChoice = (typeof THEMES)[number];

const KEY = "edgeplan.theme";
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const still = window.matchMedia("(prefers-reduced-motion: reduce)");
const listeners = new Set<() => void>();

/** What was chosen. */
export function themeChoice(): ThemeChoice {
  const stored = localStorage.getItem(KEY);
  return THEMES.find((one) => one === stored) ?? "system";
}

/** Choose, remember it, and tell who draws by hand. */
export function chooseTheme(choice: ThemeChoice): void {
  localStorage.setItem(KEY, choice);
  applyTheme();
}

/** Have the page look as chosen, or for a while in another way. */
export function applyTheme(choice: ThemeChoice = themeChoice()): void {
  document.documentElement.dataset["theme"] = choice === "system" ? (dark.matches ? "dark" : "light") : choice;
  for (const listener of [...listeners]) listener();
}

dark.addEventListener("change", () => applyTheme());

/** Hear that colours have changed. */
export function onTheme(listener: () => void): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

/** Whether things should not move. */
export function reducedMotion(): boolean {
  return still.matches;
}

/** Colours and type of `theme.css`, for canvases. */
export interface Tokens {
  text: string;
  quiet: string;
  line: string;
  surface: string;
  raised: string;
  land: string;
  coast: string;
  accent: string;
  good: string;
  warn: string;
  bad: string;
  /** For things of different kinds; told apart by people who see colours differently (after Okabe and Ito). */
  kinds: readonly string[];
  /** For amounts, from little to much: the same hues in both themes, ever further from the page in lightness. */
  amounts: readonly string[];
  font: string;
}

/** The tokens as they stand now. */
export function tokens(): Tokens {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const series = (name: string, count: number): string[] => Array.from({ length: count }, (_, i) => token(`${name}-${i + 1}`));
  return {
    text: token("text"),
    quiet: token("quiet"),
    line: token("line"),
    surface: token("surface"),
    raised: token("raised"),
    land: token("land"),
    coast: token("coast"),
    accent: token("accent"),
    good: token("good"),
    warn: token("warn"),
    bad: token("bad"),
    kinds: series("kind", 8),
    amounts: series("amount", 7),
    font: token("font").replaceAll('"', "'"), // as it stands in attributes of SVG
  };
}
