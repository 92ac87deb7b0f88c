// The challenge page: from opening to the verdict, and what may come between.
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, expectAccessible, expectNoFaults, expectTargets, picture, signIn } from "../harness/browser.mjs";
import { publishOnHost } from "../harness/programs.mjs";
import { withPage, world } from "../harness/world.mjs";

const LEAP = "/courses/programs/challenges/leap-year";
const RIGHT = "def is_leap_year(year):\n    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)\n";
const WRONG = "def is_leap_year(year):\n    return year % 4 == 0\n";
const BROKEN = "def is_leap_year(year)\n    return True\n";
/** Longest wait for a verdict: only a hang reaches it. */
const VERDICT_MS = 30_000;

let count = 0;
let published;

/** Somebody who has done nothing yet. */
async function someone() {
  published ??= publishOnHost(world.service, "programs");
  await published;
  count += 1;
  const name = `learner${count}`;
  world.service.addPerson(name, { displayName: "Ida Learner", roles: { programs: "learner" } });
  return name;
}

async function openChallenge(page, path = LEAP) {
  const name = await someone();
  await signIn(page, name, path);
  await editor(page).waitFor();
  return name;
}

function editor(page) {
  return page.locator("#editor .cm-content");
}

/** Puts a text into the editor as a person does who replaces all. */
async function write(page, text) {
  await editor(page).click();
  await page.keyboard.press("Control+a");
  // Replacing in one go, the browser tries to keep the old text's style inline, which is refused.
  await page.keyboard.press("Delete");
  await page.keyboard.insertText(text);
}

/** Whether what is typed goes into the editor. */
function inEditor(page) {
  return page.evaluate(() => document.activeElement.classList.contains("cm-content"));
}

async function read(page) {
  return page.locator("#work textarea[name^='file:']").first().inputValue();
}

async function verdict(page, title) {
  await page.locator("#result .outcome h3").filter({ hasText: title }).waitFor({ timeout: VERDICT_MS });
}

/** A file of the draft as the service has it. */
async function keptByService(page, file) {
  const answer = await page.request.get(`/api/v1${LEAP}/draft`);
  return (await answer.json()).files[file];
}

async function saved(page) {
  await page.locator("#standing[data-standing=saved]").waitFor();
}

test("by keyboard alone from opening the page to the verdict", async () => {
  await withPage({}, async (page) => {
    await openChallenge(page);
    // Along the page by Tab until the editor has the focus.
    for (let n = 0; n < 60; n += 1) {
      await page.keyboard.press("Tab");
      if (await inEditor(page)) break;
    }
    assert.ok(await inEditor(page));
    await page.keyboard.press("Control+a");
    await page.keyboard.press("Delete");
    await page.keyboard.insertText(RIGHT);
    await page.keyboard.press("Tab");
    assert.ok(await inEditor(page), "Tab indents");
    await page.keyboard.press("Control+z");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Tab");
    assert.ok(!(await inEditor(page)), "Esc, Tab leaves");
    for (let n = 0; n < 10; n += 1) {
      if (await page.evaluate(() => document.activeElement.id === "submit")) break;
      await page.keyboard.press("Tab");
    }
    await page.keyboard.press("Enter");
    await verdict(page, "Accepted");
    await eventually(() => page.locator("#said").innerText(), /^Accepted\. \d+ of \d+ checks? passed\.$/);
    await page.getByRole("link", { name: /^Next: / }).waitFor();
    expectNoFaults(page, "challenge, accepted");
    await picture(page, "challenge-accepted");
    await expectAccessible(page, "challenge, accepted");
    await expectTargets(page, "challenge, accepted");
  });
});

test("a wrong answer names its checks, and failures unlock hints", async () => {
  await withPage({}, async (page) => {
    await openChallenge(page);
    await expectAccessible(page, "challenge, untouched");
    await picture(page, "challenge");
    await write(page, WRONG);
    await page.keyboard.press("Control+Enter");
    await verdict(page, "Not right yet");
    await page.locator("#result .check-fail").first().waitFor();
    await eventually(() => page.locator("#history > li").count(), 1);
    expectNoFaults(page, "challenge, wrong");
    await picture(page, "challenge-wrong");
    await expectAccessible(page, "challenge, wrong");
  });
});

test("the line of a syntax error is marked", async () => {
  await withPage({}, async (page) => {
    await openChallenge(page);
    await write(page, BROKEN);
    await page.keyboard.press("Control+Enter");
    await verdict(page, "It cannot be compiled");
    await page.locator(".cm-lintRange-error, .cm-lint-marker-error").first().waitFor();
    await page.getByRole("button", { name: "Line 1 of leap.py" }).click();
    await eventually(() => inEditor(page), true);
    expectNoFaults(page, "challenge, syntax error");
    await picture(page, "challenge-syntax");
    await expectAccessible(page, "challenge, syntax error");
  });
});

test("a draft is there again, on another device too", async () => {
  const name = await someone();
  await withPage({}, async (page) => {
    await signIn(page, name, LEAP);
    await editor(page).waitFor();
    await write(page, WRONG);
    await saved(page);
  });
  await withPage({}, async (page) => {
    await signIn(page, name, LEAP);
    await editor(page).waitFor();
    await eventually(() => read(page), WRONG);
    expectNoFaults(page, "challenge, draft");
  });
});

test("two tabs: nothing is lost, and the learner says what goes on", async () => {
  await withPage({}, async (page) => {
    await openChallenge(page);
    const other = await page.context().newPage();
    await other.goto(LEAP);
    await editor(other).waitFor();
    await write(other, "other tab");
    await saved(other);
    // A page that is not looked at hears nothing: both write.
    await write(page, "this tab");
    await page.locator("#conflict").waitFor();
    await page.getByRole("button", { name: "Compare the two" }).click();
    await page.locator("#changes ins", { hasText: "this tab" }).waitFor();
    await expectAccessible(page, "challenge, two versions");
    await page.getByRole("button", { name: "Close" }).click();
    await page.getByRole("button", { name: "Keep this version" }).click();
    await saved(page);
    await other.bringToFront();
    await other.reload();
    await editor(other).waitFor();
    await eventually(() => read(other), "this tab");
  });
});

test("typing without a connection is kept and saved later, even over a closed page", async () => {
  await withPage({}, async (page) => {
    await openChallenge(page);
    await page.context().setOffline(true);
    await write(page, "offline");
    await page.locator("#standing[data-standing=offline]").waitFor();
    await page.context().setOffline(false);
    await saved(page);
    await page.context().setOffline(true);
    await write(page, "once more");
    await page.locator("#standing[data-standing=offline]").waitFor();
    await page.context().route("**/draft", (route) => route.abort());
    await page.context().setOffline(false);
    await page.goto("/courses");
    await page.context().unroute("**/draft");
    await page.goto(LEAP);
    await editor(page).waitFor();
    await eventually(() => read(page), "once more");
    // Whether the page that was left has sent it after all, or the one that is open does.
    await eventually(() => keptByService(page, "leap.py"), "once more");
    await page.locator("#conflict").waitFor({ state: "hidden" });
  });
});

test("a reload and a lost connection in the middle of a run", async () => {
  await withPage({}, async (page) => {
    await openChallenge(page);
    await write(page, "import time\ntime.sleep(1.5)\n" + RIGHT);
    const taken = page.waitForResponse(/submissions$/);
    await page.keyboard.press("Control+Enter");
    await taken;
    await page.reload();
    await verdict(page, "Accepted");
    await eventually(() => page.locator("#history > li").count(), 1);
  });
  await withPage({}, async (page) => {
    await openChallenge(page);
    await write(page, RIGHT);
    let broken = 0;
    await page.route("**/stream*", (route) => {
      broken += 1;
      return broken <= 2 ? route.abort() : route.continue();
    });
    await page.keyboard.press("Control+Enter");
    await verdict(page, "Accepted");
    assert.ok(broken > 2);
    await eventually(() => page.locator("#result [data-lost]").count(), 0);
  });
});

test("running with input of one's own shows what came out as text", async () => {
  await withPage({}, async (page) => {
    await openChallenge(page);
    await write(page, "print('<b>' + input() + '</b>')\n");
    await page.getByText("Try it with input of your own").click();
    await page.getByLabel("Input", { exact: true }).fill("hello");
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await page.locator("#run-output").getByText("exit code 0").waitFor({ timeout: VERDICT_MS });
    await eventually(() => page.locator("#run-output pre").innerText(), /^<b>hello<\/b>\s*$/);
    assert.equal(await page.locator("#run-output pre b").count(), 0);
    expectNoFaults(page, "challenge, run");
    await picture(page, "challenge-run");
    await expectAccessible(page, "challenge, run");
  });
});

test("an earlier submission is compared and brought back", async () => {
  await withPage({}, async (page) => {
    await openChallenge(page);
    await write(page, WRONG);
    await page.keyboard.press("Control+Enter");
    await verdict(page, "Not right yet");
    await write(page, RIGHT);
    await page.getByRole("button", { name: /^Compare/ }).first().click();
    await page.locator("#changes ins", { hasText: "year % 100" }).waitFor();
    await picture(page, "challenge-changes");
    await page.getByRole("button", { name: "Close" }).click();
    await page.getByRole("button", { name: /^Bring back/ }).first().click();
    await page.waitForFunction((text) => document.querySelector("#work textarea[name^='file:']").value === text, WRONG);
  });
});

test("refusals say when to come back, and nothing is lost", async () => {
  await withPage({}, async (page) => {
    await openChallenge(page);
    await write(page, RIGHT);
    const body = { type: "urn:carrel:problem:busy", code: "busy", title: "The service is busy.", status: 503, detail: "too much", retry_after_ms: 2000 };
    await page.route("**/challenges/leap-year/submissions", (route) =>
      route.fulfill({ status: 503, contentType: "application/problem+json", headers: { "retry-after": "2" }, body: JSON.stringify(body) }),
    );
    await page.keyboard.press("Control+Enter");
    await page.locator("#result .told-warn", { hasText: "Try again in" }).waitFor();
    await expectAccessible(page, "challenge, busy");
    await page.unroute("**/challenges/leap-year/submissions");
    await page.locator("#submit[aria-disabled=false]").waitFor();
    await page.locator("#submit").click();
    await verdict(page, "Accepted");
  });
});

test("steps, read-only files and indentation of the language", async () => {
  await withPage({}, async (page) => {
    await openChallenge(page, "/courses/programs/challenges/maximum");
    const fixed = page.getByRole("tab", { name: /maximum\.h/ });
    await fixed.click();
    await eventually(() => editor(page).getAttribute("aria-readonly"), "true");
    await page.keyboard.press("ArrowLeft");
    expectNoFaults(page, "challenge, two files");
    await expectAccessible(page, "challenge, two files");
  });
  await withPage({}, async (page) => {
    await openChallenge(page, "/courses/programs/challenges/weather-log");
    await page.getByRole("navigation", { name: "Steps" }).waitFor();
    await page.getByRole("button", { name: "Submit step 1" }).waitFor();
    await expectAccessible(page, "challenge, steps");
    await picture(page, "challenge-steps");
  });
  await withPage({}, async (page) => {
    await openChallenge(page, "/courses/programs/challenges/roman-numerals");
    await editor(page).click();
    await page.keyboard.press("Control+a");
    await page.keyboard.press("Tab");
    // Two blanks in JavaScript.
    await eventually(() => read(page), /^ {2}\S/);
  });
});

test("keys of other editors are remembered, and Vim keeps its Escape", async () => {
  await withPage({}, async (page) => {
    await openChallenge(page);
    await page.getByLabel("Keys").selectOption("vim");
    await page.locator(".cm-vim-panel").waitFor();
    await page.reload();
    await page.locator(".cm-vim-panel").waitFor();
    await editor(page).click();
    await page.keyboard.type("ggdGix = 1");
    await page.keyboard.press("Escape");
    await eventually(() => read(page), /^x = 1\s*$/);
    await page.keyboard.press("Escape");
    await page.keyboard.press("Tab");
    assert.ok(!(await inEditor(page)));
    expectNoFaults(page, "challenge, vim");
  });
});

test("without scripts: boxes, a form, a page with the verdict", async () => {
  await withPage({ javaScriptEnabled: false }, async (page) => {
    await signIn(page, await someone(), LEAP);
    await page.getByLabel("leap.py").fill(RIGHT);
    await page.getByRole("button", { name: "Submit" }).click();
    await page.waitForURL(/\/submissions\//);
    await verdict2(page, "Accepted");
    await picture(page, "challenge-without-scripts");
    await page.getByRole("link", { name: "Back to the challenge" }).click();
    assert.equal(await page.getByLabel("leap.py").inputValue(), RIGHT);
    await page.getByText("Try it with input of your own").click();
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await page.waitForURL(/\/runs\//);
    await page.getByText("It wrote nothing.").waitFor({ timeout: VERDICT_MS });
  });
});

async function verdict2(page, title) {
  await page.locator(".outcome h3").filter({ hasText: title }).waitFor({ timeout: VERDICT_MS });
}
