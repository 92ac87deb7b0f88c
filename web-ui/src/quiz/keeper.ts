// Keeps answers: here until the service has them, there as soon as it can be reached.
//
// Each question is saved for itself, one save at a time, with the very fields of its form. A save
// has a number: what comes late or twice is told apart by the service (docs/api.md). What is not
// acknowledged stays in localStorage and is sent after a reload.

/** Pause after the last key before an answer is saved. */
const TYPING_MS = 700;
/** Pause after a click. */
const CLICK_MS = 120;
/** First pause before what could not be sent is tried again; doubled up to the longest. */
const RETRY_MS = 1_500;
const RETRY_MOST_MS = 30_000;
/** How long submitting waits for saves under way. */
const FLUSH_MS = 8_000;

type Pair = [string, string];
type State = "clean" | "dirty" | "saving" | "superseded" | "failed";

interface Kept {
  fields: Pair[];
  sequence: number;
}

class Question {
  state: State = "clean";
  /** Fields of the save under way or not acknowledged, to tell a repeated send from a new one. */
  sent: { body: string; sequence: number } | undefined;
  timer = 0;
  readonly place: string;
  private readonly told: HTMLElement | null;
  private readonly unreadable: HTMLElement | null;
  private readonly number: HTMLInputElement;

  constructor(
    readonly section: HTMLElement,
    readonly form: HTMLFormElement,
    number: HTMLInputElement,
  ) {
    this.place = section.dataset["question"] ?? "";
    this.told = section.querySelector("[data-state]");
    this.unreadable = section.querySelector("[data-unreadable]");
    this.number = number;
  }

  get sequence(): number {
    return Number(this.number.value);
  }

  set sequence(value: number) {
    this.number.value = String(value);
  }

  /** Shows what of the answer cannot be read, such as a number that may be one of two. */
  tellUnreadable(parts: unknown): void {
    if (!this.unreadable) return;
    const messages = (Array.isArray(parts) ? parts : []).map((part) => String(part?.message ?? ""));
    const lines = messages.map((message) => {
      const line = document.createElement("li");
      line.textContent = message;
      return line;
    });
    this.unreadable.querySelector("ul")?.replaceChildren(...lines);
    this.unreadable.hidden = lines.length === 0;
  }

  /** The fields of this question as the form would send them, but the number. */
  fields(): Pair[] {
    const prefix = `q${this.place}.`;
    const pairs: Pair[] = [];
    for (const [name, value] of new FormData(this.form)) {
      if (name.startsWith(prefix) && name !== this.number.name && typeof value === "string") {
        pairs.push([name, value]);
      }
    }
    return pairs;
  }

  /** Puts fields back that were kept here. */
  restore(fields: Pair[]): void {
    const prefix = `q${this.place}.`;
    for (const element of this.form.elements) {
      const field = element as HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;
      if (!field.name?.startsWith(prefix) || field === this.number) continue;
      const values = fields.filter(([name]) => name === field.name).map(([, value]) => value);
      if (field instanceof HTMLInputElement && (field.type === "radio" || field.type === "checkbox")) {
        field.checked = values.includes(field.value);
      } else if (field instanceof HTMLSelectElement && field.multiple) {
        for (const option of field.options) option.selected = values.includes(option.value);
      } else {
        field.value = values[0] ?? "";
      }
    }
  }

  tell(text: string): void {
    if (this.told) this.told.textContent = text;
  }

  markChip(answered: boolean): void {
    const chip = document.querySelector(`[data-chip="${this.place}"]`);
    chip?.classList.toggle("chip-done", answered);
  }
}

export class Keeper {
  onRemaining: (leftMs: number) => void = () => {};
  private readonly questions: Question[] = [];
  private readonly status = document.querySelector<HTMLElement>("[data-save-state]");
  private readonly key: string;
  private retryMs = RETRY_MS;
  private retryTimer = 0;
  private offline = false;
  private leaving = false;

  constructor(private readonly form: HTMLFormElement) {
    this.key = `carrel.attempt.${form.dataset["attempt"]}`;
    for (const section of form.querySelectorAll<HTMLElement>("[data-question]")) {
      const number = section.querySelector<HTMLInputElement>("input[name$='.sequence']");
      if (number) this.questions.push(new Question(section, form, number));
    }
  }

  start(): void {
    this.form.addEventListener("input", (event) => this.changed(event, TYPING_MS));
    this.form.addEventListener("change", (event) => this.changed(event, CLICK_MS));
    this.form.addEventListener("submit", (event) => void this.submit(event));
    window.addEventListener("online", () => this.retry());
    window.addEventListener("pagehide", () => this.saveAll(true));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.saveAll(true);
    });
    this.takeUp();
  }

  /** Sends what is not saved; resolves when all is, or when waiting is of no use. */
  async flush(): Promise<boolean> {
    this.saveAll(false);
    const until = Date.now() + FLUSH_MS;
    while (this.questions.some((one) => one.state === "dirty" || one.state === "saving")) {
      if (this.offline || Date.now() > until) return false;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return this.questions.every((one) => one.state !== "failed");
  }

  /** What an earlier page could not send any more. */
  private takeUp(): void {
    const kept = this.read();
    for (const question of this.questions) {
      const left = kept[question.place];
      if (!left) continue;
      // A newer save from elsewhere goes before.
      if (left.sequence < question.sequence) {
        this.forget(question);
        continue;
      }
      question.restore(left.fields);
      question.state = "dirty";
      void this.save(question, false);
    }
  }

  private changed(event: Event, pause: number): void {
    const target = event.target;
    const section = target instanceof Element ? target.closest("[data-question]") : null;
    const question = this.questions.find((one) => one.section === section);
    if (!question || question.state === "superseded") return;
    if (question.state !== "saving") question.state = "dirty";
    this.keep(question);
    question.tell(this.word("saving"));
    clearTimeout(question.timer);
    question.timer = window.setTimeout(() => void this.save(question, false), pause);
  }

  private saveAll(leaving: boolean): void {
    for (const question of this.questions) {
      if (question.state !== "dirty" && question.state !== "failed") continue;
      clearTimeout(question.timer);
      void this.save(question, leaving);
    }
  }

  private async save(question: Question, leaving: boolean): Promise<void> {
    if (question.state === "saving" || question.state === "superseded") return;
    const fields = question.fields();
    const body = JSON.stringify(fields);
    // The same again has the same number; something else has the next.
    if (question.sent?.body !== body) {
      const base = Math.max(question.sequence, question.sent?.sequence ?? 0);
      question.sent = { body, sequence: base + 1 };
    }
    const sent = question.sent;
    question.state = "saving";
    const parameters = new URLSearchParams(fields);
    parameters.set(`q${question.place}.sequence`, String(sent.sequence - 1));
    try {
      const answer = await fetch(`${this.form.action}/questions/${question.place}`, {
        method: "POST",
        headers: { Accept: "application/json" },
        body: parameters,
        keepalive: leaving,
      });
      await this.take(question, answer, body);
    } catch {
      question.state = "dirty";
      this.lost();
    }
  }

  private async take(question: Question, answer: Response, body: string): Promise<void> {
    const told = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
    this.setOffline(false);
    if (answer.ok) {
      question.sequence = Number(told["sequence"]);
      question.sent = undefined;
      if (typeof told["remaining_ms"] === "number") this.onRemaining(told["remaining_ms"]);
      question.tellUnreadable(told["unreadable"]);
      this.settle(question, body);
    } else if (told["code"] === "attempt_over") {
      this.forget(question);
      if (!this.leaving) location.reload();
    } else if (told["code"] === "answer_superseded") {
      question.state = "superseded";
      this.forget(question);
      question.tell(this.word("superseded"));
      this.say(this.word("superseded"));
    } else if (answer.status === 429 || answer.status >= 500) {
      question.state = "dirty";
      this.lost();
    } else {
      question.state = "failed";
      const why = typeof told["detail"] === "string" ? told["detail"] : String(answer.status);
      question.tell(`${this.word("failed")} ${why}`);
      this.say(`${this.word("failed")} ${why}`);
    }
  }

  /** After a save: done, unless something was changed meanwhile. */
  private settle(question: Question, body: string): void {
    question.state = "clean";
    const fields = question.fields();
    if (JSON.stringify(fields) !== body) {
      question.state = "dirty";
      void this.save(question, false);
      return;
    }
    this.forget(question);
    question.tell(this.word("saved"));
    question.markChip(fields.some(([, value]) => value.trim() !== ""));
  }

  private lost(): void {
    this.setOffline(true);
    clearTimeout(this.retryTimer);
    this.retryTimer = window.setTimeout(() => this.retry(), this.retryMs);
    this.retryMs = Math.min(2 * this.retryMs, RETRY_MOST_MS);
  }

  private retry(): void {
    clearTimeout(this.retryTimer);
    this.saveAll(false);
  }

  private setOffline(offline: boolean): void {
    if (!offline) this.retryMs = RETRY_MS;
    if (this.offline === offline) return;
    this.offline = offline;
    // Told when it changes only: nobody is to be talked to with every key.
    this.say(this.word(offline ? "offline" : "allSaved"));
    this.status?.classList.toggle("save-state-offline", offline);
    for (const question of this.questions) {
      if (offline && question.state === "dirty") question.tell(this.word("offline"));
    }
  }

  private async submit(event: SubmitEvent): Promise<void> {
    if (this.leaving) return;
    event.preventDefault();
    const button = event.submitter as HTMLButtonElement | null;
    const saved = await this.flush();
    if (!saved) {
      this.say(this.word("offline"));
      return;
    }
    if (!button || button.value === "save") {
      this.say(this.word("allSaved"));
      return;
    }
    this.leaving = true;
    // Not from within the event: a form that is being submitted takes no further submission.
    setTimeout(() => this.form.requestSubmit(button));
  }

  private say(text: string): void {
    if (this.status && this.status.textContent !== text) this.status.textContent = text;
  }

  private word(name: string): string {
    return this.form.dataset[name] ?? "";
  }

  private read(): Record<string, Kept> {
    try {
      return JSON.parse(localStorage.getItem(this.key) ?? "{}") as Record<string, Kept>;
    } catch {
      return {};
    }
  }

  private write(kept: Record<string, Kept>): void {
    try {
      if (Object.keys(kept).length === 0) localStorage.removeItem(this.key);
      else localStorage.setItem(this.key, JSON.stringify(kept));
    } catch {
      // Storage is full or forbidden: the answer still goes to the service.
    }
  }

  private keep(question: Question): void {
    const kept = this.read();
    kept[question.place] = { fields: question.fields(), sequence: question.sequence };
    this.write(kept);
  }

  private forget(question: Question): void {
    const kept = this.read();
    delete kept[question.place];
    this.write(kept);
  }
}
