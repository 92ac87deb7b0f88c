// Keeps the draft on the service: a moment after each change, and again until it has arrived.
import { isSame, type Files } from "./files";
import { KeptDraft } from "./kept";
import { isPassing, readProblem } from "./problem";

/** How the draft stands, for the line below the editor. */
export type Standing =
  | { kind: "untouched" }
  | { kind: "changed" }
  | { kind: "saving" }
  | { kind: "saved"; at: Date }
  /** The service cannot be reached; `here`: this browser keeps it. */
  | { kind: "offline"; here: boolean }
  | { kind: "signed-out"; here: boolean }
  | { kind: "refused"; detail: string }
  | { kind: "conflict" };

export interface ServerDraft {
  revision: number;
  changed_at?: string;
  files: Files;
}

export interface DraftOptions {
  url: string;
  /** Name under which this browser keeps it. */
  place: string;
  revision: number;
  /** What the page showed of the service's draft, or of the start. */
  files: Files;
  read: () => Files;
  write: (files: Files) => void;
  show: (standing: Standing) => void;
  /** Another tab or device was there before. */
  conflict: (theirs: ServerDraft) => void;
}

/** After the last change. */
const PAUSE_MS = 800;
/** After the first change that is not saved: who never stops typing is saved too. */
const PAUSE_MS_MAX = 5_000;
const KEEP_MS = 150;
const AGAIN_MS = 2_000;
const AGAIN_MS_MAX = 30_000;
/** Bodies of requests that outlive their page, by the browsers' rules. */
const PARTING_BYTES_MAX = 60_000;

export class Draft {
  private revision: number;
  private saved: Files;
  private readonly kept: KeptDraft;
  private timer = 0;
  private keepTimer = 0;
  private changedAt = 0;
  private again = AGAIN_MS;
  private saving: Promise<void> | undefined;
  private halted = false;

  constructor(private readonly options: DraftOptions) {
    this.revision = options.revision;
    this.saved = options.files;
    this.kept = new KeptDraft(options.place);
    window.addEventListener("online", () => this.saveSoon(0));
    window.addEventListener("pagehide", () => this.part());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.part();
      else void this.look();
    });
  }

  /** Takes up what this browser kept and the service never got. */
  resume(): void {
    const left = this.kept.find();
    if (!left || isSame(left.files, this.saved)) {
      this.kept.forget();
      this.kept.forgetLeft(Date.now());
      return;
    }
    const theirs = { revision: this.revision, files: this.saved };
    this.options.write({ ...this.saved, ...left.files });
    if (left.revision === this.revision) this.saveSoon(0);
    else this.meet(theirs);
  }

  private isDirty(): boolean {
    return !isSame(this.options.read(), this.saved);
  }

  /** The learner changed something. */
  changed(): void {
    this.changedAt ||= Date.now();
    window.clearTimeout(this.keepTimer);
    this.keepTimer = window.setTimeout(() => this.keepHere(), KEEP_MS);
    if (this.halted) return;
    this.options.show({ kind: "changed" });
    const waited = Date.now() - this.changedAt;
    this.saveSoon(Math.max(0, Math.min(PAUSE_MS, PAUSE_MS_MAX - waited)));
  }

  private keepHere(): boolean {
    window.clearTimeout(this.keepTimer);
    if (!this.isDirty()) return true;
    return this.kept.keep({ revision: this.revision, files: this.options.read(), at: Date.now() });
  }

  private saveSoon(milliseconds: number): void {
    window.clearTimeout(this.timer);
    if (this.halted) return;
    this.timer = window.setTimeout(() => void this.save(), milliseconds);
  }

  /** Saves now; returns when the service has it or cannot be reached. */
  async save(): Promise<void> {
    if (this.saving) await this.saving;
    if (this.halted || !this.isDirty()) return;
    this.saving = this.send().finally(() => (this.saving = undefined));
    await this.saving;
  }

  private async send(): Promise<void> {
    const files = this.options.read();
    this.options.show({ kind: "saving" });
    this.changedAt = 0;
    let response: Response;
    try {
      response = await fetch(this.options.url, {
        method: "PUT",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ revision: this.revision, files }),
      });
    } catch {
      this.later({ kind: "offline", here: this.keepHere() });
      return;
    }
    if (response.ok) {
      const told = (await response.json()) as { revision: number; changed_at: string };
      this.arrived(files, told.revision, new Date(told.changed_at));
      return;
    }
    const problem = await readProblem(response);
    const here = this.keepHere();
    if (problem.code === "draft_changed") {
      const theirs = problem.body["draft"] as ServerDraft;
      // Nothing of one's own since: whatever the other wrote is what is wanted here too.
      if (isSame(this.options.read(), this.saved)) this.take(theirs);
      else this.compare(theirs);
    } else if (problem.status === 401) {
      this.later({ kind: "signed-out", here });
    } else if (isPassing(problem.status) || problem.status >= 500) {
      this.later({ kind: "offline", here }, problem.retryAfter);
    } else {
      this.options.show({ kind: "refused", detail: problem.detail });
    }
  }

  private arrived(files: Files, revision: number, at: Date): void {
    this.revision = revision;
    this.saved = files;
    this.again = AGAIN_MS;
    this.options.show({ kind: "saved", at });
    if (this.isDirty()) {
      this.keepHere();
      this.changed();
    } else {
      this.kept.forget();
    }
  }

  private later(standing: Standing, after?: number): void {
    this.options.show(standing);
    this.saveSoon(Math.max(this.again, after ?? 0));
    this.again = Math.min(this.again * 2, AGAIN_MS_MAX);
  }

  /** What was sent while a page was left may arrive late: the same text is no other version. */
  private compare(theirs: ServerDraft): void {
    if (!isSame(this.options.read(), theirs.files)) return this.meet(theirs);
    this.arrived(theirs.files, theirs.revision, new Date(theirs.changed_at ?? Date.now()));
  }

  /** Two versions: the learner says which one goes on. Nothing is sent until then. */
  private meet(theirs: ServerDraft): void {
    this.halted = true;
    this.options.show({ kind: "conflict" });
    this.options.conflict(theirs);
  }

  /** Goes on with what the other wrote. */
  take(theirs: ServerDraft): void {
    this.halted = false;
    this.revision = theirs.revision;
    this.options.write(theirs.files);
    this.saved = this.options.read();
    this.kept.forget();
    this.options.show({ kind: "saved", at: new Date(theirs.changed_at ?? Date.now()) });
  }

  /** Goes on with what stands here; the other's version is replaced. */
  async insist(theirs: ServerDraft): Promise<void> {
    this.halted = false;
    this.revision = theirs.revision;
    this.saved = theirs.files;
    await this.save();
  }

  /** Back at this tab: another one may have gone on meanwhile. */
  private async look(): Promise<void> {
    if (this.halted || this.saving) return;
    try {
      const response = await fetch(this.options.url);
      if (!response.ok || this.saving) return;
      const theirs = (await response.json()) as ServerDraft;
      if (theirs.revision === this.revision || Object.keys(theirs.files).length === 0) return;
      if (this.isDirty()) this.compare(theirs);
      else this.take(theirs);
    } catch {
      // No connection: the next change tells.
    }
  }

  /** The page may go away now. */
  private part(): void {
    this.keepHere();
    if (this.halted || this.saving || !this.isDirty()) return;
    const files = this.options.read();
    const body = JSON.stringify({ revision: this.revision, files });
    if (body.length > PARTING_BYTES_MAX) return;
    const sent = fetch(this.options.url, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body,
      keepalive: true,
    });
    // Where the page stays after all, the answer counts.
    void sent.then(
      async (response) => {
        if (!response.ok) return;
        const told = (await response.json()) as { revision: number; changed_at: string };
        this.arrived(files, told.revision, new Date(told.changed_at));
      },
      () => undefined,
    );
  }
}
