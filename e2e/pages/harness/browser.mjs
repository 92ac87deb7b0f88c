// A real browser (Debian's Chromium) without a window, and what every page is held to in it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { PASSWORD, root } from "./service.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** WCAG 2.2 AA, and what axe counts as best practice. */
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** Widths in which each page is looked at: a telephone, a desk, a desk at 200 % zoom. */
const VIEWS = [
  { name: "phone", width: 360, height: 760 },
  { name: "desk", width: 1280, height: 800 },
  { name: "zoomed", width: 640, height: 400 },
];
const OUT = join(root, "e2e/pages/out");

/** Starts the browser. */
export async function startBrowser() {
  mkdirSync(OUT, { recursive: true });
  const executablePath = process.env.CARREL_CHROMIUM ?? "/usr/bin/chromium";
  return chromium.launch({
    executablePath,
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** A browser of its own for a test: no cookies, and every fault of a script is a failure. */
export async function open(browser, url, options = {}) {
  const context = await browser.newContext({
    baseURL: url,
    viewport: { width: 1280, height: 800 },
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    reducedMotion: "reduce",
    ...options,
  });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  page.faults = [];
  page.on("pageerror", (error) => page.faults.push(String(error)));
  page.on("console", (message) => {
    // A refused inline script or style is told here, as is whatever a script complains of.
    if (message.type() === "error" && !/Failed to load resource|ERR_INTERNET/.test(message.text())) {
      page.faults.push(message.text());
    }
  });
  return page;
}

/** Signs in by the form, and lands on the page wanted. */
export async function signIn(page, name, wanted = "/courses") {
  await page.goto(`/sign-in?return_to=${encodeURIComponent(wanted)}`);
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => url.pathname === new URL(wanted, "http://x").pathname);
}

/** How long a page may take to come to what is wanted of it: only a fault reaches it. */
const EVENTUALLY_MS = 20_000;

/**
 * Reads again and again until what is read is as wanted: a text, a number, a pattern, or whatever a
 * function says yes to. A page changes in its own time, and a busy machine gives it less of it.
 */
export async function eventually(read, wanted) {
  const check = (value) => {
    if (wanted instanceof RegExp) assert.match(value, wanted);
    else if (typeof wanted === "function") assert.ok(wanted(value), `${JSON.stringify(value)} is not as wanted: ${wanted}`);
    else assert.equal(value, wanted);
  };
  const until = Date.now() + EVENTUALLY_MS;
  for (;;) {
    try {
      const value = await read();
      check(value);
      return value;
    } catch (error) {
      if (Date.now() > until) throw error;
    }
    await new Promise((next) => setTimeout(next, 50));
  }
}

/**
 * Holds a page to accessibility in both themes and all widths, and to not scrolling sideways.
 * `brief`: the light theme at a desk and the dark one on a telephone only, for pages made of parts
 * that others show too.
 */
export async function expectAccessible(page, name, { brief = false } = {}) {
  const before = page.viewportSize();
  const views = (colorScheme) =>
    VIEWS.filter((view) => !brief || view.name === (colorScheme === "light" ? "desk" : "phone"));
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    // Colours change over a frame or two, on a busy machine over more time than that.
    await page.evaluate(() => Promise.all(document.getAnimations().map((one) => one.finished.catch(() => {}))));
    await page.evaluate(() => new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next))));
    for (const view of views(colorScheme)) {
      await page.setViewportSize({ width: view.width, height: view.height });
      await settle(page);
      await expectNoAxeViolations(page, `${name}, ${view.name}, ${colorScheme}`);
      const over = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      if (over > 0) {
        const wide = await page.evaluate(() => {
          const edge = document.documentElement.clientWidth;
          const all = [...document.body.querySelectorAll("*")];
          const beyond = all.filter((one) => one.getBoundingClientRect().right > edge + 1);
          return beyond.slice(0, 5).map((one) => one.outerHTML.slice(0, 120)).join("\n  ");
        });
        throw new Error(`${name}, ${view.name}: scrolls sideways by ${over} px:\n  ${wide}`);
      }
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(before);
}

/** Waits until colours and sizes are those of what was set last. */
async function settle(page) {
  await page.waitForTimeout(200);
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

/** Holds a page, as it is now, to axe's rules. */
export async function expectNoAxeViolations(page, name) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe);
  const { violations } = await page.evaluate(
    // `region` is about content outside of landmarks; dialogs are their own.
    (tags) => window.axe.run(document, { runOnly: { type: "tag", values: tags } }),
    RULES,
  );
  if (violations.length === 0) return;
  const told = violations.flatMap((violation) =>
    violation.nodes.map((node) => `${violation.id}: ${violation.help}\n    ${node.html.slice(0, 300)}\n    ${node.failureSummary}`),
  );
  throw new Error(`${name}: ${violations.length} kinds of violations\n  ${told.join("\n  ")}`);
}

/** Every part that is pressed is at least 24 px in both directions (WCAG 2.5.8; links in text excepted). */
export async function expectTargets(page, name) {
  const small = await page.evaluate(() => {
    const found = [];
    for (const element of document.querySelectorAll("button, input:not([type=hidden]), select, textarea, summary, .button, nav a")) {
      const box = element.getBoundingClientRect();
      const label = element.closest("label")?.getBoundingClientRect();
      const width = Math.max(box.width, label?.width ?? 0);
      const height = Math.max(box.height, label?.height ?? 0);
      if (box.width > 1 && (width < 24 || height < 24)) found.push(`${element.outerHTML.slice(0, 120)}: ${width}×${height}`);
    }
    return found;
  });
  if (small.length > 0) throw new Error(`${name}: smaller than 24 px:\n  ${small.join("\n  ")}`);
}

/** No script failed on the page, and its policy refused nothing. */
export function expectNoFaults(page, name) {
  if (page.faults.length > 0) throw new Error(`${name}: ${page.faults.join("\n")}`);
}

/** A picture for people to look at, in `e2e/pages/out`, small where pngquant is there. */
export async function picture(page, name, options = {}) {
  const path = join(OUT, `${name}.png`);
  await page.screenshot({ path, animations: "disabled", ...options });
  try {
    execFileSync("pngquant", ["--force", "--skip-if-larger", "--output", path, "64", path], { stdio: "ignore" });
  } catch {
    // The picture stays as it is.
  }
}
