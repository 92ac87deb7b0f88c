// Signing in and out, and where one lands.
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, expectAccessible, expectNoFaults, expectTargets, picture, signIn } from "../harness/browser.mjs";
import { PASSWORD } from "../harness/service.mjs";
import { withPage, world } from "../harness/world.mjs";

test("who is not signed in signs in and lands on the page wanted", async () => {
  await withPage({}, async (page) => {
    await page.goto("/courses?after=");
    assert.match(page.url(), /\/sign-in\?return_to=/);
    await expectAccessible(page, "sign in");
    await expectTargets(page, "sign in");
    await picture(page, "sign-in");
    // By keyboard alone.
    await page.keyboard.type("ada");
    await page.keyboard.press("Tab");
    await page.keyboard.type("wrong password");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").waitFor();
    await eventually(() => page.getByRole("alert").innerText(), "Name and password do not fit together.");
    await eventually(() => page.getByLabel("Name", { exact: true }).inputValue(), "ada");
    await expectAccessible(page, "sign in, refused");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.keyboard.press("Enter");
    await page.waitForURL("**/courses?after=");
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL("**/sign-in");
    await page.goto("/courses");
    assert.match(page.url(), /\/sign-in/);
    expectNoFaults(page, "signing in");
  });
});

test("nobody is led to another site after signing in", async () => {
  for (const wanted of ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]) {
    await withPage({}, async (page) => {
      await page.goto(`/sign-in?return_to=${encodeURIComponent(wanted)}`);
      await page.getByLabel("Name", { exact: true }).fill("ada");
      await page.getByLabel("Password").fill(PASSWORD);
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.waitForURL(`${world.url}/courses`);
    });
  }
});

test("pages work without scripts", async () => {
  await withPage({ javaScriptEnabled: false }, async (page) => {
    await signIn(page, "ada");
    await page.getByRole("heading", { name: "Your courses" }).waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL("**/sign-in");
  });
});

test("courses: a list, and a word where there is none", async () => {
  await withPage({}, async (page) => {
    await signIn(page, "ada");
    await expectAccessible(page, "courses");
    await expectTargets(page, "courses");
    await picture(page, "courses");
    expectNoFaults(page, "courses");
  });
  await withPage({}, async (page) => {
    await signIn(page, "new");
    await page.getByRole("heading", { name: "No course yet" }).waitFor();
    await expectAccessible(page, "no courses");
  });
});

test("colours are chosen once and kept", async () => {
  await withPage({ colorScheme: "light" }, async (page) => {
    await signIn(page, "ada");
    await page.getByLabel("Colours").selectOption("dark");
    await page.reload();
    await eventually(() => page.locator("html").getAttribute("data-theme"), "dark");
    await eventually(() => page.getByLabel("Colours").inputValue(), "dark");
    await page.getByLabel("Colours").selectOption("system");
    await page.reload();
    await eventually(() => page.locator("html").getAttribute("data-theme"), null);
  });
});

test("from right to left", async () => {
  await withPage({ locale: "ar-XB" }, async (page) => {
    await page.goto("/sign-in");
    await eventually(() => page.locator("html").getAttribute("dir"), "rtl");
    await expectAccessible(page, "sign in, from right to left");
    await picture(page, "sign-in-rtl");
  });
});

test("an account: another password, a token, signed out everywhere", async () => {
  world.service.addPerson("tess", { displayName: "Tess", roles: { sample: "learner" } });
  const wanted = "an other long sentence";
  await withPage({}, async (other) => {
    await signIn(other, "tess");
    await withPage({}, async (page) => {
      await signIn(page, "tess", "/account");
      await page.getByRole("heading", { name: "Tess", level: 1 }).waitFor();
      await page.getByText("This session ends").waitFor();
      await page.getByText("Make a token").click();
      await expectAccessible(page, "account");
      await expectTargets(page, "account");
      await picture(page, "account", { fullPage: true });

      await page.getByLabel("Present password").fill(PASSWORD);
      await page.getByLabel("New password", { exact: true }).fill(wanted);
      await page.getByLabel("New password once more").fill(`${wanted}s`);
      await page.getByRole("button", { name: "Change the password" }).click();
      assert.match(await page.getByRole("alert").innerText(), /not typed the same twice/);
      await page.getByLabel("Present password").fill(PASSWORD);
      await page.getByLabel("New password", { exact: true }).fill(wanted);
      await page.getByLabel("New password once more").fill(wanted);
      await page.getByRole("button", { name: "Change the password" }).click();
      await page.getByText("Your password was changed").waitFor();
      // Signed out elsewhere, not here.
      await other.goto("/courses");
      assert.match(other.url(), /\/sign-in/);
      await page.goto("/account");
      await page.getByRole("heading", { name: "Tess", level: 1 }).waitFor();

      await page.getByText("Make a token").click();
      await page.getByLabel("Name", { exact: true }).fill("laptop");
      await page.getByLabel("read", { exact: true }).check();
      await page.getByRole("button", { name: "Make it" }).click();
      const token = (await page.locator("main pre code").innerText()).trim();
      const ask = () => fetch(`${world.url}/api/v1/courses`, { headers: { Authorization: `Bearer ${token}` } });
      assert.equal((await ask()).status, 200);
      await expectAccessible(page, "account, a token", { brief: true });
      await page.getByRole("button", { name: "Revoke laptop" }).click();
      await page.getByText("You have none.").waitFor();
      assert.equal((await ask()).status, 401);

      page.once("dialog", (dialog) => dialog.accept());
      await page.getByRole("button", { name: "Sign out everywhere" }).click();
      await page.waitForURL("**/sign-in");
      expectNoFaults(page, "account");
    });
  });
});
