import { expect, test } from "vitest";
import { tryLink } from "../src/views/refusals/trying";
import type { Repair } from "../src/wire";

type Change = Repair["change"][number];
const repair = (scope: string, ...change: Change[]): Repair => ({ rule: "node_capacity", nodes: 1, change, sentence: "", scope, holders: [] }) as unknown as Repair;
const change = (kind: Change["kind"], id: string, field: string, value: unknown): Change => ({ kind, id, field, value }) as Change;

test("a repair by a scope is tried with that scope", () => {
  expect(tryLink("w", repair("move", change("scope", "a", "running", "move")))).toBe("/?view=plans&new=1&ids=w&running=move");
});

test("a repair that ends others names them, and lets nobody else be ended or moved", () => {
  const ends = ["a", "b"].flatMap((id) => [change("scope", id, "running", "move"), change("scope", id, "may_end", true)]);
  expect(tryLink("w", repair("preempt", ...ends))).toBe("/?view=plans&new=1&ids=w&ends=a,b");
});

test("a repair by the terms is tried on those terms", () => {
  expect(tryLink("w", repair("", change("terms", "", "lowest_commitment", "mou")))).toBe("/?view=plans&new=1&ids=w&commitment=mou");
});

test("a repair of what is stored is not tried by a request", () => {
  expect(tryLink("w", repair("", change("nodes", "n", "state", "active")))).toBeNull();
  expect(tryLink("w", repair(""))).toBeNull();
});
