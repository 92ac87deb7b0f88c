// Items to put in order: each gets buttons to move it; the numbers beside them are what is sent.

/** Adds the buttons to a list. */
export function bringOrderToLife(list: HTMLElement, words: DOMStringMap): void {
  const items = [...list.querySelectorAll<HTMLElement>(".order-item")];
  const first = items[0]?.querySelector<HTMLInputElement>("input");
  if (!first || first.matches(":disabled")) return;
  const status = document.createElement("p");
  status.className = "only-read-aloud";
  status.setAttribute("role", "status");
  list.after(status);
  for (const item of items) {
    const buttons = document.createElement("span");
    buttons.className = "order-buttons";
    for (const [step, sign, word] of [
      [-1, "↑", words["up"]],
      [1, "↓", words["down"]],
    ] as const) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button button-small";
      button.textContent = sign;
      const text = item.querySelector(".order-text")?.textContent?.trim() ?? "";
      button.setAttribute("aria-label", `${word}: ${text}`);
      button.addEventListener("click", () => {
        const place = move(list, item, step);
        button.focus();
        if (place) status.textContent = `${text} ${words["moved"]} ${place}`;
      });
      buttons.append(button);
    }
    item.append(buttons);
  }
  list.addEventListener("change", () => sort(list));
}

function inputs(list: HTMLElement): HTMLInputElement[] {
  return [...list.querySelectorAll<HTMLInputElement>("input.order-number")];
}

/** Moves an item one place; returns its new number. */
function move(list: HTMLElement, item: HTMLElement, step: -1 | 1): number | undefined {
  const all = [...list.children];
  const at = all.indexOf(item);
  const neighbour = all[at + step];
  if (!neighbour) return undefined;
  if (step < 0) neighbour.before(item);
  else neighbour.after(item);
  const numbers = inputs(list);
  // Before anything was numbered, all belong; after that, an item without a number is left out.
  const fresh = numbers.every((input) => input.value === "");
  const own = item.querySelector<HTMLInputElement>("input.order-number");
  let number = 0;
  for (const input of inputs(list)) {
    if (fresh || input.value !== "" || input === own) {
      number += 1;
      input.value = String(number);
    }
  }
  own?.dispatchEvent(new Event("input", { bubbles: true }));
  return Number(own?.value);
}

/** Puts the items into the order of their numbers; those without one come last. */
function sort(list: HTMLElement): void {
  const rank = (item: Element) => Number(item.querySelector<HTMLInputElement>("input")?.value) || Infinity;
  const focused = document.activeElement;
  const sorted = [...list.children].map((item) => ({ item, rank: rank(item) }));
  sorted.sort((one, other) => (one.rank === other.rank ? 0 : one.rank - other.rank));
  for (const { item } of sorted) list.append(item);
  if (focused instanceof HTMLElement && list.contains(focused)) focused.focus();
}
