// The place where a submission's way is shown: first what the page says itself, then the pieces
// that the service sends.
import { text } from "./text";
import type { Problem } from "./problem";

/** Makes a note of the page's own. */
function note(kind: "" | "told-bad" | "told-warn", words: string): HTMLElement {
  const box = document.createElement("div");
  box.className = kind ? `told ${kind}` : "stage";
  const line = document.createElement("p");
  line.textContent = words;
  box.append(line);
  return box;
}

export class Panel {
  private readonly stage: HTMLElement;
  private readonly checks: HTMLElement;
  private readonly rest: HTMLElement;
  private countdown = 0;

  constructor(readonly root: HTMLElement) {
    this.stage = this.part("[data-stage]", "div", "stage");
    this.checks = this.part("[data-checks]", "ol", "checks");
    this.rest = this.part("[data-verdict]", "div", "verdict-place");
  }

  private part(selector: string, tag: string, className: string): HTMLElement {
    const found = this.root.querySelector<HTMLElement>(selector);
    if (found) return found;
    const made = document.createElement(tag);
    made.className = className;
    this.root.append(made);
    return made;
  }

  private clear(): void {
    window.clearInterval(this.countdown);
    this.stage.replaceChildren();
    this.checks.replaceChildren();
    this.rest.replaceChildren();
  }

  /** A new submission begins. */
  begin(): void {
    this.clear();
    this.stage.append(note("", text("sending")));
    this.root.hidden = false;
  }

  /** There is no connection for now. */
  wait(): void {
    this.stage.replaceChildren(note("told-warn", text("sendingLater")));
  }

  /** The connection of a submission that is followed. */
  connected(connected: boolean): void {
    const told = this.root.querySelector("[data-lost]");
    if (connected) {
      told?.remove();
    } else if (!told) {
      const lost = note("told-warn", text("connectionLost"));
      lost.dataset["lost"] = "";
      this.root.prepend(lost);
    }
  }

  /** The service refused it; calls back when it may be tried again. Returns what to say. */
  refuse(problem: Problem, again: () => void): string {
    this.clear();
    if (problem.status === 401) {
      const box = note("told-warn", text("signedOut"));
      const link = document.createElement("a");
      link.href = `/sign-in?return_to=${encodeURIComponent(location.pathname)}`;
      link.textContent = text("signIn");
      box.append(link);
      this.stage.append(box);
      again();
      return text("signedOut");
    }
    const busy = problem.retryAfter !== undefined;
    const words = busy ? text("busy") : problem.detail;
    const box = note(busy ? "told-warn" : "told-bad", words);
    this.stage.append(box);
    for (const error of (problem.body["errors"] as { message: string }[] | undefined) ?? []) {
      if (error.message === problem.detail) continue;
      const line = document.createElement("p");
      line.textContent = error.message;
      box.append(line);
    }
    if (problem.retryAfter === undefined) {
      again();
      return words;
    }
    this.count(box, problem.retryAfter, again);
    const seconds = Math.ceil(problem.retryAfter / 1_000);
    return `${words} ${text("againIn", { seconds })}`;
  }

  private count(box: HTMLElement, milliseconds: number, again: () => void): void {
    const line = document.createElement("p");
    box.append(line);
    const end = Date.now() + milliseconds;
    const tick = (): void => {
      const seconds = Math.ceil((end - Date.now()) / 1_000);
      line.textContent = seconds > 0 ? text("againIn", { seconds }) : text("againNow");
      if (seconds > 0) return;
      window.clearInterval(this.countdown);
      again();
    };
    tick();
    this.countdown = window.setInterval(tick, 500);
  }

  /** Shows a piece that the service sent. */
  show(name: string, markup: string): HTMLElement {
    const piece = document.createElement("template");
    piece.innerHTML = markup;
    if (name === "check") {
      for (const item of [...piece.content.children]) this.showCheck(item);
    } else if (name === "verdict" || name === "cancelled" || name === "parked") {
      this.clear();
      this.rest.append(piece.content);
    } else {
      // An attempt begins anew after a fault of ours: what it showed counts no more.
      if (name === "started") this.checks.replaceChildren();
      this.stage.replaceChildren(piece.content);
    }
    return this.root;
  }

  private showCheck(item: Element): void {
    const id = item.getAttribute("data-check");
    const same = [...this.checks.children].find((other) => other.getAttribute("data-check") === id);
    if (same) same.replaceWith(item);
    else this.checks.append(item);
  }
}
