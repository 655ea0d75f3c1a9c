/** Words of the refusals. */
import type { Same } from "./same";

export const en = {
  "refusals.caption": "Shards that fit nowhere, and why",
  "refusals.workload": "Workload",
  "refusals.site": "Site",
  "refusals.policy": "Policy",
  "refusals.devices": "Devices",
  "refusals.why": "Why",
  "refusals.plan": "Plan",
  "refusals.none": "Everything was placed.",
  "refusals.noneHint": "No workload of this plan was left out.",
  "refusals.noPlan": "No plan has ended yet.",
  "refusals.noPlanHint": "Refusals are part of a plan; ask for one first.",
} as const;

export const ko: Same<typeof en> = {
  "refusals.caption": "배치할 수 없는 샤드와 이유",
  "refusals.workload": "워크로드",
  "refusals.site": "사이트",
  "refusals.policy": "정책",
  "refusals.devices": "기기",
  "refusals.why": "이유",
  "refusals.plan": "계획",
  "refusals.none": "모두 배치되었습니다.",
  "refusals.noneHint": "이 계획에서 빠진 워크로드가 없습니다.",
  "refusals.noPlan": "아직 끝난 계획이 없습니다.",
  "refusals.noPlanHint": "미배치 내역은 계획의 일부입니다. 먼저 계획을 요청하세요.",
};
