import { expect, test } from "vitest";
import { sceneOf } from "../src/views/map/scene";
import { titled } from "../src/views/map/drawing/titled";
import { NONE, netOf } from "./world";

test("each node and site of a picture has a title where it is drawn, as XML takes it", () => {
  const net = netOf([{}, { at: [128, 36] }, { at: null }], [{ at: [129, 35] }]);
  const places = { node: (at: number) => net.nodePosition(at), site: (at: number) => net.sitePosition(at) };
  const text = titled(net, { scene: sceneOf(net, null, NONE), places }, null, { x: (lon) => lon - 100, y: (lat) => 100 - lat }, 1, ({ kind, id }) => `${kind} <${id}> & "more"\u0007`);
  expect(text.match(/<circle/g)).toHaveLength(3);
  expect(text).toContain('<circle data-node="n1" cx="28.0" cy="64.0" r="5"><title>node &lt;n1&gt; &amp; &quot;more&quot;</title></circle>');
  expect(text).toContain('data-site="s0" cx="29.0" cy="65.0" r="5"');
});
