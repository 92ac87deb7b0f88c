// Keys of other editors, for those who ask for them; the choice is kept in the browser.
import { emacsStyleKeymap } from "@codemirror/commands";
import type { Extension } from "@codemirror/state";
import { keymap } from "@codemirror/view";

export type KeyStyle = "usual" | "emacs" | "vim";

const KEPT = "carrel:keys";

/** What was chosen before. */
export function chosenKeys(): KeyStyle {
  try {
    const kept = localStorage.getItem(KEPT);
    return kept === "emacs" || kept === "vim" ? kept : "usual";
  } catch {
    return "usual";
  }
}

/** Keeps a choice. */
export function rememberKeys(style: KeyStyle): void {
  try {
    localStorage.setItem(KEPT, style);
  } catch {
    // Storage is full or forbidden: the choice holds until the page is left.
  }
}

/** What the editor needs for it. */
export async function loadKeys(style: KeyStyle): Promise<Extension> {
  if (style === "emacs") return keymap.of(emacsStyleKeymap);
  if (style === "vim") return (await import("./vim")).default();
  return [];
}
