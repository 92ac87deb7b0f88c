// Earlier submissions: compared with what stands in the editor, and brought back.
import type { Editor } from "./editor";
import type { Files } from "./files";
import { say, text } from "./text";

async function load(id: string): Promise<Files> {
  const response = await fetch(`/api/v1/submissions/${id}/files`);
  if (!response.ok) throw new Error(response.statusText);
  return ((await response.json()) as { files: Files }).files;
}

/** Shows what changed between two versions, in the page's dialog. */
export async function showChanges(title: string, before: Files, after: Files): Promise<void> {
  const dialog = document.querySelector<HTMLDialogElement>("#changes");
  const place = dialog?.querySelector("[data-changes]");
  if (!dialog || !place) return;
  const heading = dialog.querySelector("h2");
  if (heading) heading.textContent = title;
  const { compare } = await import("./compare");
  place.replaceChildren(compare(before, after));
  dialog.showModal();
}

/** Brings the buttons of the list to life, also of entries that come later. */
export function offerHistory(list: HTMLElement, editor: Editor): void {
  list.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLButtonElement>("button[data-do]");
    const entry = button?.closest<HTMLElement>("[data-submission]");
    if (!button || !entry) return;
    const id = entry.dataset["submission"] ?? "";
    void act(button.dataset["do"] ?? "", id, entry.dataset["title"] ?? "", editor).catch(() => {
      const words = text("historyLost");
      say(words);
      button.title = words;
    });
  });
}

async function act(what: string, id: string, title: string, editor: Editor): Promise<void> {
  const files = await load(id);
  if (what === "compare") {
    await showChanges(text("changesSince", { title }), files, editor.read());
  } else {
    editor.replace(files);
    editor.focus();
    say(text("restored", { title }));
  }
}
