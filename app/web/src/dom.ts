/**
 * Elements, made in one typed call: `h("a", { href: "/", class: "quiet" }, "Home")`.
 *
 * Properties are those of the element; `class`, `aria-*`, `data-*` and `role` are attributes; `on` holds listeners; `style` is
 * set property by property, since the content security policy forbids style attributes. Text is always text: nothing
 * here, and nothing in the dashboard, parses HTML.
 */
export type Child = Node | string | number | null | undefined | false | readonly Child[];

type Listeners<E extends Element> = {
  [K in keyof HTMLElementEventMap]?: (this: E, event: HTMLElementEventMap[K]) => void;
};
type Settable<E extends Element> = {
  [K in keyof E as E[K] extends string | number | boolean | null ? K : never]?: E[K] | undefined;
};
type Attributes = {
  [name: `aria-${string}` | `data-${string}`]: string | number | boolean | null | undefined;
};
export type Props<E extends Element> = Settable<E> &
  Attributes & {
    class?: string | undefined;
    role?: string | undefined;
    for?: string | undefined;
    on?: Listeners<E>;
    style?: Record<string, string>;
  };

/** Make an element. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props<HTMLElementTagNameMap[K]> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name === "on") {
      for (const [type, listener] of Object.entries(value as Record<string, EventListener>)) {
        element.addEventListener(type, listener);
      }
    } else if (name === "style") {
      for (const [property, said] of Object.entries(value as Record<string, string>)) {
        element.style.setProperty(property, said);
      }
    } else if (name in element && !name.startsWith("aria")) {
      if (value !== undefined) Reflect.set(element, name, value);
    } else {
      attribute(element, name, value);
    }
  }
  element.append(...flat(children));
  return element;
}

/** Set an attribute; null, undefined and (but for `aria-*`) false take it away. */
export function attribute(element: Element, name: string, value: unknown): void {
  if (value === null || value === undefined || (value === false && !name.startsWith("aria-"))) element.removeAttribute(name);
  else element.setAttribute(name, value === true && !name.startsWith("aria-") ? "" : String(value));
}

/** Put these children, and nothing else, into an element. */
export function fill<E extends Element>(element: E, ...children: Child[]): E {
  element.replaceChildren(...flat(children));
  return element;
}

/** A child that only screen readers see. */
export function spoken(text: string): HTMLElement {
  return h("span", { class: "spoken" }, text);
}

/** What a child says. */
export function textOf(child: Child): string {
  return flat([child]).map((one) => (typeof one === "string" ? one : (one.textContent ?? ""))).join("");
}

let numbered = 0;

/** An id that no other element has. */
export function newId(stem: string): string {
  numbered += 1;
  return `${stem}-${numbered}`;
}

function flat(children: readonly Child[]): (Node | string)[] {
  return children.flatMap((child): (Node | string)[] => {
    if (child === null || child === undefined || child === false) return [];
    if (Array.isArray(child)) return flat(child as readonly Child[]);
    return [typeof child === "number" ? String(child) : (child as Node | string)];
  });
}
