/** Words of the capacity. */
import type { Same } from "./same";

export const en = {
  "capacity.caption": "Use by tier and resource",
  "capacity.group": "Tier",
  "capacity.resource": "Resource",
  "capacity.nodes": "Nodes",
  "capacity.used": "Used",
  "capacity.capacity": "Capacity",
  "capacity.share": "Share",
  "capacity.empty": "Nothing is in force yet.",
  "capacity.emptyHint": "Apply a plan to see how full the network is.",
  "capacity.toPlans": "Go to the plans",
} as const;

export const ko: Same<typeof en> = {
  "capacity.caption": "계층과 자원별 사용량",
  "capacity.group": "계층",
  "capacity.resource": "자원",
  "capacity.nodes": "노드",
  "capacity.used": "사용",
  "capacity.capacity": "용량",
  "capacity.share": "비율",
  "capacity.empty": "아직 적용된 계획이 없습니다.",
  "capacity.emptyHint": "계획을 적용하면 네트워크 사용률이 표시됩니다.",
  "capacity.toPlans": "계획으로 이동",
};
