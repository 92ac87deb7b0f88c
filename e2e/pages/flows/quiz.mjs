// Quizzes: every kind of question, saving in every weather, submitting, reviewing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, expectAccessible, expectNoFaults, expectTargets, picture, signIn } from "../harness/browser.mjs";
import { PASSWORD } from "../harness/service.mjs";
import { withPage, world } from "../harness/world.mjs";

const QUIZ = "/courses/pages/quizzes/every-kind";

/** A person of their own for each test, so that none meets another's attempt. */
let people = 0;
async function begin(page, quiz = QUIZ) {
  people += 1;
  const name = `quizzer-${people}`;
  world.service.addPerson(name, { roles: { pages: "learner" } });
  await signIn(page, name, quiz);
  await page.getByRole("button", { name: "Start" }).click();
  await page.waitForURL("**/attempts/*");
  return name;
}

const question = (page, number) => page.locator("section.question").nth(number - 1);
const saved = (page, number) => question(page, number).getByText(/^Saved/).waitFor();

test("a quiz before it is begun", async () => {
  await withPage({}, async (page) => {
    await signIn(page, "nia", QUIZ);
    await page.getByRole("button", { name: "Start" }).waitFor();
    await page.getByText("25 min").waitFor();
    await expectAccessible(page, "quiz overview");
    await expectTargets(page, "quiz overview");
    await picture(page, "quiz-overview");
  });
});

test("every kind of question is answered, saved, submitted and reviewed", async () => {
  await withPage({}, async (page) => {
    await begin(page);
    await expectAccessible(page, "attempt");
    await expectTargets(page, "attempt");
    await picture(page, "quiz", { fullPage: false });
    await picture(page, "quiz-whole", { fullPage: true });
    await question(page, 1).getByText("for n in range(3)").click();
    await saved(page, 1);
    for (const prime of ["2", "11"]) await question(page, 2).getByText(prime, { exact: true }).click();
    await question(page, 3).getByText("True", { exact: true }).click();
    await question(page, 4).getByLabel("Blank 1").fill("paris");
    await question(page, 4).getByLabel("Blank 2").selectOption("Seine");
    await question(page, 4).getByLabel("Blank 3").fill("4");
    await question(page, 5).getByLabel("Your answer").fill("break");
    await question(page, 6).getByLabel("Your number").fill("9,81");
    await question(page, 6).getByLabel("Unit").selectOption("m/s²");
    const targets = ["runs over items", "runs as long as something is true", "ends the loop"];
    for (const [index, item] of ["for", "while", "break"].entries()) {
      await question(page, 7).getByLabel(item, { exact: true }).selectOption(targets[index]);
    }
    for (const [index, line] of ["c = a", "a = b", "b = c"].entries()) {
      await question(page, 8).getByRole("spinbutton", { name: line }).fill(String(index + 1));
    }
    await question(page, 9).getByLabel("What it prints").fill("2\n1\ngo");
    await question(page, 10).getByLabel("Line 4").check();
    await question(page, 11).getByLabel("Your answer").fill("Every morning I get up.");
    for (let number = 1; number <= 11; number += 1) await saved(page, number);
    await expectAccessible(page, "attempt, answered");
    await page.getByRole("button", { name: "Submit…" }).click();
    await page.getByText("11 of 11 questions answered.").waitFor();
    await expectAccessible(page, "submitting");
    await page.getByRole("button", { name: "Submit", exact: true }).click();
    await page.getByRole("heading", { name: "Result" }).waitFor();
    // Question 2 has two of three right ones; the essay waits for a person.
    await question(page, 2).getByText("0.67 / 1 point").waitFor();
    await question(page, 2).getByText("Why these points").click();
    await question(page, 11).getByText("Waits for a person").waitFor();
    for (const number of [1, 3, 4, 5, 6, 7, 8, 9, 10]) {
      await question(page, number).locator(".verdict .tag-good", { hasText: /^Right$/ }).first().waitFor();
    }
    await expectAccessible(page, "review");
    await expectTargets(page, "review");
    await picture(page, "quiz-review");
    await picture(page, "quiz-review-whole", { fullPage: true });
    expectNoFaults(page, "quiz");
  });
});

test("a whole quiz by keyboard alone", async () => {
  await withPage({}, async (page) => {
    await begin(page, "/courses/pages/quizzes/one-by-one");
    await page.locator("#main").focus();
    const tabTo = async (wanted) => {
      for (let presses = 0; presses < 40; presses += 1) {
        await page.keyboard.press("Tab");
        if (await page.evaluate(wanted)) return;
      }
      throw new Error(`not reached by keyboard: ${wanted}`);
    };
    await tabTo(() => document.activeElement?.matches("input[type=radio]"));
    await page.keyboard.press("Space");
    await saved(page, 1);
    await tabTo(() => document.activeElement?.textContent === "Next question");
    await page.keyboard.press("Enter");
    await page.getByText("Question 2 of 2").waitFor();
    await page.locator("#main").focus();
    await tabTo(() => document.activeElement?.matches("input[type=radio]"));
    await page.keyboard.press("Space");
    await page.keyboard.press("ArrowDown");
    await saved(page, 1);
    await tabTo(() => document.activeElement?.textContent === "Submit…");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Submit your attempt?" }).waitFor();
    await page.getByRole("button", { name: "Submit", exact: true }).press("Enter");
    await page.getByText("2 / 2 points").first().waitFor();
  });
});

test("items are moved by buttons, and say where they are", async () => {
  await withPage({}, async (page) => {
    await begin(page);
    const order = question(page, 8);
    const down = order.getByRole("button", { name: /^Move down/ }).first();
    const text = await order.locator(".order-text").first().innerText();
    await down.press("Enter");
    await eventually(() => order.locator(".order-text").nth(1).innerText(), text);
    await eventually(() => order.getByRole("status").innerText(), /now at place 2$/);
    await eventually(() => page.evaluate(() => document.activeElement?.getAttribute("aria-label")), /^Move down/);
    await saved(page, 8);
    await page.reload();
    await eventually(() => order.locator(".order-text").nth(1).innerText(), text);
  });
});

test("a reload in the middle loses nothing", async () => {
  await withPage({}, async (page) => {
    await begin(page);
    await question(page, 5).getByLabel("Your answer").fill("typed just before");
    // At once, before the pause after typing is over.
    await page.reload();
    await eventually(() => question(page, 5).getByLabel("Your answer").inputValue(), "typed just before");
    await saved(page, 5);
    await page.reload();
    await eventually(() => question(page, 5).getByLabel("Your answer").inputValue(), "typed just before");
  });
});

test("a lost connection: kept here, told once, sent when it is back", async () => {
  await withPage({}, async (page) => {
    await begin(page);
    await page.context().setOffline(true);
    await question(page, 5).getByLabel("Your answer").fill("written on a train");
    await page.locator("[data-save-state]").getByText(/No connection/).waitFor();
    await expectAccessible(page, "attempt, offline");
    await picture(page, "quiz-offline");
    await page.getByRole("button", { name: "Submit…" }).click();
    assert.match(page.url(), /\/attempts\/[^/]+$/);
    await page.context().setOffline(false);
    await saved(page, 5);
    await page.locator("[data-save-state]").getByText("All answers are saved.").waitFor();
    await page.reload();
    await eventually(() => question(page, 5).getByLabel("Your answer").inputValue(), "written on a train");
  });
});

test("the service ends and comes back in the middle", async () => {
  await withPage({}, async (page) => {
    await begin(page);
    await page.route("**/questions/*", (route) => route.abort("connectionreset"));
    await question(page, 5).getByLabel("Your answer").fill("through the night");
    await page.locator("[data-save-state]").getByText(/No connection/).waitFor();
    await page.unroute("**/questions/*");
    await saved(page, 5);
  });
});

test("a slow network: an answer that is overtaken by the next one never wins", async () => {
  await withPage({}, async (page) => {
    await begin(page);
    let first = true;
    await page.route("**/questions/*", async (route) => {
      if (first) {
        first = false;
        await new Promise((resolve) => setTimeout(resolve, 2_500));
      }
      await route.continue();
    });
    const field = question(page, 5).getByLabel("Your answer");
    await field.fill("first");
    await page.waitForTimeout(1_000);
    await field.fill("second");
    await page.waitForTimeout(3_000);
    await saved(page, 5);
    await page.reload();
    await eventually(() => field.inputValue(), "second");
  });
});

test("two windows: the older one is told, and nothing is overwritten", async () => {
  await withPage({}, async (page) => {
    await begin(page);
    const other = await page.context().newPage();
    await other.goto(page.url());
    await question(page, 5).getByLabel("Your answer").fill("in the first window");
    await saved(page, 5);
    await question(other, 5).getByLabel("Your answer").fill("in the second window");
    await question(other, 5).getByText(/Changed elsewhere/).waitFor();
    await other.reload();
    await eventually(() => question(other, 5).getByLabel("Your answer").inputValue(), "in the first window");
    await question(other, 5).getByLabel("Your answer").fill("and now on purpose");
    await saved(other, 5);
  });
});

test("tries, hints and what they cost", async () => {
  await withPage({}, async (page) => {
    await begin(page, "/courses/pages/quizzes/practice");
    await page.getByRole("button", { name: /Take a hint/ }).first().click();
    await page.getByText("It is more than 40.").waitFor();
    await question(page, 1).getByLabel("Your number").fill("41");
    await question(page, 1).getByRole("button", { name: "Check the answer" }).click();
    await question(page, 1).getByText("Wrong").waitFor();
    await question(page, 1).getByText("1 of 3 tries used").waitFor();
    await expectAccessible(page, "practice");
    await question(page, 1).getByLabel("Your number").fill("42");
    await question(page, 1).getByRole("button", { name: "Check the answer" }).click();
    await question(page, 1).locator(".verdict .tag-good").first().waitFor();
    await question(page, 1).getByText("Why these points").click();
    await picture(page, "quiz-practice");
    expectNoFaults(page, "practice");
  });
});

test("the time can be hidden, and is said at its marks only", async () => {
  await withPage({}, async (page) => {
    await begin(page);
    await page.locator(".timer-value").getByText(/^2[45]:\d\d$/).waitFor();
    const said = page.locator("[data-timer-status]");
    assert.equal(await said.innerText(), "");
    await page.waitForTimeout(2_200);
    assert.equal(await said.innerText(), "");
    await page.getByRole("button", { name: "Hide the time" }).click();
    await page.locator(".timer-value").waitFor({ state: "hidden" });
    await page.reload();
    await page.locator(".timer-value").waitFor({ state: "hidden" });
    await page.locator("button[aria-pressed=true]", { hasText: "Hide the time" }).waitFor();
  });
});

test("a quiz without scripts", async () => {
  await withPage({ javaScriptEnabled: false }, async (page) => {
    await begin(page);
    await question(page, 1).getByText("for n in range(3)").click();
    for (const [index, line] of ["c = a", "a = b", "b = c"].entries()) {
      await question(page, 8).getByRole("spinbutton", { name: line }).fill(String(index + 1));
    }
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.waitForURL("**/attempts/*");
    assert.equal(await question(page, 8).locator(".order-text").first().innerText(), "c = a");
    await page.getByRole("button", { name: "Submit…" }).click();
    await page.getByText("9 questions have no answer:").waitFor();
    await page.getByRole("button", { name: "Submit", exact: true }).click();
    await page.getByRole("heading", { name: "Result" }).waitFor();
    for (const number of [1, 8]) {
      await question(page, number).locator(".verdict .tag-good", { hasText: /^Right$/ }).first().waitFor();
    }
  });
});

test("a quiz, from right to left and on a telephone", async () => {
  await withPage({ locale: "ar-XB", viewport: { width: 360, height: 760 } }, async (page) => {
    world.service.addPerson("quizzer-rtl", { roles: { pages: "learner" } });
    await page.goto(`/sign-in?return_to=${encodeURIComponent(QUIZ)}`);
    await page.locator("#name").fill("quizzer-rtl");
    await page.locator("#password").fill(PASSWORD);
    await page.locator("main button").click();
    await page.waitForURL(`**${QUIZ}`);
    await page.locator("main form button").click();
    await page.waitForURL("**/attempts/*");
    assert.equal(await page.locator("html").getAttribute("dir"), "rtl");
    await expectAccessible(page, "attempt, from right to left");
    await picture(page, "quiz-rtl-phone");
  });
});
