// Follows a submission: the service sends each event as the piece of page that shows it.
import { pause } from "./problem";

export interface LiveOptions {
  /** Address of the stream. */
  url: string;
  /** A piece of the page, and the event it tells of. */
  show: (name: string, markup: string) => void;
  /** The connection is lost, or is there again. */
  connected: (connected: boolean) => void;
  /** Nothing more will come. */
  ended: () => void;
}

const EVENTS = ["queued", "started", "compiling", "check", "retrying"] as const;
const LAST = ["verdict", "cancelled", "parked"] as const;
const AGAIN_MS = 1_000;
const AGAIN_MS_MAX = 10_000;

/** Follows until the last event; returns how to stop before. */
export function follow(options: LiveOptions): () => void {
  let source: EventSource | undefined;
  let stopped = false;
  let seen = "";
  let again = AGAIN_MS;

  const stop = (): void => {
    stopped = true;
    source?.close();
  };

  const connect = (): void => {
    const from = seen ? `?after=${encodeURIComponent(seen)}` : "";
    source = new EventSource(options.url + from);
    source.addEventListener("open", () => {
      again = AGAIN_MS;
      options.connected(true);
    });
    source.addEventListener("error", () => void lost());
    for (const name of [...EVENTS, ...LAST]) {
      source.addEventListener(name, (event: MessageEvent<string>) => {
        if (stopped) return;
        if (event.lastEventId) seen = event.lastEventId;
        options.show(name, event.data);
        if ((LAST as readonly string[]).includes(name)) {
          stop();
          options.ended();
        }
      });
    }
  };

  // A browser connects again by itself after a break, and says which event it saw last; not after
  // an answer that is no stream, such as a proxy's while the service restarts.
  const lost = async (): Promise<void> => {
    if (stopped) return;
    options.connected(false);
    if (source?.readyState !== EventSource.CLOSED) return;
    await pause(again);
    again = Math.min(again * 2, AGAIN_MS_MAX);
    if (!stopped) connect();
  };

  connect();
  return stop;
}
