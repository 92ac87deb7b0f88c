// What browsers are told, and what other sites cannot do.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { signIn } from "../harness/browser.mjs";
import { PASSWORD } from "../harness/service.mjs";
import { withPage, world } from "../harness/world.mjs";

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

test("every answer carries the rules for browsers", async () => {
  for (const path of ["/sign-in", "/nowhere", "/api/v1/courses", "/healthz", "/docs"]) {
    const answer = await fetch(world.url + path, { headers: { Accept: "text/html" }, redirect: "manual" });
    const told = (name) => answer.headers.get(name);
    assert.equal(told("x-content-type-options"), "nosniff", path);
    assert.equal(told("referrer-policy"), "same-origin", path);
    assert.equal(told("x-frame-options"), "DENY", path);
    assert.equal(told("cross-origin-opener-policy"), "same-origin", path);
    assert.equal(told("cross-origin-resource-policy"), "same-origin", path);
    assert.match(told("permissions-policy"), /camera=\(\)/, path);
    assert.match(told("content-security-policy"), /^default-src 'none'/, path);
    assert.match(told("content-security-policy"), /frame-ancestors 'none'/, path);
    assert.doesNotMatch(told("content-security-policy"), /unsafe/, path);
  }
  const page = await fetch(`${world.url}/sign-in`);
  assert.equal(page.headers.get("content-security-policy"), POLICY);
  assert.equal(page.headers.get("cache-control"), "no-store");
});

test("problems are pages for browsers and documents for programs", async () => {
  const browser = await fetch(`${world.url}/nowhere`, { headers: { Accept: "text/html" } });
  assert.equal(browser.status, 404);
  assert.match(browser.headers.get("content-type"), /^text\/html/);
  const program = await fetch(`${world.url}/nowhere`);
  assert.equal(program.headers.get("content-type"), "application/problem+json");
  const api = await fetch(`${world.url}/api/v1/nowhere`, { headers: { Accept: "text/html" } });
  assert.equal(api.headers.get("content-type"), "application/problem+json");
});

test("a form of another site does nothing, nor does a page in its frame", async () => {
  const evil = createServer((_, response) => {
    response.setHeader("Content-Type", "text/html");
    response.end(`<!doctype html><title>evil</title>
      <form method=post action="${world.url}/sign-out"><button id=out>x</button></form>
      <form method=post action="${world.url}/sign-in"><input name=name value=ada>
      <input name=password value="${PASSWORD}"><button id=in>x</button></form>
      <iframe src="${world.url}/courses"></iframe>`);
  });
  await new Promise((resolve) => evil.listen(0, "127.0.0.1", resolve));
  // By another name of the loopback interface, so that it is another site.
  const elsewhere = `http://localhost:${evil.address().port}/`;
  try {
    await withPage({}, async (page) => {
      await signIn(page, "ada");
      await page.goto(elsewhere);
      const framed = await page.frames()[1]?.evaluate(() => document.body?.innerText ?? "").catch(() => "");
      assert.doesNotMatch(framed ?? "", /Your courses/);
      await Promise.all([
        page.waitForResponse((answer) => answer.url() === `${world.url}/sign-out`),
        page.click("#out"),
      ]);
      await page.goto("/courses");
      await page.getByRole("heading", { name: "Your courses" }).waitFor();
    });
    await withPage({}, async (page) => {
      await page.goto(elsewhere);
      const [answer] = await Promise.all([
        page.waitForResponse((answer) => answer.url() === `${world.url}/sign-in`),
        page.click("#in"),
      ]);
      assert.equal(answer.status(), 403);
      await page.goto("/courses");
      assert.match(page.url(), /\/sign-in/);
    });
  } finally {
    evil.close();
  }
});

test("assets are kept for ever and compressed", async () => {
  const page = await (await fetch(`${world.url}/sign-in`)).text();
  const files = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((found) => found[1]);
  assert.ok(files.length >= 2, page);
  for (const file of files) {
    const answer = await fetch(world.url + file, { headers: { "Accept-Encoding": "br" } });
    assert.equal(answer.headers.get("content-encoding"), "br", file);
    assert.match(answer.headers.get("cache-control"), /immutable/, file);
    assert.match(file, /-[0-9a-f]{8}\.(js|css)$/);
  }
});
