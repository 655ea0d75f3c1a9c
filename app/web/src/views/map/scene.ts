/** What of the network is drawn: what the filters leave, and the flows from sites to nodes, equal ones as one. */
import type { Net, Placed } from "./model";

/** The filters; an empty one lets everything pass. */
export interface Filters {
  model: readonly string[];
  policy: readonly string[];
  province: readonly string[];
  tier: readonly string[];
  state: readonly string[];
  kind: readonly string[];
  status: readonly string[];
}

export const FILTERS = ["model", "policy", "province", "tier", "state", "kind", "status"] as const;

/** The statuses of shards that can be asked for. What is unlawful is disturbed, too. */
export const STATUSES = ["unlawful", "disturbed", "unplaced", "placed"] as const;

/** All shards that go from one site to one node. */
export interface Flow {
  site: number;
  node: number;
  devices: number;
  shards: number;
  /** The least margin of them, in thousandths of the deadline. */
  margin: number;
  disturbed: boolean;
}

export interface Scene {
  /** Places of what is drawn. */
  nodes: number[];
  sites: number[];
  shards: number[];
  flows: Flow[];
  /** How many sites have a shard here that runs nowhere, and which. */
  short: Set<number>;
}

/**
 * What the filters leave.
 *
 * A shard is kept if its class, policy, status and kind of site, and its node's tier and state are asked for, and one of its ends
 * lies in a province that is. A node or site is kept if it is itself asked for and, when filters speak of what
 * runs, something that is kept runs there; what lies outside the provinces is kept where a shard leads to it.
 */
export function sceneOf(net: Net, placed: Placed | null, filters: Filters, unlawful: (shard: number) => boolean = () => false): Scene {
  const { nodes, sites } = net.map;
  const tier = chosen(filters.tier, net.map.tiers);
  const state = chosen(filters.state, net.map.states);
  const kind = chosen(filters.kind, net.map.kinds);
  const province = chosen(filters.province, net.map.provinces);
  const ownNode = (at: number): boolean => tier(nodes.tier[at]) && state(nodes.state[at]);
  const ownSite = (at: number): boolean => kind(sites.kind[at]);
  const anyProvince = filters.province.length === 0;
  const scene: Scene = { nodes: [], sites: [], shards: [], flows: [], short: new Set() };
  const servesHere = new Uint8Array(nodes.id.length);
  const asksHere = new Uint8Array(sites.id.length);

  if (placed) {
    const { shards, models, policies } = placed.map;
    const model = chosen(filters.model, models);
    const policy = chosen(filters.policy, policies);
    const nodeFree = filters.tier.length === 0 && filters.state.length === 0;
    const status = new Set(filters.status);
    const stands = (shard: number): boolean => status.size === 0 || status.has(placed.status(shard)) || (status.has("unlawful") && unlawful(shard));
    const flows = new Map<number, Flow>();
    for (let i = 0; i < placed.count; i += 1) {
      const site = placed.site[i] ?? -1;
      const node = placed.node[i] ?? -1;
      if (!stands(i) || !model(shards.model[i]) || !policy(shards.policy[i]) || !(site < 0 ? filters.kind.length === 0 : ownSite(site))) continue;
      if (node < 0 ? !nodeFree : !ownNode(node)) continue;
      if (!anyProvince && !province(sites.province[site]) && !(node >= 0 && province(nodes.province[node]))) continue;
      scene.shards.push(i);
      if (site >= 0) asksHere[site] = 1;
      if (node >= 0) servesHere[node] = 1;
      if (site < 0) continue;
      if (node < 0) {
        scene.short.add(site);
        continue;
      }
      const key = site * nodes.id.length + node;
      const flow = flows.get(key);
      const margin = placed.marginOf(i);
      const disturbed = placed.status(i) === "disturbed";
      if (!flow) flows.set(key, { site, node, devices: placed.devices(i), shards: 1, margin, disturbed });
      else {
        flow.devices += placed.devices(i);
        flow.shards += 1;
        flow.disturbed ||= disturbed;
        if (margin >= 0 && (flow.margin < 0 || margin < flow.margin)) flow.margin = margin;
      }
    }
    scene.flows = [...flows.values()];
  }

  const whatRuns = filters.model.length > 0 || filters.policy.length > 0 || filters.status.length > 0;
  for (let at = 0; at < nodes.id.length; at += 1) {
    if (!ownNode(at)) continue;
    const serves = servesHere[at] === 1;
    if ((whatRuns || filters.kind.length > 0) && !serves) continue;
    if (anyProvince || province(nodes.province[at]) || serves) scene.nodes.push(at);
  }
  for (let at = 0; at < sites.id.length; at += 1) {
    if (!ownSite(at)) continue;
    const asks = asksHere[at] === 1;
    if ((whatRuns || filters.tier.length > 0 || filters.state.length > 0) && !asks) continue;
    if (anyProvince || province(sites.province[at]) || asks) scene.sites.push(at);
  }
  return scene;
}

/** The devices above which a flow is among the stronger half, and among the strongest tenth. */
export function bandsOf(flows: readonly Flow[]): [number, number] {
  const sorted = Float64Array.from(flows, (flow) => flow.devices).sort();
  return [sorted[Math.floor(sorted.length * 0.5)] ?? 0, sorted[Math.floor(sorted.length * 0.9)] ?? 0];
}

/** Whether a place in a list of words is one of those that were chosen. */
function chosen(words: readonly string[], known: readonly string[]): (place: number | undefined) => boolean {
  if (words.length === 0) return () => true;
  const wanted = new Set(words.map((word) => known.indexOf(word)).filter((at) => at >= 0));
  return (place) => place !== undefined && wanted.has(place);
}
