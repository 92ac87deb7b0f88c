// How soon a page is there, how soon one can type, and how soon a verdict is seen.
//
//   scripts/bench.sh pages [--quick]
//
// One release build of `carrel serve`, Debian's Chromium without a window, each page with an empty
// cache and again with what the first visit left. What is throttled stands beside each row: the same
// profiles as those of the editors that were measured before one was chosen. Prints tables of
// medians (least to most), and writes every figure to bench/out/pages.json.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { open, signIn, startBrowser } from "../e2e/pages/harness/browser.mjs";
import { publishOnHost } from "../e2e/pages/harness/programs.mjs";
import { Service, root } from "../e2e/pages/harness/service.mjs";

const QUICK = process.argv.includes("--quick");
const VISITS = QUICK ? 3 : 7;
const VERDICTS = QUICK ? 5 : 40;
/** Longest wait for anything: only a hang reaches it. */
const PATIENCE_MS = 60_000;
const RIGHT = "def is_leap_year(year):\n    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)\n";

const PAGES = [
  { name: "lesson", path: "/courses/programs/lessons/welcome" },
  { name: "quiz", path: "/courses/programs/quizzes/programs" },
  { name: "challenge", path: "/courses/programs/challenges/leap-year", mark: "editor-usable" },
];

const megabit = (number) => (number * 1_000_000) / 8;
const PROFILES = [
  { name: "not throttled" },
  { name: "50 Mbit/s, 20 ms", latency: 20, throughput: megabit(50) },
  { name: "20 Mbit/s, 40 ms, processor ÷4", latency: 40, throughput: megabit(20), slower: 4 },
  { name: "1.6 Mbit/s, 150 ms, processor ÷4", latency: 150, throughput: megabit(1.6), slower: 4 },
];

/** Runs in the page before anything of it: notes when what a mark tells of has been painted. */
function notePainted() {
  window.painted = {};
  new PerformanceObserver((list) => {
    for (const { name } of list.getEntries()) {
      requestAnimationFrame(() => setTimeout(() => (window.painted[name] = performance.now())));
    }
  }).observe({ type: "mark", buffered: true });
}

/** Slows the connection and the processor of a page as a profile says; counts what comes over the wire. */
async function throttle(page, profile) {
  const tools = await page.context().newCDPSession(page);
  const wire = { bytes: 0 };
  await tools.send("Network.enable");
  tools.on("Network.loadingFinished", ({ encodedDataLength }) => (wire.bytes += encodedDataLength));
  if (profile.throughput) {
    const both = { downloadThroughput: profile.throughput, uploadThroughput: profile.throughput };
    await tools.send("Network.emulateNetworkConditions", { offline: false, latency: profile.latency, ...both });
  }
  if (profile.slower) await tools.send("Emulation.setCPUThrottlingRate", { rate: profile.slower });
  return wire;
}

/** One visit: first contentful paint, and when one can type where there is an editor, in ms. */
async function visit(page, { path, mark }, wire) {
  wire.bytes = 0;
  await page.goto(path, { timeout: PATIENCE_MS });
  const told = await page.waitForFunction(
    (mark) => {
      const [paint] = performance.getEntriesByName("first-contentful-paint");
      if (!paint || (mark && !window.painted[mark])) return undefined;
      return { paint: paint.startTime, usable: mark && window.painted[mark] };
    },
    mark,
    { timeout: PATIENCE_MS },
  );
  const { paint, usable } = await told.jsonValue();
  return { paint, usable, wire: wire.bytes / 1_000 };
}

/** Visits a page with an empty cache and again, in a browser of its own each time. */
async function measureVisits(browser, service, signedIn, wanted, profile) {
  const cold = [];
  const warm = [];
  for (let n = 0; n < VISITS; n += 1) {
    const page = await open(browser, service.url, { storageState: signedIn });
    await page.addInitScript(notePainted);
    const wire = await throttle(page, profile);
    cold.push(await visit(page, wanted, wire));
    warm.push(await visit(page, wanted, wire));
    await page.context().close();
  }
  return { cold, warm };
}

/** From the moment that the service has a verdict to the one that it is seen in the page, in ms. */
async function measureVerdicts(browser, service, signedIn) {
  const page = await open(browser, service.url, { storageState: signedIn });
  await page.addInitScript(notePainted);
  await page.goto(PAGES[2].path);
  const editor = page.locator("#editor .cm-content");
  await editor.waitFor();
  const delays = [];
  for (let n = 0; n < VERDICTS; n += 1) {
    await editor.click();
    await page.keyboard.press("Control+a");
    await page.keyboard.press("Delete");
    await page.keyboard.insertText(`${RIGHT}# ${n}\n`);
    await page.evaluate(() => {
      performance.clearMarks("verdict-shown");
      delete window.painted["verdict-shown"];
    });
    const [answer] = await Promise.all([page.waitForResponse(/\/submissions$/), page.keyboard.press("Control+Enter")]);
    const { id } = await answer.json();
    const shown = await page.waitForFunction(
      () => {
        const [mark] = performance.getEntriesByName("verdict-shown");
        const painted = window.painted["verdict-shown"];
        return mark && painted && { placed: performance.timeOrigin + mark.startTime, painted: performance.timeOrigin + painted };
      },
      undefined,
      { timeout: PATIENCE_MS },
    );
    const { placed, painted } = await shown.jsonValue();
    const told = await (await page.request.get(`/api/v1/submissions/${id}`)).json();
    const finished = Date.parse(told.finished_at);
    delays.push({ placed: placed - finished, painted: painted - finished });
    await page.locator("#submit[aria-disabled=false]").waitFor();
  }
  await page.context().close();
  return delays;
}

const sorted = (values) => [...values].sort((a, b) => a - b);
const quantile = (values, share) => sorted(values)[Math.min(values.length - 1, Math.floor(values.length * share))];
const spread = (values) =>
  `${quantile(values, 0.5).toFixed(0)} (${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)})`;

function tellVisits({ page, profile, cold, warm }) {
  for (const [cache, visits] of [["empty cache", cold], ["warm cache", warm]]) {
    const of = (name) => visits.map((visit) => visit[name]);
    const usable = visits[0].usable === undefined ? "" : `  can type ${spread(of("usable"))}`;
    const wire = quantile(of("wire"), 0.5).toFixed(0);
    console.log(`${page}, ${profile}, ${cache}: first paint ${spread(of("paint"))}${usable}  wire ${wire} kB`);
  }
}

const service = await Service.start();
const browser = await startBrowser();
try {
  await publishOnHost(service, "programs");
  service.addPerson("ada", { roles: { programs: "learner" } });
  const entry = await open(browser, service.url);
  await signIn(entry, "ada");
  const signedIn = await entry.context().storageState();
  await entry.context().close();
  console.log(`milliseconds from navigation: median (least to most) of ${VISITS} visits`);
  const visits = [];
  for (const wanted of PAGES) {
    for (const profile of PROFILES) {
      const measured = await measureVisits(browser, service, signedIn, wanted, profile);
      visits.push({ page: wanted.name, profile: profile.name, ...measured });
      tellVisits(visits.at(-1));
    }
  }
  const verdicts = await measureVerdicts(browser, service, signedIn);
  for (const what of ["placed", "painted"]) {
    const values = verdicts.map((delay) => delay[what]);
    console.log(
      `verdict ${what} in the page after the service has it, ms, of ${VERDICTS}: ` +
        `p50 ${quantile(values, 0.5).toFixed(1)}, p99 ${quantile(values, 0.99).toFixed(1)}, most ${Math.max(...values).toFixed(1)}`,
    );
  }
  mkdirSync(join(root, "bench/out"), { recursive: true });
  writeFileSync(join(root, "bench/out/pages.json"), JSON.stringify({ visits, verdicts }, null, 2));
} finally {
  await browser.close();
  await service.stop();
}
