/** Words of the map. */
import type { Same } from "./same";

export const en = {
  "map.caption": "Nodes of the network",
  "map.node": "Node",
  "map.tier": "Tier",
  "map.state": "State",
  "map.commitment": "Commitment",
  "map.province": "Province",
  "map.empty": "There is no network yet.",
  "map.emptyHint": "Load one with PUT /v1/network, or start the service with the reference network.",
  "map.nowhere": "{count} nodes have no coordinates; the table lists them.",
} as const;

export const ko: Same<typeof en> = {
  "map.caption": "네트워크의 노드",
  "map.node": "노드",
  "map.tier": "계층",
  "map.state": "상태",
  "map.commitment": "확약 단계",
  "map.province": "시도",
  "map.empty": "아직 네트워크가 없습니다.",
  "map.emptyHint": "PUT /v1/network로 올리거나 기준 네트워크와 함께 서비스를 시작하세요.",
  "map.nowhere": "좌표가 없는 노드 {count}개는 표에만 있습니다.",
};
