// The pages of those who run the service.
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, expectAccessible, expectNoFaults, expectTargets, picture, signIn } from "../harness/browser.mjs";
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

test("nobody else gets there", async () => {
  await withPage({}, async (page) => {
    await signIn(page, "ada");
    assert.equal(await page.getByRole("link", { name: "Operations" }).count(), 0);
    const answer = await page.goto("/operator");
    assert.equal(answer.status(), 403);
  });
});
