// Signing in at a provider of one's organisation.
import { test } from "node:test";
import { expectAccessible, expectNoFaults, expectTargets, open } from "../harness/browser.mjs";
import { startDoor, startProvider } from "../harness/provider.mjs";
import { Service } from "../harness/service.mjs";
import { world } from "../harness/world.mjs";

test("somebody new signs in with the account of their organisation", async () => {
  const person = { sub: "account-7", name: "Rosalind Franklin", preferred_username: "rosalind" };
  const provider = await startProvider(person);
  const door = await startDoor();
  const service = await Service.start({
    CARREL_PUBLIC_URL: door.url,
    CARREL_OPENID_ISSUER: provider.issuer,
    CARREL_OPENID_CLIENT_ID: "carrel",
    CARREL_OPENID_CREATE_USERS: "true",
  });
  door.lead(service.url);
  const page = await open(world.browser, door.url);
  try {
    await page.goto("/courses");
    const link = page.getByRole("link", { name: "Sign in with your organisation's account" });
    await link.waitFor();
    await expectAccessible(page, "sign in, with a provider", { brief: true });
    await expectTargets(page, "sign in, with a provider");
    await link.click();
    await page.waitForURL("**/courses");
    await page.getByRole("link", { name: "Rosalind Franklin" }).waitFor();
    await page.getByRole("heading", { name: "No course yet" }).waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL("**/sign-in");
    expectNoFaults(page, "signing in elsewhere");
  } finally {
    await page.context().close();
    await service.stop();
    door.stop();
    provider.stop();
  }
});
