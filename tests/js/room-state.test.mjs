/** The browser folds the server's patches exactly as the server does (vectors made in Python). */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import test from "node:test";

import { RoomState, caseNumber, currentStep, linesInOrder, merge, place, used } from "../../static/live/room-state.js";

const folder = new URL("../vectors/room/", import.meta.url);
const vectors = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .map((name) => [name, JSON.parse(readFileSync(new URL(name, folder), "utf-8"))]);

test("there are stories to fold", () => {
  assert.ok(vectors.length >= 2);
  const patches = vectors.flatMap(([, story]) => Object.values(story).flatMap((one) => one.patches));
  assert.ok(patches.filter((patch) => Object.keys(patch).length > 0).length > 80);
});

for (const [name, story] of vectors) {
  for (const [audience, { first, patches, last }] of Object.entries(story)) {
    test(`replay equals refetch: ${name}, ${audience}`, () => {
      const room = new RoomState();
      room.take({ v: 0, now: 1000, you: { person: "ann", seat: "s", lane: "spoke", duties: [] }, state: first }, 1000);
      const frozen = structuredClone(first);
      patches.forEach((patch, n) => assert.equal(room.fold({ v: n + 1, now: 1000, patch }, 1000), true));
      assert.deepEqual(room.state, last);
      assert.deepEqual(first, frozen, "the snapshot itself was not changed");
    });
  }
}

test("the examples of RFC 7396", () => {
  const cases = [
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b" }, { a: null }, {}],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ];
  for (const [target, patch, expected] of cases) assert.deepEqual(merge(target, patch), expected);
});

test("old patches and patches before the first snapshot change nothing", () => {
  const room = new RoomState();
  assert.equal(room.fold({ v: 5, now: 0, patch: { stage: "live" } }, 0), false);
  assert.equal(room.state, null);
  room.take({ v: 7, now: 0, you: { person: "a", seat: "s", lane: "hub", duties: [] }, state: { stage: "green" } }, 0);
  assert.equal(room.fold({ v: 7, now: 0, patch: { stage: "live" } }, 0), false);
  assert.equal(room.state.stage, "green");
});

test("the server's clock is estimated from the fastest message", () => {
  const room = new RoomState();
  const you = { person: "a", seat: "s", lane: "hub", duties: [] };
  room.take({ v: 0, now: 10_000, you, state: {} }, 9_500); // 200 ms on the way
  assert.equal(room.offset, 500);
  room.fold({ v: 1, now: 20_000, patch: {} }, 19_300); // no delay: 700 ahead
  assert.equal(room.offset, 700);
  room.fold({ v: 2, now: 30_000, patch: {} }, 29_900); // 600 ms on the way
  assert.equal(room.offset, 700);
});

test("what the screen derives", () => {
  const { first, patches } = vectors.find(([name]) => name === "case.json")[1].desk;
  const states = [];
  let state = first;
  for (const patch of patches) states.push((state = merge(state, patch)));
  assert.equal(caseNumber(first), 0);
  const clarify = states.find((s) => currentStep(s)?.kind === "clarify_spokes");
  assert.equal(caseNumber(clarify), 1);
  assert.equal(place(clarify, "joe"), 1);
  assert.equal(place(clarify, "hugo"), 1);
  assert.equal(place(clarify, "ann"), 0);
  assert.equal(used(clarify, clarify.phase.started_at + 61_000), 61);
  assert.equal(used(clarify, clarify.phase.started_at - 5), 0);
  assert.deepEqual(linesInOrder(state).map(([id]) => id), ["line-1", "line-3"]);
  assert.deepEqual(state.lines["line-1"].voices.map((voice) => voice.person), ["joe", "hugo"]);
});
