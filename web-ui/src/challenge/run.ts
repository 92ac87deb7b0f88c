// Runs the learner's program with their own input, and shows what came out as the service's page
// of that run does.
import { readProblem } from "./problem";
import { say, text } from "./text";

const AGAIN_MS = 500;

/** The piece of a page that holds what came out. */
async function readPiece(response: Response): Promise<HTMLElement | undefined> {
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return page.querySelector<HTMLElement>("[data-run]") ?? undefined;
}

function tell(place: HTMLElement, words: string, kind = "told-bad"): void {
  const box = document.createElement("div");
  box.className = `told ${kind}`;
  box.textContent = words;
  place.replaceChildren(box);
  say(words);
}

/** Posts the form to the address of its run button; `place` shows what comes of it. */
export async function runProgram(form: HTMLFormElement, url: string, place: HTMLElement): Promise<void> {
  tell(place, text("running"), "stage");
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string") body.append(name, value);
  }
  try {
    let response = await fetch(url, { method: "POST", body });
    for (;;) {
      if (!response.ok) {
        const problem = await readProblem(response);
        const seconds = Math.ceil((problem.retryAfter ?? 0) / 1_000);
        const later = seconds > 0 ? ` ${text("againIn", { seconds })}` : "";
        const words = seconds > 0 ? text("busy") : problem.detail;
        tell(place, words + later, seconds > 0 ? "told-warn" : "told-bad");
        return;
      }
      const address = response.url;
      const piece = await readPiece(response);
      if (piece?.dataset["over"] !== undefined) {
        place.replaceChildren(...piece.childNodes);
        if (piece.dataset["say"]) say(piece.dataset["say"]);
        return;
      }
      await new Promise((resolve) => window.setTimeout(resolve, AGAIN_MS));
      response = await fetch(address);
    }
  } catch {
    tell(place, text("runLost"), "told-warn");
  }
}
