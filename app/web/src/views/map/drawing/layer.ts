/** A layer of the map that is drawn by hand: above what ECharts draws, and anew whenever the camera moves. */
import { graphic, type ECharts } from "echarts/core";
import { frameOf, type Frame } from "../place/camera";

export interface Layer {
  /** Draw anew, for what holds now. */
  draw(): void;
  /** Take part in a new engine. */
  join(engine: ECharts): void;
  /** Draw once on an engine that makes a picture. */
  depict(engine: ECharts): void;
}

/** Make a layer; `paint` fills a group that is empty, on a canvas of a size. */
export function layer(paint: (group: graphic.Group, frame: Frame, size: { width: number; height: number }) => void): Layer {
  let engine: ECharts | null = null;
  let group: graphic.Group | null = null;
  function groupIn(next: ECharts): graphic.Group {
    const made = new graphic.Group({ silent: true });
    next.getZr().add(made);
    return made;
  }
  function fill(its: ECharts, empty: graphic.Group): void {
    const frame = frameOf(its);
    if (frame) paint(empty, frame, { width: its.getWidth(), height: its.getHeight() });
  }
  return {
    draw() {
      group?.removeAll();
      if (!engine || !group || engine.isDisposed()) return;
      engine.getZr().refresh(); // what is taken away does not ask for it by itself
      fill(engine, group);
    },
    join(next) {
      engine = next;
      group = groupIn(next);
    },
    depict: (other) => fill(other, groupIn(other)),
  };
}

/** ECharts' own types do not agree with each other on properties that may be undefined. */
export function add(group: graphic.Group, element: unknown): void {
  group.add(element as Parameters<graphic.Group["add"]>[0]);
}
