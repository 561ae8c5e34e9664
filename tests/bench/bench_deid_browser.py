"""Measures the identifier check in a real Chromium on a slowed CPU; prints JSON lines.

    python tests/bench/bench_deid_browser.py [--throttle 4] [--texts 25]

On the real case form, with the files it fetches: how long one check of 4,000 characters takes
(deidentification.md: 30 ms on a CPU four times slower), how much of it the rules take without the
word model, how long it takes to make rules, patterns and word list ready, and the compressed bytes
of everything the form fetches before and after somebody begins to write. The texts are development
texts put end to end; each is checked four times with one more blank, as when somebody goes on
writing, and its quickest check counts, for a busy machine makes the others slow. `fresh_ms` is the
first check of each text alone. `first_ms` is the first check of all, when everything is ready but the
browser has not yet seen the code at work. The page makes everything ready, and checks, in steps
with pauses for who types; `longest_step_ms` is the longest of them.

Then a text of a megabyte is pasted, as the page reads it, while somebody types on in another field:
how long the longest task is, and how long keys take to be seen, then and before (Chromium's own event
timing, in steps of 8 ms; 16 where all are quicker). Chromium slows this machine's CPU, whatever it is: compare figures of one
machine only, and of a quiet one.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
from pathlib import Path

import structlog
from playwright.async_api import CDPSession, Page, Response

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from server.deid import load
from server.edge.assets import ASSETS
from tests.bench import bench_pages
from tests.harness.browsers import chromium
from tests.tools.deid import corpus

LENGTH = 4000
TARGET = 30
PASTE = 1_000_000
TASK_TARGET = 100

MEASURE = """async ({rules, listed, lang, texts}) => {
  const { compile, compiling } = await import("cases/deid-check.js");
  const timed = (run) => {
    const begin = performance.now();
    const out = run();
    return [out, performance.now() - begin];
  };
  const took = {};
  let longest = 0;
  const stepped = (name, steps) => {
    took[name] = 0;
    for (;;) {
      const [step, ms] = timed(() => steps.next());
      took[name] += ms;
      longest = Math.max(longest, ms);
      if (step.done) return step.value;
    }
  };
  const file = await (await fetch(rules)).json();
  const words = (await Promise.all(listed.map(async (u) => (await fetch(u)).text()))).join("");
  const today = { year: 2026, month: 11, day: 24 };
  const whole = stepped("rules_ready_ms", compiling(file));
  stepped("patterns_ready_ms", whole.preparing());
  stepped("words_ready_ms", whole.learning(words));
  stepped("first_ms", whole.scanning(texts[0], lang, today));
  const each = (checker) => texts.slice(1).map((text) =>
    [0, 1, 2, 3].map((n) => timed(() => checker.scan(text + " ".repeat(n), lang, today))[1]));
  const all = each(whole);
  const some = each(compile(file));
  return { took, longest, all, some };
}"""

WATCH_TASKS = """async () => {
  const { fetchRules, fetchWords, lookIdly } = await import("cases/deid-look.js");
  await fetchRules();
  await fetchWords();
  await lookIdly("Mrs Quintana came on May 3.", () => true);
  globalThis.tasks = [];
  globalThis.keys = [];
  new PerformanceObserver((list) => tasks.push(...list.getEntries().map((e) => e.duration)))
    .observe({ type: "longtask" });
  new PerformanceObserver((list) => keys.push(...list.getEntries()
    .filter(({ name }) => name === "keydown" || name === "beforeinput").map((e) => e.duration)))
    .observe({ type: "event", durationThreshold: 16 });
}"""

PASTED = """async (text) => {
  const { lookIdly } = await import("cases/deid-look.js");
  const began = performance.now();
  globalThis.read = lookIdly(text, () => true).then((found) => (
    { seconds: (performance.now() - began) / 1000, findings: found.findings.length }));
}"""


def texts(lang: str, count: int) -> list[str]:
    """Return pieces of 4,000 characters, cut from the development texts of a language."""
    own = [
        t.text
        for file in sorted(corpus.HERE.glob("*.txt"))
        for t in corpus.ours(file)
        if t.lang == lang
    ]
    joined = "\n".join(own)
    while len(joined) < LENGTH * (count + 1):
        joined += "\n" + joined
    return [joined[i * LENGTH : (i + 1) * LENGTH] for i in range(count + 1)]


async def pasted(page: Page, client: CDPSession, throttle: float) -> dict[str, object]:
    """Return what somebody feels who types while the page checks a megabyte."""
    await page.reload(wait_until="networkidle")
    await client.send("Emulation.setCPUThrottlingRate", {"rate": throttle})
    await page.evaluate(WATCH_TASKS)
    await page.locator("[name=age]").evaluate("e => e.closest('[data-section]').hidden = false")
    await page.locator("[name=age]").focus()
    text = "".join(texts("en", PASTE // LENGTH))[:PASTE]
    await page.keyboard.type("4" * 20, delay=100)
    quiet = await page.evaluate("() => { tasks.length = 0; return keys.splice(0); }")
    await page.evaluate(PASTED, text)
    await page.keyboard.type("4" * 60, delay=100)
    found = await page.evaluate("() => read")
    tasks, keys = await page.evaluate("() => [tasks, keys]")
    await client.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    return {
        "bench": "deid paste",
        "throttle": throttle,
        "load": round(os.getloadavg()[0], 1),
        "characters": len(text),
        "findings": found["findings"],
        "seconds": round(found["seconds"], 1),
        "tasks_over_50_ms": len(tasks),
        "longest_task_ms": round(max(tasks, default=50)),
        "median_key_ms": round(statistics.median(keys or [16])),
        "slowest_key_ms": round(max(keys, default=16)),
        "slowest_key_before_ms": round(max(quiet, default=16)),
        "target_ms": TASK_TARGET,
    }


async def main(arguments: argparse.Namespace) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    load_now = round(os.getloadavg()[0], 1)
    print(json.dumps({"bench": "machine", "cores": os.cpu_count(), "load": load_now}), flush=True)
    async with bench_pages.village() as (house, found), chromium() as chrome:
        _, author, path = found["case form"]
        assets = house.app[ASSETS]
        context = await chrome.new_context(base_url=house.origin)
        await context.add_cookies(
            [
                {"name": cookie.key, "value": cookie.value, "url": house.origin}
                for cookie in author.session.cookie_jar
            ]
        )
        page = await context.new_page()
        fetched: list[Response] = []

        def note(answer: Response) -> None:
            fetched.append(answer)

        page.on("response", note)
        await page.goto(path, wait_until="networkidle")
        before = [await bench_pages.weigh(house, answer) for answer in fetched[1:]]
        fetched.clear()
        async with page.expect_response(lambda answer: "deid-words" in answer.url):
            await page.locator("textarea[data-deid]").first.focus()
        await page.wait_for_load_state("networkidle")
        after = [await bench_pages.weigh(house, answer) for answer in fetched]
        print(
            json.dumps(
                {
                    "bench": "deid bytes",
                    "page": "case form",
                    "kb_before_writing": bench_pages.kilobytes(sum(size for _, size in before)),
                    "kb_when_writing_begins": bench_pages.kilobytes(
                        sum(size for _, size in after)
                    ),
                    "check": {what: size for what, size in (*before, *after) if "deid" in what},
                    "modes": {
                        name: len(assets.encoded(asset, "br")[0])
                        for mode in load.LANGUAGES
                        for name in (
                            f"cases/deid-rules-{mode}.json",
                            f"cases/deid-words-{mode}.txt",
                        )
                        if (asset := assets.find(name))
                    },
                }
            ),
            flush=True,
        )
        client = await context.new_cdp_session(page)
        for lang in ("en", *load.LANGUAGES):
            await page.reload(wait_until="networkidle")
            tail = f"-{lang}" if load.mode(lang) else ""
            listed = [assets.url("cases/deid-words.txt")]
            if tail:
                listed.append(assets.url(f"cases/deid-words{tail}.txt"))
            asked = {
                "rules": assets.url(f"cases/deid-rules{tail}.json"),
                "listed": listed,
                "lang": lang,
                "texts": texts(lang, arguments.texts),
            }
            await client.send("Emulation.setCPUThrottlingRate", {"rate": arguments.throttle})
            took = await page.evaluate(MEASURE, asked)
            await client.send("Emulation.setCPUThrottlingRate", {"rate": 1})
            every = sorted(min(times) for times in took["all"])
            print(
                json.dumps(
                    {
                        "bench": "deid browser",
                        "lang": lang,
                        "throttle": arguments.throttle,
                        "load": round(os.getloadavg()[0], 1),
                        "characters": LENGTH,
                        "texts": len(every),
                        "median_ms": round(statistics.median(every), 1),
                        "p95_ms": round(every[int(len(every) * 0.95)], 1),
                        "fresh_ms": round(statistics.median(t[0] for t in took["all"]), 1),
                        "rules_only_median_ms": round(
                            statistics.median(min(times) for times in took["some"]), 1
                        ),
                        **{name: round(ms, 1) for name, ms in took["took"].items()},
                        "longest_step_ms": round(took["longest"], 1),
                        "target_ms": TARGET,
                    }
                ),
                flush=True,
            )
        print(json.dumps(await pasted(page, client, arguments.throttle)), flush=True)
        await context.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--throttle", type=float, default=4)
    parser.add_argument("--texts", type=int, default=25)
    asyncio.run(main(parser.parse_args()))
