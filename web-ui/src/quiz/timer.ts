// The time that is left: shown by the second unless hidden, said aloud at a few moments only.

/** Seconds left at which the time is said to those who do not see it. */
const SAID_AT_SECONDS = [3600, 1800, 600, 300, 60, 30, 10];
const KEY = "carrel.timer-hidden";

export interface Timer {
  /** What the service says is left, milliseconds. */
  correct(leftMs: number): void;
}

/** Runs the timer of the page; `over` is called once when the time is. */
export function runTimer(box: HTMLElement, over: () => void): Timer {
  const value = box.querySelector<HTMLElement>(".timer-value");
  const status = box.querySelector<HTMLElement>("[data-timer-status]");
  let ends = Date.now() + Number(box.dataset["left"]);
  let last = Infinity;
  let done = false;
  offerHiding(box);

  const tick = () => {
    const seconds = Math.max(0, Math.ceil((ends - Date.now()) / 1000));
    if (value) value.textContent = write(seconds);
    box.classList.toggle("timer-short", seconds <= 60);
    const passed = SAID_AT_SECONDS.find((at) => seconds <= at && last > at && last !== Infinity);
    if (status && passed !== undefined) status.textContent = `${box.dataset["announce"]} ${write(seconds)}`;
    last = seconds;
    if (seconds === 0 && !done) {
      done = true;
      if (status) status.textContent = box.dataset["over"] ?? "";
      clearInterval(interval);
      over();
    }
  };
  const interval = setInterval(tick, 500);
  tick();
  return {
    correct(leftMs) {
      ends = Date.now() + leftMs;
    },
  };
}

function write(seconds: number): string {
  const two = (number: number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(seconds % 60)}`
    : `${minutes}:${two(seconds % 60)}`;
}

function offerHiding(box: HTMLElement): void {
  const button = box.querySelector<HTMLButtonElement>("[data-timer-toggle]");
  const line = box.querySelector<HTMLElement>(".timer-line");
  if (!button || !line) return;
  const set = (hidden: boolean) => {
    line.hidden = hidden;
    button.setAttribute("aria-pressed", String(hidden));
    try {
      localStorage.setItem(KEY, String(hidden));
    } catch {
      // It holds for this page then.
    }
  };
  let kept = false;
  try {
    kept = localStorage.getItem(KEY) === "true";
  } catch {
    // Shown, as nothing is known.
  }
  set(kept);
  button.hidden = false;
  button.addEventListener("click", () => set(!line.hidden));
}
