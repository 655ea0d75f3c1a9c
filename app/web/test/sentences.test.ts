import { describe, expect, test } from "vitest";
import { Refused } from "../src/api";
import { DICTIONARIES, I18n } from "../src/i18n";
import { detailSaid, disturbedSaid, expectedSaid, failureSaid, faultSaid, originalOf, refusalSaid, titleSaid, violationSaid, warningWord } from "../src/sentences";
import type { Refusal } from "../src/wire";

const en = new I18n("en");
const ko = new I18n("ko");
const node = (id: string): string => (id === "co-usn" ? "울산 국사" : id);
const full = { rule: "node_capacity", workload: "cams", shard: 0, node: "co-usn", needed: 3_000, available: 1_000, unit: "card_milli", sentence: "co-usn has 1 card" };

describe("sentences of the service", () => {
  test("are made from their codes and numbers where the page is Korean, and are its own in English", () => {
    expect(violationSaid(en, full, node)).toBe("co-usn has 1 card");
    expect(violationSaid(ko, full, node)).toBe("울산 국사: cams에 필요 카드 3장, 가용 카드 1장.");
    const broken = { rules: ["residency", "tier"], sentence: "co-usn keeps data in US" };
    expect([disturbedSaid(en, broken), disturbedSaid(ko, broken)]).toEqual(["co-usn keeps data in US", "위반하는 규칙: 데이터 소재지, 계층."]);
    const refusal = { sentence: "None of 3 nodes takes it.", reasons: [{ rule: "tier", nodes: 3 }], repairs: [], holders: [] } as Refusal;
    expect(refusalSaid(ko, refusal, false)).toBe("배치 가능한 노드가 없습니다. 제외한 규칙: 계층 3.");
    expect(failureSaid(ko, { code: "solve.lost", reason: "It was lost." })).toBe("계산이 거듭 유실되었습니다.");
    expect(warningWord(ko, { code: "cut_off", message: "The solve was cut off." })).toContain("중단");
    expect(titleSaid(ko, new Refused({ code: "queue.full", title: "Too many plans are waiting", status: 503 } as never))).toBe("대기 중인 계획이 너무 많습니다");
  });

  test("count shards from 1, though the service counts them from 0", () => {
    const stays = { ...full, rule: "scope", shard: 0, sentence: "shard 1 of cams runs on co-usn; the request does not allow ending it" };
    expect(violationSaid(en, stays, node)).toBe("cams, shard 1: the request leaves it where it is.");
    expect(violationSaid(ko, stays, node)).toBe("cams 1번 샤드: 요청에 따라 그대로 두어야 합니다.");
  });

  test("about a refused request are made from its code and those of its faults", () => {
    const fault = { field: "limits.seconds", message: "0 is too small", expected: "a number from 1 to 3,600", value: "0", fix: null, document: null, id: null, code: "too_small", least: 1, most: 3_600, among: [] } as const;
    const error = new Refused({ type: "", title: "", status: 422, code: "invalid", detail: "Some fields are not as expected.", instance: "/v1/plans", errors: [{ ...fault, among: [] }] });
    const [one] = error.problem.errors ?? [];
    if (one === undefined) throw new Error("there is one");
    expect([detailSaid(en, error), faultSaid(en, one, error.code), expectedSaid(en, one)]).toEqual(["Some fields are not as expected.", "0 is too small", "a number from 1 to 3,600"]);
    expect([faultSaid(ko, one, error.code), expectedSaid(ko, one)]).toEqual(["너무 작습니다", "1~3,600"]);
    expect(detailSaid(ko, error)).toMatch(/^요청에/);
    expect(expectedSaid(ko, { ...one, least: null })).toBe("3,600 이하");
    expect(expectedSaid(ko, { ...one, among: ["day", "week"] })).toBe("day, week");
    expect(faultSaid(ko, { ...one, code: null }, error.code)).toBe("올바르지 않은 값입니다");
    expect(faultSaid(ko, { ...one, code: null, expected: "tier" }, "plan.illegal")).toBe("위반하는 규칙: 계층.");
    expect([originalOf(en, error), originalOf(ko, error)]).toEqual([[], [error.message, "limits.seconds: 0 is too small; a number from 1 to 3,600"]]);
  });

  test("stay as they are where the page does not know their code", () => {
    expect(violationSaid(ko, { ...full, rule: "brand_new" }, node)).toBe("co-usn has 1 card");
    expect(warningWord(ko, { code: "brand.new", message: "Look out." })).toBe("Look out.");
    expect(failureSaid(ko, { code: "brand.new", reason: "Because." })).toBe("Because.");
    expect(failureSaid(ko, null)).toBe("");
  });

  test("leave no hole open", () => {
    for (const i18n of [en, ko]) {
      for (const key of Object.keys(DICTIONARIES.en).filter((one) => /^says\.[a-z_]+$/.test(one) && !DICTIONARIES.en[one as "says.tier"].includes("{rules}"))) {
        expect(violationSaid(i18n, { ...full, rule: key.slice("says.".length), sentence: "" }, node), key).not.toMatch(/[{}]/);
      }
    }
  });
});
