/** Accounts, which are what can be full, in words: their subjects come in parts, and words are made here alone. */
import type { I18n } from "./i18n";
import { UNITS } from "./units";
import type { Schema } from "./wire";

export type Subject = Schema<"Subject">;
export type Account = Pick<Schema<"UseOut">, "rule" | "resource" | "unit" | "subject">;

/** What an account is of is one of these, and no two accounts of a rule are. */
export const idOf = ({ rule, resource, subject }: Account): string => JSON.stringify([rule, resource, Object.entries(subject).sort()]);

/** Which node it is of, if it is one of a node. */
export const nodeOf = ({ subject }: Account): string | null => subject.node ?? null;

/** The unit in which one thinks of a resource, and how many of the wire's units it is. */
export function thought(i18n: I18n, { unit }: Account): { factor: number; one: string } {
  const { counted, scale, thought: name } = UNITS[unit] ?? { scale: 1 };
  if (name !== undefined) return { factor: scale, one: name };
  return { factor: scale, one: counted === undefined ? i18n.word("unit", unit) : i18n.word("one", counted) };
}

/** What one whole unit saves where the wire has the price of one of its own: a card, and not a thousandth of one. */
export function ofWhole(price: number | null, { unit }: Account): number | null {
  const { counted, scale } = UNITS[unit] ?? { scale: 1 };
  return price === null || counted === undefined ? price : price * scale;
}

/** What is kept apart and where, in words; null where the account is of something else. */
export function apartName(i18n: I18n, { subject }: Account, node: (id: string) => string): string | null {
  const { group } = subject;
  const domain = DOMAINS.find((one) => subject[one] !== undefined);
  if (group === undefined || domain === undefined) return null;
  const where = subject[domain] ?? "";
  return i18n.t("capacity.limit.apart", { group, domain: i18n.word("domain", domain), where: domain === "node" || domain === "site" ? node(where) : where });
}

const DOMAINS = ["node", "site", "metro", "power_domain"] as const;

/** Who has a share, in words; null where the account is of something else. */
export function partyName(i18n: I18n, { subject }: Account): string | null {
  const party = (["owner", "operator", "vendor"] as const).find((one) => subject[one] !== undefined);
  return party === undefined ? null : `${i18n.word("party", party)} ${subject[party] ?? ""}`;
}

/** What an account is of, by name and part by part. */
export function subjectName(i18n: I18n, account: Account, named: (id: string) => string): string {
  const apart = apartName(i18n, account, named) ?? partyName(i18n, account);
  return apart ?? Object.values(account.subject).map((part) => named(part ?? "")).join(" · ");
}
