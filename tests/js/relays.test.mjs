/** When a browser asks for new credentials of the relay. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { Relays } from "live/relays.js";

const given = (name, seconds = 3600) => ({ relays: { servers: [{ urls: ["turn:a"], username: name, credential: "c" }], seconds } });

function relays() {
  const asked = [];
  const clock = { now: 1_000_000 };
  const found = new Relays(async (name) => {
    asked.push(name);
    if (clock.lost) throw new Error("offline");
    return given(`${asked.length}`);
  }, () => clock.now);
  return { found, asked, clock, name: async () => (await found.servers())[0]?.username };
}

test("what came on entering is good for half its life, then it is renewed", async () => {
  const { found, asked, clock, name } = relays();
  found.keep(given("first"));
  clock.now += 1_800_000;
  assert.equal(await name(), "first");
  assert.deepEqual(asked, []);
  clock.now += 1;
  assert.equal(await name(), "1");
  assert.equal(await name(), "1");
  assert.deepEqual(asked, ["media:relays"]);
  clock.now += 1_800_001;
  assert.equal(await name(), "2");
});

test("a question that is not answered is asked again the next time", async () => {
  const { found, asked, clock, name } = relays();
  found.keep(given("first"));
  clock.now += 3_600_000;
  clock.lost = true;
  await assert.rejects(found.servers());
  clock.lost = false;
  assert.equal(await name(), "2");
  assert.equal(asked.length, 2);
});

test("a house without a relay is asked nothing", async () => {
  const { found, asked, clock } = relays();
  found.keep({ ok: true });
  clock.now += 1e12;
  assert.deepEqual(await found.servers(), []);
  assert.deepEqual(asked, []);
});
