// The overview of a course, its lessons and projects.
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, expectAccessible, expectNoFaults, expectTargets, picture, signIn } from "../harness/browser.mjs";
import { withPage, world } from "../harness/world.mjs";

test("the overview shows units, progress, and why something is locked", async () => {
  await withPage({}, async (page) => {
    await signIn(page, "nia", "/courses/pages");
    await page.getByRole("heading", { name: "Every kind of page", level: 1 }).waitFor();
    await page.getByText("0 of 5 passed").waitFor();
    await page.getByText("Locked: first pass Every kind of question.").first().waitFor();
    assert.equal(await page.getByRole("link", { name: "What comes after" }).count(), 0);
    await expectAccessible(page, "course");
    await expectTargets(page, "course");
    await picture(page, "course");
    // What is locked is locked whoever types its address.
    const answer = await page.goto("/courses/pages/lessons/after");
    assert.ok([403, 409].includes(answer.status()), String(answer.status()));
    await page.getByRole("heading", { level: 1 }).waitFor();
    await expectAccessible(page, "locked lesson");
  });
});

test("a lesson is read, marked and counted", async () => {
  await withPage({}, async (page) => {
    await signIn(page, "nia", "/courses/pages/lessons/everything");
    await page.getByRole("heading", { name: "Everything a text can hold" }).waitFor();
    for (const shown of ["math mfrac", "pre.code .hl-keyword", "blockquote.callout.warning", "table th[scope=col]"]) {
      await page.locator(shown).first().waitFor();
    }
    const image = page.getByAltText("A tree with three branches");
    await eventually(() => image.evaluate((image) => image.complete && image.naturalWidth > 0), true);
    assert.equal(await page.evaluate(() => window.stolen), undefined);
    await expectAccessible(page, "lesson");
    await expectTargets(page, "lesson");
    await picture(page, "lesson", { fullPage: true });
    await page.emulateMedia({ colorScheme: "dark" });
    await picture(page, "lesson-dark");
    await page.getByRole("button", { name: /Mark as read/ }).click();
    await page.waitForURL("**/quizzes/every-kind");
    await page.goto("/courses/pages");
    await page.getByText("1 of 5 passed").waitFor();
    expectNoFaults(page, "lesson");
  });
});

test("a project is read, its files are looked at and saved, and it is marked as done", async () => {
  await withPage({}, async (page) => {
    await signIn(page, "nia", "/courses/pages/projects/card");
    await page.getByRole("heading", { name: "A visiting card", level: 1 }).waitFor();
    const opened = page.getByRole("region", { name: "card.html" });
    await opened.getByText("Your name.").waitFor();
    assert.equal(await page.getByRole("region", { name: "card.css" }).isVisible(), false);
    await page.getByText("card.css").click();
    await page.getByRole("region", { name: "card.css" }).getByText("solid").waitFor();
    await expectAccessible(page, "project");
    await expectTargets(page, "project");
    await picture(page, "project", { fullPage: true });
    const save = async (name) => {
      const begun = page.waitForEvent("download");
      await page.getByRole("link", { name: "Save as a zip" }).click();
      assert.equal((await begun).suggestedFilename(), name);
    };
    await save("card.zip");
    await page.getByRole("link", { name: "With a name" }).click();
    await opened.getByText("Nia").waitFor();
    await save("card-named.zip");
    await page.getByRole("button", { name: /Mark as done/ }).click();
    await page.goto("/courses/pages/projects/card");
    await page.getByText("✓ Done").waitFor();
    expectNoFaults(page, "project");
  });
});

test("a course, from right to left and on a telephone", async () => {
  await withPage({ locale: "ar-XB", viewport: { width: 360, height: 760 } }, async (page) => {
    await page.goto("/sign-in");
    await page.locator("#name").fill("nia");
    await page.locator("#password").fill("correct horse battery staple");
    await page.locator("main button").click();
    await page.waitForURL("**/courses");
    await page.goto("/courses/pages");
    await eventually(() => page.locator("html").getAttribute("dir"), "rtl");
    await expectAccessible(page, "course, from right to left");
    await picture(page, "course-rtl-phone");
  });
});

test("files of a course are for its members, and never act", async () => {
  await withPage({}, async (page) => {
    await signIn(page, "nia", "/courses/pages/lessons/everything");
    const source = await page.getByAltText("A tree with three branches").getAttribute("src");
    const answer = await page.request.get(source);
    assert.equal(answer.headers()["content-type"], "image/svg+xml");
    assert.match(answer.headers()["content-security-policy"], /sandbox/);
    assert.equal(answer.headers()["x-content-type-options"], "nosniff");
    const outside = await fetch(world.url + source);
    assert.equal(outside.status, 401);
    const version = source.split("/files/")[1].split("/")[0];
    for (const hidden of ["course.toml", "quizzes/every-kind.quiz.md", "lessons/everything.md", "../pages/course.toml", "%2e%2e/x.png"]) {
      const refused = await page.request.get(`/courses/pages/files/${version}/${hidden}`);
      assert.ok([400, 404].includes(refused.status()), `${hidden}: ${refused.status()}`);
    }
  });
});
