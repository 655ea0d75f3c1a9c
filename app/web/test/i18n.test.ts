import { describe, expect, test } from "vitest";
import { DICTIONARIES, I18n } from "../src/i18n";

const en = new I18n("en");
const ko = new I18n("ko");
const holes = (sentence: string): string[] => [...new Set([...sentence.matchAll(/\{(\w+)[:}]/g)].map((hole) => hole[1] ?? ""))].sort();

describe("dictionaries", () => {
  test("have the same keys, and the same holes in each sentence", () => {
    expect(Object.keys(DICTIONARIES.ko).sort()).toEqual(Object.keys(DICTIONARIES.en).sort());
    for (const [key, sentence] of Object.entries(DICTIONARIES.en)) {
      expect(holes(DICTIONARIES.ko[key as keyof typeof DICTIONARIES.en]), key).toEqual(holes(sentence));
    }
  });

  test("fill sentences, and leave unknown words as they are", () => {
    expect(en.t("table.rows", { count: "1,234" })).toBe("1,234 rows");
    expect(ko.t("table.rows", { count: "1,234" })).toBe("1,234행");
    expect(en.t("refusals.tally", { shards: "1", workloads: "1" })).toBe("1 shard of 1 workload refused");
    expect(en.t("refusals.tally", { shards: "21", workloads: "2" })).toBe("21 shards of 2 workloads refused");
    expect(en.word("rule", "deadline")).toBe("Deadline");
    expect(en.word("rule", "brand_new")).toBe("brand new");
  });

  test("call no gap nothing but none", () => {
    expect([0, 0.0000172, 0.00031, 0.0432].map((part) => en.gap(part))).toEqual(["0%", "0.002%", "0.03%", "4.32%"]);
  });

  test("count one thing in the singular wherever a number stands before a word", () => {
    const counted = /\{(\w+)\} (?:shards|workloads|devices|nodes|cards|rows|sites|flows)\b/;
    const left = Object.entries(DICTIONARIES.en).filter(([key, sentence]) => counted.test(sentence) && !key.endsWith(".many"));
    expect(left.map(([key]) => key)).toEqual([]);
  });

  test("call a site by one word in Korean", () => {
    const other = Object.entries(DICTIONARIES.ko).filter(([key, sentence]) => sentence.includes("현장") && key !== "tier.onsite");
    expect(other).toEqual([]);
  });

  test("name things in the person's language, or else as they can", () => {
    const both = { id: "n1", name: "Busan", name_ko: "부산" };
    expect([en.name(both), ko.name(both)]).toEqual(["Busan", "부산"]);
    expect(ko.name({ id: "n1", name: "Busan", name_ko: null })).toBe("Busan");
    expect(en.name({ id: "n1", name: null, name_ko: "부산" })).toBe("n1");
  });
});

describe("figures", () => {
  test.each([
    [0, "0 μs"],
    [999, "999 μs"],
    [1_500, "1.5 ms"],
    [99_940, "99.9 ms"],
    [120_400, "120 ms"],
    [2_345_000, "2.35s"],
    [-1_500, "-1.5 ms"],
  ])("%d microseconds read as %s", (micros, said) => {
    expect(en.micros(micros)).toBe(said);
  });

  test.each([
    [0, "0 B"],
    [1_023, "1,023 B"],
    [1_536, "1.5 KiB"],
    [2 ** 40, "1 TiB"],
  ])("%d bytes read as %s", (bytes, said) => {
    expect(en.bytes(bytes)).toBe(said);
  });

  test("money, parts and amounts", () => {
    expect(ko.money(2_177_914_100)).toBe("₩2,177,914,100");
    expect(en.shortMoney(2_177_914_100)).toBe("₩2.18bn");
    expect(ko.shortMoney(2_177_914_100)).toBe("₩21.8억");
    const euro = new I18n("en", { currency: "EUR", per_unit: 100 });
    expect(euro.money(123_450)).toBe("€1,234.50");
    expect(euro.shortMoney(123_450)).toBe("€1.23k");
    expect(en.permille(718)).toBe("71.8%");
    expect(en.amount(262_000, "card_milli")).toBe("262");
    expect(en.amount(4_294_656, "mib")).toBe("4.1 TiB");
    expect(en.amount(123_557, "us")).toBe("124 ms");
    expect(en.amount(176_181_700, "w")).toBe("176,182 kW");
    expect(en.amount(12, "shards")).toBe("12");
  });

  test("days are the day that is written, wherever one sits", () => {
    expect(en.day("2026-12-01")).toBe("1 Dec 2026");
    expect(ko.day("2026-12-01")).toBe("2026. 12. 1.");
  });
});
