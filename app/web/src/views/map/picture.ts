/** All that is drawn of one placement: in which colours, with which marks, and what of it is bundled. */
import type { I18n } from "../../i18n";
import type { BrokenBy } from "./disturbed";
import { bundled, bundlesOf, byCloseness, byProvince, type Bundle } from "./drawing/bundles";
import { colouring, type Colouring, type Way } from "./drawing/colours";
import { pitchOf } from "./drawing/drawing";
import { named } from "./drawing/labels";
import type { Net, Placed } from "./model";
import type { Insets } from "./place/insets";
import { lensOf, regionOf, type Canvas, type Lens, type Region } from "./place/lens";
import { Twins, type Places, type Scale } from "./place/spread";
import { sceneOf, type Filters, type Flow, type Scene } from "./scene";
import type { AsOf } from "./time/asof";
import { brokenOf } from "./told/story";
import { faintOf, troubleOf, type Faint, type Trouble } from "./trouble";

export interface Asked {
  i18n: I18n;
  net: Net;
  placed: Placed | null;
  broken: BrokenBy;
  filters: Filters;
  way: Way;
  asOf: AsOf;
  insets: Insets;
}

/** From how near all is looked at: in how many steps one has come near, and at which scale. */
export interface View {
  near: number;
  scale: Scale;
}

export class Picture {
  readonly scene: Scene;
  readonly colours: Colouring;
  readonly trouble: Trouble;
  readonly placed: Placed | null;
  /** Nodes that are drawn small and hollow. */
  readonly faint: ReadonlyMap<number, Faint>;
  /** Nodes in the order in which they are named. */
  readonly order: readonly number[];
  readonly twins: Twins;
  /** Where everything is drawn. */
  places: Places;
  readonly #net: Net;
  #bundles: readonly Bundle[] | null = null;
  #close: { places: Places; scale: number; found: readonly Bundle[] } | null = null;
  #region: { found: Region | null } | null = null;
  #lens: { key: string; found: Lens | null } | null = null;

  constructor({ i18n, net, placed, broken, filters, way, asOf, insets }: Asked) {
    this.#net = net;
    this.placed = placed;
    this.scene = sceneOf(net, placed, filters, (shard) => brokenOf({ placed, broken }, shard)?.unlawful ?? false);
    this.colours = colouring(way, net, placed, i18n);
    this.trouble = troubleOf(net, placed, this.scene);
    this.faint = faintOf(net, placed, this.scene.nodes, asOf);
    this.order = named(net, this.scene, this.trouble, this.faint);
    this.twins = new Twins(net, this.scene, insets.places);
    this.places = insets.places;
  }

  /** Put twins side by side, at a scale. */
  spread(scale: Scale, zoom: number): void {
    this.places = this.twins.spread(scale, pitchOf(this.scene.nodes.length, zoom));
  }

  /** What is drawn in place of single flows, from so near and at a scale; null where they are drawn one by one. */
  bundles({ near, scale }: View): readonly Bundle[] | null {
    const { flows } = this.scene;
    if (!bundled(flows)) return null;
    const colour = (flow: Flow): number => this.colours.flow(flow);
    if (near === 0) return (this.#bundles ??= bundlesOf(flows, this.twins.alone, byProvince(this.#net), colour));
    if (this.#close?.places !== this.places || this.#close.scale !== scale.lat) {
      this.#close = { places: this.places, scale: scale.lat, found: bundlesOf(flows, this.places, byCloseness(flows, this.places, scale), colour) };
    }
    return this.#close.found;
  }

  /** The lens over what stands closest together, on a canvas of a size; null once one has come near. */
  lens(canvas: Canvas, near: number): Lens | null {
    if (near > 0) return null;
    const key = JSON.stringify([canvas.width, canvas.height, canvas.taken]);
    if (this.#lens?.key !== key) {
      this.#region ??= { found: regionOf(this.scene.nodes, this.twins.alone, canvas.home) };
      this.#lens = { key, found: lensOf(this.#region.found, this.scene, this.trouble, this.twins, canvas) };
    }
    return this.#lens.found;
  }

  /** How many nodes are drawn small and hollow in one way. */
  count(faint: Faint): number {
    let count = 0;
    for (const one of this.faint.values()) if (one === faint) count += 1;
    return count;
  }
}
