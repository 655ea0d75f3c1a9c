/** Drawings of the page as files: the SVG with the colours that its sheet gives it, and the same as a PNG. */
import { h } from "./dom";
import type { I18n } from "./i18n";
import { fileName, save } from "./saving";
import { tokens } from "./theme";

/** What a sheet says of a shape. */
const LOOKS = ["fill", "stroke", "stroke-width", "stroke-linejoin", "opacity"] as const;
/** Dots of a picture for each of the drawing. */
const FINE = 2;

/** Buttons that save a drawing; `title` says what it shows now. */
export function drawingSavers(i18n: I18n, drawing: SVGSVGElement, title: () => string): HTMLElement {
  const button = (kind: "PNG" | "SVG", made: () => Promise<Blob | null>): HTMLButtonElement =>
    h("button", { type: "button", class: "plain", "aria-label": i18n.t("chart.save", { kind }), on: { click: () => void keep(kind, made) } }, kind);
  async function keep(kind: string, made: () => Promise<Blob | null>): Promise<void> {
    const content = await made();
    if (content) save(fileName(title(), kind.toLowerCase()), content);
  }
  return h("span", { class: "chart-ways" }, button("PNG", () => png(drawing)), button("SVG", async () => new Blob([standalone(drawing)], { type: "image/svg+xml" })));
}

/** The drawing by itself, as it looks now. */
function standalone(drawing: SVGSVGElement): string {
  const copy = drawing.cloneNode(true) as SVGSVGElement;
  const shapes = drawing.querySelectorAll("path");
  copy.querySelectorAll("path").forEach((shape, i) => {
    const look = getComputedStyle(shapes[i] as SVGPathElement);
    for (const name of LOOKS) shape.setAttribute(name, look.getPropertyValue(name));
    for (const name of ["tabindex", "role", "aria-pressed", "class"]) shape.removeAttribute(name);
  });
  const { width, height } = drawing.viewBox.baseVal;
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height));
  const page = document.createElementNS(copy.namespaceURI ?? "", "rect");
  for (const [name, value] of Object.entries({ width, height, fill: tokens().surface })) page.setAttribute(name, String(value));
  copy.prepend(page);
  return new XMLSerializer().serializeToString(copy);
}

async function png(drawing: SVGSVGElement): Promise<Blob | null> {
  const picture = new Image();
  picture.src = `data:image/svg+xml,${encodeURIComponent(standalone(drawing))}`;
  await picture.decode();
  const canvas = h("canvas", { width: picture.width * FINE, height: picture.height * FINE });
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}
