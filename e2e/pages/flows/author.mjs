// The pages of authors: results, submissions, regrades, publishing, importing, and the learner's view.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { eventually, expectAccessible, expectNoFaults, expectTargets, picture, signIn } from "../harness/browser.mjs";
import { root } from "../harness/service.mjs";
import { withPage, world } from "../harness/world.mjs";

const AUTHOR = "/courses/writing/author";
const AIKEN = "What does Carrel check?\nA. nothing\nB. programs\nANSWER: B\n";
const MOODLE = `<?xml version="1.0"?><quiz>
<question type="truefalse"><name><text>A fact</text></name><questiontext format="html"><text>Is it?</text></questiontext>
<answer fraction="100"><text>true</text></answer><answer fraction="0"><text>false</text></answer></question>
<question type="ddimageortext"><name><text>Drag</text></name><questiontext format="html"><text>Drag it.</text></questiontext></question>
</quiz>`;

/** A course in a directory of its own: the pages' course, and a challenge in the host's runtime. */
function write() {
  const directory = mkdtempSync(join(tmpdir(), "carrel-writing-"));
  cpSync(join(root, "e2e/pages/course"), directory, { recursive: true });
  cpSync(join(root, "courses/sample/leap-year"), join(directory, "leap-year"), { recursive: true });
  change(directory, "course.toml", (text) =>
    text
      .replace('id = "pages"', 'id = "writing"')
      .replace('title = "Every kind of page"', 'title = "A course in the making"')
      .replace("activities = [", 'activities = [\n    { path = "leap-year" },'),
  );
  change(directory, "leap-year/challenge.toml", (text) => text.replace(/^language = .*$/m, '$&\nenvironment = "host"'));
  return directory;
}

function change(directory, path, work) {
  const full = join(directory, path);
  writeFileSync(full, work(readFileSync(full, "utf8")));
}

function pack(directory) {
  const buffer = execFileSync("tar", ["-C", directory, "-cz", "."], { maxBuffer: 1 << 28 });
  return { name: "writing.tar.gz", mimeType: "application/gzip", buffer };
}

/** As a program of somebody's own asks. */
async function ask(token, method, path, body) {
  const answer = await fetch(`${world.url}/api/v1${path}`, {
    method,
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json", Prefer: "wait=60" },
    body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : undefined;
}

/** Some learners who answered and submitted. */
async function fill() {
  for (const [name, sum, year] of [["lena", "42", "year % 4 == 0"], ["leo", "41", "True"]]) {
    world.service.addPerson(name, { displayName: `${name[0].toUpperCase()}${name.slice(1)}`, roles: { writing: "learner" } });
    const told = world.service.run("admin", "token", "create", name, "--scope", "read", "--scope", "submit");
    const token = told.match(/carrel_[0-9A-Za-z]{49}/)[0];
    const attempt = await ask(token, "POST", "/courses/writing/quizzes/practice/attempts", {});
    await ask(token, "PUT", `/attempts/${attempt.id}/answers/sum`, { answer: { type: "numeric", number: sum } });
    await ask(token, "POST", `/attempts/${attempt.id}/submit`, {});
    const files = { "leap.py": `def is_leap_year(year):\n    return ${year}\n` };
    const sent = await ask(token, "POST", "/courses/writing/challenges/leap-year/submissions", { files });
    const look = () => ask(token, "GET", `/submissions/${sent.id}`);
    await eventually(async () => (await look()).state, "finished");
  }
}

let prepared;

/** The course, its author and its learners, made once. */
function prepare() {
  prepared ??= (async () => {
    const directory = write();
    await world.service.publish(directory, "writing");
    world.service.addPerson("wanda", { displayName: "Wanda", roles: { writing: "author" } });
    await fill();
    return directory;
  })();
  return prepared;
}

async function hold(page, name, shot = {}) {
  await expectAccessible(page, name, { brief: true });
  await expectTargets(page, name);
  await picture(page, name, shot);
  expectNoFaults(page, name);
}

test("an author looks at results, submissions and regrades", async () => {
  await prepare();
  await withPage({}, async (page) => {
    await signIn(page, "wanda", "/courses/writing");
    await page.getByRole("link", { name: "For authors" }).click();
    await page.getByRole("heading", { name: "Submissions", level: 1 }).waitFor();
    await page.getByRole("cell", { name: "Leo" }).waitFor();
    await hold(page, "author-submissions");
    await page.getByRole("row", { name: /Leo/ }).getByRole("link").click();
    await page.getByRole("heading", { name: /Leo/, level: 1 }).waitFor();
    await page.getByText("return True").first().waitFor();
    await hold(page, "author-submission");

    await page.getByRole("link", { name: "Results", exact: true }).click();
    await hold(page, "author-results");
    const [grades] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Save all grades (CSV)" }).click(),
    ]);
    assert.match(readFileSync(await grades.path(), "utf8"), /Lena/);
    await page.getByRole("link", { name: "Practice with hints" }).click();
    await page.getByText("2 attempts.").waitFor();
    await page.getByText("What was answered").first().click();
    await page.getByRole("rowheader", { name: "41" }).waitFor();
    await hold(page, "author-results-quiz", { fullPage: true });
    const [table] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: /Save as a table/ }).click(),
    ]);
    assert.equal(table.suggestedFilename(), "writing-practice-statistics.csv");
    await page.getByLabel("Attempts that count").selectOption("first");
    await page.getByRole("button", { name: "Show" }).click();
    await page.waitForURL("**/practice?attempts=first");

    await page.goto(`${AUTHOR}/results/challenges/leap-year`);
    await page.getByRole("heading", { name: "Checks that fail" }).waitFor();
    await hold(page, "author-results-challenge");

    await page.getByRole("link", { name: "Regrades", exact: true }).click();
    await hold(page, "author-regrades");
    await page.getByRole("button", { name: "Begin" }).click();
    await page.getByRole("progressbar").waitFor();
    await eventually(() => page.locator("[data-live]").innerText(), /ready to be looked at/);
    await hold(page, "author-regrade");
    expectNoFaults(page, "author");
  });
});

test("a version is looked at, refused, put right and published", async () => {
  const directory = await prepare();
  await withPage({}, async (page) => {
    await signIn(page, "wanda", `${AUTHOR}/publish`);
    change(directory, "lessons/after.md", (text) => text.replace("+++\n", "+++\ntitel = 'x'\n"));
    await page.getByLabel("The course as zip or tar.gz").setInputFiles(pack(directory));
    await page.getByRole("button", { name: "Show what would change" }).click();
    await page.getByRole("alert").getByText(/lessons\/after\.md:2/).first().waitFor();
    assert.equal(await page.getByRole("button", { name: "Publish this" }).count(), 0);
    await hold(page, "author-publish-refused");

    change(directory, "lessons/after.md", (text) => `${text.replace("titel = 'x'\n", "")}\nOne more line.\n`);
    change(directory, "quizzes/practice.quiz.md", (text) => text.replace("= 42", "= 43"));
    await page.getByLabel("Another file").setInputFiles(pack(directory));
    await page.getByRole("button", { name: "Show what would change" }).click();
    await page.getByRole("heading", { name: "What would change: A course in the making" }).waitFor();
    await page.getByText("Question “A sum”: what is right").waitFor();
    await page.getByText("results may differ").waitFor();
    await hold(page, "author-publish");
    await page.getByRole("button", { name: "Publish this" }).click();
    await page.waitForURL(`**${AUTHOR}/versions`);
    assert.equal(await page.getByRole("button", { name: "Show this one" }).count(), 1);
    await hold(page, "author-versions");

    // The key changed: Lena's 42 was right and stays, Leo's 41 stays wrong; points may be lowered.
    await page.getByRole("link", { name: "Regrades", exact: true }).click();
    await page.locator("#quiz").selectOption("practice");
    await page.locator("form:has(#quiz) input[name=may_lower]").check();
    await page.getByRole("button", { name: "Show what would change" }).click();
    await page.getByText("2 attempts looked at.").waitFor();
    await page.getByText("1 has another result.").waitFor();
    await hold(page, "author-rescore");
    await page.getByRole("button", { name: "Let these results count" }).click();
    await page.getByText("applied").first().waitFor();
  });
  rmSync(directory, { recursive: true });
});

test("a quiz of another tool is turned into ours", async () => {
  await prepare();
  await withPage({ javaScriptEnabled: false }, async (page) => {
    await signIn(page, "wanda", `${AUTHOR}/import`);
    await page.getByLabel("The other tool's file").setInputFiles({ name: "a.txt", mimeType: "text/plain", buffer: Buffer.from(AIKEN) });
    await page.getByRole("button", { name: "Show what it becomes" }).click();
    await page.getByText("Everything was carried over.").waitFor();
    const [quiz] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: /^Save .*\.quiz\.md$/ }).click(),
    ]);
    const text = readFileSync(await quiz.path(), "utf8");
    assert.match(text, /- \(x\) .*programs/);
  });
  await withPage({}, async (page) => {
    await signIn(page, "wanda", `${AUTHOR}/import`);
    await page.getByLabel("The other tool's file").setInputFiles({ name: "bank.xml", mimeType: "text/xml", buffer: Buffer.from(MOODLE) });
    await page.getByRole("button", { name: "Show what it becomes" }).click();
    await page.getByRole("heading", { name: "Not carried over, or changed" }).waitFor();
    await page.getByText("ddimageortext").first().waitFor();
    await page.getByText("The quiz in Carrel's notation").click();
    await hold(page, "author-import");
  });
});

test("an author sees what learners see, and what is still locked for them", async () => {
  await prepare();
  await withPage({}, async (page) => {
    await signIn(page, "wanda", `${AUTHOR}/versions`);
    await page.getByRole("link", { name: "Preview as a learner" }).click();
    await page.waitForURL("**/courses/writing");
    await page.getByText("Locked: first pass Every kind of question.").first().waitFor();
    await page.getByRole("link", { name: "What comes after" }).click();
    await page.getByRole("heading", { name: "What comes after", level: 1 }).waitFor();
    await page.getByText("as an author you can open it").waitFor();
    await expectAccessible(page, "author, locked lesson", { brief: true });
    expectNoFaults(page, "preview");
  });
});
