// The pages of those who run the service.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { eventually, expectAccessible, expectNoFaults, expectTargets, picture, signIn } from "../harness/browser.mjs";
import { root } from "../harness/service.mjs";
import { withPage } from "../harness/world.mjs";

async function hold(page, name) {
  await expectAccessible(page, name, { brief: true });
  await expectTargets(page, name);
  await picture(page, name);
  expectNoFaults(page, name);
}

test("an operator sees how the service does", async () => {
  await withPage({}, async (page) => {
    await signIn(page, "olga", "/operator");
    await page.getByRole("heading", { name: "Operations", level: 1 }).waitFor();
    // The node tells of itself in its own time.
    await eventually(() => page.locator("[data-live]").innerText(), /takes work/);
    await page.getByRole("button", { name: "Pause updates" }).click();
    await page.getByRole("button", { name: "Resume updates" }).waitFor();
    await hold(page, "operator-dashboard");
    // No box of figures stands alone in its row.
    for (const width of [360, 640, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      const tops = await page.locator(".figures > div").evaluateAll((boxes) => boxes.map((box) => box.offsetTop));
      const last = tops.filter((top) => top === tops.at(-1));
      assert.ok(last.length > 1, `${width} px: ${tops}`);
    }
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.getByRole("link", { name: "Parked" }).first().click();
    await page.getByRole("heading", { name: "Nothing waits for you" }).waitFor();
    await hold(page, "operator-parked");
    await page.getByRole("link", { name: "Incidents", exact: true }).click();
    await page.getByRole("heading", { name: "Incidents", level: 1 }).waitFor();
    await hold(page, "operator-incidents");
  });
});

test("an operator adds somebody, gives them a role, and finds it in the audit log", async () => {
  await withPage({}, async (page) => {
    await signIn(page, "olga", "/operator/people");
    await hold(page, "operator-people");
    await page.getByText("Add a person").first().click();
    await page.getByLabel("Name", { exact: true }).fill("pia");
    await page.getByRole("button", { name: "Add a person" }).click();
    const password = await page.locator(".secret").innerText();
    await expectAccessible(page, "operator, a password", { brief: true });
    await page.goto("/operator/people/pia");
    await page.locator("#course").selectOption("sample");
    await page.locator("#role").selectOption("learner");
    await page.locator("form:has(#role) button").click();
    await page.getByRole("listitem").filter({ hasText: "sample" }).waitFor();
    await hold(page, "operator-person");
    await page.goto("/operator/audit?person=olga");
    await page.getByText("role.set").first().waitFor();
    await page.getByText("user.add").first().waitFor();
    await hold(page, "operator-audit");
    await withPage({}, async (other) => {
      await other.goto("/sign-in");
      await other.getByLabel("Name", { exact: true }).fill("pia");
      await other.getByLabel("Password").fill(password);
      await other.getByRole("button", { name: "Sign in" }).click();
      await other.getByRole("link", { name: "Small programs, well checked" }).waitFor();
    });
  });
});

test("an operator brings a new course", async () => {
  const directory = mkdtempSync(join(tmpdir(), "carrel-bringing-"));
  cpSync(join(root, "e2e/pages/course"), directory, { recursive: true });
  const toml = join(directory, "course.toml");
  const written = readFileSync(toml, "utf8").replace('id = "pages"', 'id = "brought"').replace(/^title = .*$/m, 'title = "Brought by a page"');
  const pack = () => {
    const buffer = execFileSync("tar", ["-C", directory, "-cz", "."], { maxBuffer: 1 << 28 });
    return { name: "brought.tar.gz", mimeType: "application/gzip", buffer };
  };
  await withPage({}, async (page) => {
    await signIn(page, "olga", "/courses");
    await page.getByRole("link", { name: "New course" }).click();
    await page.getByRole("heading", { name: "New course", level: 1 }).waitFor();
    await hold(page, "operator-courses");
    writeFileSync(toml, written.replace(/^title = /m, "titel = "));
    await page.getByLabel("The course as zip or tar.gz").setInputFiles(pack());
    await page.getByRole("button", { name: "Check the course" }).click();
    await page.getByRole("alert").getByText(/course\.toml:\d+/).first().waitFor();
    assert.equal(await page.getByRole("button", { name: "Publish this" }).count(), 0);
    await hold(page, "operator-courses-refused");

    writeFileSync(toml, written);
    await page.getByLabel("Another file").setInputFiles(pack());
    await page.getByRole("button", { name: "Check the course" }).click();
    await page.getByRole("heading", { name: "Brought by a page", level: 2 }).waitFor();
    await hold(page, "operator-courses-contents");
    await page.getByRole("button", { name: "Publish this" }).click();
    await page.waitForURL("**/courses/brought");
    await page.getByRole("heading", { name: "Brought by a page", level: 1 }).waitFor();
    expectNoFaults(page, "a new course");
  });
  rmSync(directory, { recursive: true });
});

test("nobody else gets there", async () => {
  await withPage({}, async (page) => {
    await signIn(page, "ada");
    assert.equal(await page.getByRole("link", { name: "Operations" }).count(), 0);
    const answer = await page.goto("/operator");
    assert.equal(answer.status(), 403);
  });
});
