// More time for single people: an author gives it, a learner has it, it is changed and taken back.
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { eventually, expectAccessible, expectNoFaults, expectTargets, picture, signIn } from "../harness/browser.mjs";
import { root } from "../harness/service.mjs";
import { withPage, world } from "../harness/world.mjs";

const PAGE = "/courses/fair/author/accommodations";
const QUIZ = "/courses/fair/quizzes/every-kind";

/** The pages' course once more: what is given here must not reach the learners of other flows. */
async function prepare() {
  const directory = mkdtempSync(join(tmpdir(), "carrel-fair-"));
  cpSync(join(root, "e2e/pages/course"), directory, { recursive: true });
  const file = join(directory, "course.toml");
  const text = readFileSync(file, "utf8").replace('id = "pages"', 'id = "fair"');
  writeFileSync(file, text.replace('title = "Every kind of page"', 'title = "A fair course"'));
  await world.service.publish(directory, "fair");
  rmSync(directory, { recursive: true });
  world.service.addPerson("fay", { displayName: "Fay", roles: { fair: "author" } });
  world.service.addPerson("lou", { displayName: "Lou", roles: { fair: "learner" } });
}

/** What a learner is told of the time before an attempt. */
async function timeOfLou(wanted) {
  await withPage({}, async (page) => {
    await signIn(page, "lou", QUIZ);
    await page.getByText(wanted, { exact: true }).waitFor();
  });
}

const rows = (page) => page.locator("tbody tr").count();

test("an author gives somebody more time, changes it and takes it back", async () => {
  await prepare();
  await timeOfLou("25 min");
  await withPage({}, async (page) => {
    await signIn(page, "fay", "/courses/fair/author/results");
    await page.getByRole("link", { name: "Accommodations", exact: true }).click();
    await page.getByRole("heading", { name: "Accommodations", level: 1 }).waitFor();
    await page.getByText("Nobody has anything beyond the others").waitFor();
    await expectAccessible(page, "author-accommodations, empty", { brief: true });

    const form = page.locator("#give");
    await form.getByLabel("Name", { exact: true }).fill("luo");
    await form.getByLabel("At", { exact: true }).selectOption("every-kind");
    await form.getByLabel("Factor on the time limit").fill("2");
    await form.getByRole("button", { name: "Save" }).click();
    await page.getByRole("alert").getByText("there is nobody named “luo”").waitFor();
    assert.equal(await form.getByLabel("Factor on the time limit").inputValue(), "2");
    assert.equal(await form.getByLabel("At", { exact: true }).inputValue(), "every-kind");
    await expectAccessible(page, "author-accommodations, refused", { brief: true });
    await picture(page, "author-accommodations-refused", { fullPage: true });

    await form.getByLabel("Name", { exact: true }).fill("lou");
    await form.getByRole("button", { name: "Save" }).click();
    await page.waitForURL(`**${PAGE}?person=lou`);
    await page.getByRole("cell", { name: "2 times the time" }).waitFor();
    assert.equal(await rows(page), 1);
    await expectAccessible(page, "author-accommodations");
    await expectTargets(page, "author-accommodations");
    await picture(page, "author-accommodations", { fullPage: true });
    await timeOfLou("50 min");

    await page.getByRole("link", { name: "Change: Lou, Every kind of question" }).click();
    assert.equal(await form.getByLabel("Factor on the time limit").inputValue(), "2");
    await form.getByLabel("Factor on the time limit").fill("1");
    await form.getByLabel("Minutes added to it").fill("5");
    await form.getByLabel("Due and closing later by so many hours").fill("48");
    await form.getByRole("button", { name: "Save" }).click();
    await page.getByRole("cell", { name: "5 minutes more; due and closing 48 hours later" }).waitFor();
    assert.equal(await rows(page), 1);
    await timeOfLou("30 min");
    expectNoFaults(page, "author-accommodations");
  });
  // Taking it back, as all of it, needs no script.
  await withPage({ javaScriptEnabled: false }, async (page) => {
    await signIn(page, "fay", PAGE);
    await page.getByRole("button", { name: "Take back: Lou, Every kind of question" }).click();
    await page.getByText("Nobody has anything beyond the others").waitFor();
    await eventually(() => rows(page), 0);
  });
  await timeOfLou("25 min");
});
