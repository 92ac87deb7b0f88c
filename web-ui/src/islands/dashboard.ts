// Keeps the operators' overview fresh: asks for the page again and takes over what is live in it.
import { showTimes } from "../time";

const EVERY_MS = 5_000;

function start(live: HTMLElement, pause: HTMLButtonElement): void {
  let paused = false;
  let asking = false;

  const refresh = async (): Promise<void> => {
    // Nothing is exchanged below somebody's hands: neither a focused button nor a selection.
    const used = live.contains(document.activeElement) && document.activeElement !== document.body;
    if (paused || asking || used || document.hidden) return;
    asking = true;
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" } });
      if (!answer.ok || answer.redirected) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-live]");
      if (!fresh || paused) return;
      live.replaceChildren(...fresh.childNodes);
      showTimes(live);
    } catch {
      // Out of reach: what is shown stays, and the next turn tries again.
    } finally {
      asking = false;
    }
  };

  pause.hidden = false;
  const words = [pause.textContent ?? "", pause.dataset["resume"] ?? ""];
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.textContent = words[Number(paused)] ?? "";
    void refresh();
  });
  setInterval(() => void refresh(), EVERY_MS);
}

const live = document.querySelector<HTMLElement>("[data-live]");
const pause = document.querySelector<HTMLButtonElement>("[data-live-pause]");
if (live && pause) start(live, pause);
