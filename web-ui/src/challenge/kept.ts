// What this browser keeps of a draft while the service does not have it yet: after each change,
// so that a crash, a reload without a connection or a closed tab loses nothing.
import type { Files } from "./files";

export interface Kept {
  /** Revision of the service's draft that was changed. */
  revision: number;
  files: Files;
  /** When, milliseconds since 1970. */
  at: number;
}

const TAB = "carrel:tab";

function isKept(value: unknown): value is Kept {
  if (typeof value !== "object" || value === null) return false;
  const kept = value as Partial<Kept>;
  return (
    typeof kept.revision === "number" &&
    typeof kept.at === "number" &&
    typeof kept.files === "object" &&
    kept.files !== null
  );
}

/** Each tab has a place of its own, so that two do not write over each other. */
export class KeptDraft {
  private readonly key: string;

  constructor(private readonly place: string) {
    this.key = `${place}:${this.tab()}`;
  }

  private tab(): string {
    try {
      const known = sessionStorage.getItem(TAB);
      if (known) return known;
      const made = Math.random().toString(36).slice(2);
      sessionStorage.setItem(TAB, made);
      return made;
    } catch {
      return "only";
    }
  }

  /** Keeps; `false`: the browser refuses. */
  keep(kept: Kept): boolean {
    try {
      localStorage.setItem(this.key, JSON.stringify(kept));
      return true;
    } catch {
      return false;
    }
  }

  /** The service has it. */
  forget(): void {
    try {
      localStorage.removeItem(this.key);
    } catch {
      // Nothing was kept then.
    }
  }

  /** The newest that any tab left behind. */
  find(): Kept | undefined {
    let newest: Kept | undefined;
    for (const key of this.keys()) {
      const kept = read(key);
      if (kept && kept.at > (newest?.at ?? 0)) newest = kept;
    }
    return newest;
  }

  /** Forgets what tabs left behind of this revision and before: the service has all of it. */
  forgetLeft(at: number): void {
    for (const key of this.keys()) {
      const kept = read(key);
      if (key !== this.key && kept && kept.at <= at) localStorage.removeItem(key);
    }
  }

  private keys(): string[] {
    try {
      return Object.keys(localStorage).filter((key) => key.startsWith(`${this.place}:`));
    } catch {
      return [];
    }
  }
}

function read(key: string): Kept | undefined {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? "null");
    return isKept(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
