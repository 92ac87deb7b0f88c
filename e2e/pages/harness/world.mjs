// What all tests share: one service, one browser, the people and courses in it.
import { after, before } from "node:test";
import { join } from "node:path";
import { open, startBrowser } from "./browser.mjs";
import { Service, root } from "./service.mjs";

export const world = {};

before(async () => {
  world.service = await Service.start();
  world.browser = await startBrowser();
  world.url = world.service.url;
  await world.service.publish(join(root, "courses/sample"), "sample");
  await world.service.publish(join(root, "e2e/pages/course"), "pages");
  world.service.addPerson("ada", { displayName: "Ada Lovelace", roles: { sample: "learner" } });
  world.service.addPerson("nia", { displayName: "Nia", roles: { pages: "learner" } });
  world.service.addPerson("grace", { displayName: "Grace Hopper", roles: { sample: "author" } });
  world.service.addPerson("olga", { displayName: "Olga", operator: true });
  world.service.addPerson("new", { displayName: "New Here" });
});

after(async () => {
  await world.browser?.close();
  await world.service?.stop();
});

/** Runs something with a browser of its own, and closes it. */
export async function withPage(options, work) {
  const page = await open(world.browser, world.url, options);
  try {
    await work(page);
  } finally {
    await page.context().close();
  }
}
