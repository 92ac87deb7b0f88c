// Sends a submission so that it arrives once, however often the connection breaks.
import type { Files } from "./files";
import { isPassing, pause, readProblem, type Problem } from "./problem";

export type Sent = { id: string } | { problem: Problem };

const AGAIN_MS = 1_000;
const AGAIN_MS_MAX = 10_000;

/** A key that makes repeated requests one request. */
function makeKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Sends; `waiting` is called when there is no connection for now. */
export async function sendSubmission(
  url: string,
  files: Files,
  step: string | undefined,
  waiting: () => void,
): Promise<Sent> {
  const body = JSON.stringify(step === undefined ? { files } : { files, step });
  const headers = { "content-type": "application/json", "idempotency-key": makeKey() };
  for (let again = AGAIN_MS; ; again = Math.min(again * 2, AGAIN_MS_MAX)) {
    try {
      const response = await fetch(url, { method: "POST", headers, body });
      if (response.ok) return { id: ((await response.json()) as { id: string }).id };
      const problem = await readProblem(response);
      // A refusal in the service's own words is told; a proxy's is a broken connection.
      if (problem.code || !isPassing(problem.status)) return { problem };
    } catch {
      // No connection.
    }
    waiting();
    await pause(again);
  }
}
