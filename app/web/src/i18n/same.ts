/** A dictionary with the keys of another. */
export type Same<Dictionary> = { readonly [K in keyof Dictionary]: string };
