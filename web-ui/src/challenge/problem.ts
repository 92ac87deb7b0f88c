// What the service says when it refuses: problem documents of the API (docs/api.md).

export interface Problem {
  status: number;
  code: string;
  detail: string;
  /** When the same may succeed, milliseconds. */
  retryAfter: number | undefined;
  body: Record<string, unknown>;
}

/** A refusal as it was sent, or what can be told of an answer that is none of the service's. */
export async function readProblem(response: Response): Promise<Problem> {
  let body: Record<string, unknown> = {};
  try {
    body = (await response.json()) as Record<string, unknown>;
  } catch {
    // A proxy in between answered in its own words.
  }
  const after = body["retry_after_ms"];
  const seconds = Number(response.headers.get("retry-after"));
  const fallback = seconds > 0 ? seconds * 1_000 : undefined;
  return {
    status: response.status,
    code: typeof body["code"] === "string" ? body["code"] : "",
    detail: typeof body["detail"] === "string" ? body["detail"] : response.statusText,
    retryAfter: typeof after === "number" ? after : fallback,
    body,
  };
}

/** Whether trying again by itself is right: the service, or what is before it, is away for a moment. */
export function isPassing(status: number): boolean {
  return status === 429 || status === 502 || status === 503 || status === 504;
}

/** Waits; an `online` event ends it early. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      window.clearTimeout(timer);
      window.removeEventListener("online", end);
      resolve();
    };
    const timer = window.setTimeout(end, milliseconds);
    window.addEventListener("online", end);
  });
}
