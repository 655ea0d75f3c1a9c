/** Words of the plans. */
import type { Same } from "./same";

export const en = {
  "plans.caption": "Plans, newest first",
  "plans.name": "Plan",
  "plans.status": "Status",
  "plans.submitted": "Submitted",
  "plans.workloads": "Workloads",
  "plans.cost": "Cost a month",
  "plans.gap": "Proven gap",
  "plans.unplaced": "Unplaced shards",
  "plans.seconds": "Time",
  "plans.inForce": "in force",
  "plans.whatIf": "what-if",
  "plans.empty": "No plan has been asked for yet.",
  "plans.emptyHint": "Ask for one with POST /v1/plans.",
} as const;

export const ko: Same<typeof en> = {
  "plans.caption": "계획, 최신순",
  "plans.name": "계획",
  "plans.status": "상태",
  "plans.submitted": "요청 시각",
  "plans.workloads": "워크로드",
  "plans.cost": "월 비용",
  "plans.gap": "증명된 격차",
  "plans.unplaced": "미배치 샤드",
  "plans.seconds": "시간",
  "plans.inForce": "적용 중",
  "plans.whatIf": "가정",
  "plans.empty": "아직 요청된 계획이 없습니다.",
  "plans.emptyHint": "POST /v1/plans로 요청하세요.",
};
