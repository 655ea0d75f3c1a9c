/** Words of the events. */
import type { Same } from "./same";

export const en = {
  "events.caption": "What happened, newest first",
  "events.at": "Time",
  "events.type": "Event",
  "events.about": "About",
  "events.generation": "Generation",
  "events.empty": "Nothing has happened yet.",
  "events.emptyHint": "Events appear here as they happen.",
} as const;

export const ko: Same<typeof en> = {
  "events.caption": "일어난 일, 최신순",
  "events.at": "시각",
  "events.type": "이벤트",
  "events.about": "대상",
  "events.generation": "세대",
  "events.empty": "아직 아무 일도 없습니다.",
  "events.emptyHint": "이벤트가 발생하면 여기에 표시됩니다.",
};
