// Two versions of the files, line by line; loaded when it is asked for.
import { Text } from "@codemirror/state";
import { Chunk } from "@codemirror/merge";
import { textOf, type Files } from "./files";
import { text } from "./text";

/** Unchanged lines shown around a change. */
const AROUND = 3;

function row(kind: "same" | "gone" | "new" | "left-out", words: string, number = ""): HTMLElement {
  const line = document.createElement("div");
  line.className = `change change-${kind}`;
  const mark = document.createElement("span");
  mark.className = "change-number";
  mark.textContent = number;
  const tag = kind === "gone" ? "del" : kind === "new" ? "ins" : "span";
  const content = document.createElement(tag);
  content.textContent = words || "\u200b";
  line.append(mark, content);
  return line;
}

/** First and last line of a range that ends before the beginning of a line. */
function lines(doc: Text, from: number, to: number): [number, number] {
  if (from >= to) return [1, 0];
  const last = Math.min(to - 1, doc.length);
  return [doc.lineAt(Math.min(from, doc.length)).number, doc.lineAt(last).number];
}

function compareTexts(before: string, after: string): HTMLElement | undefined {
  const a = Text.of(before.split("\n"));
  const b = Text.of(after.split("\n"));
  const chunks = Chunk.build(a, b);
  if (chunks.length === 0) return undefined;
  const table = document.createElement("div");
  table.className = "changes";
  table.tabIndex = 0;
  table.role = "region";
  let shown = 0;
  for (const chunk of chunks) {
    const [goneFrom, goneTo] = lines(a, chunk.fromA, chunk.toA);
    const [newFrom, newTo] = lines(b, chunk.fromB, chunk.toB);
    const at = newFrom <= newTo ? newFrom : b.lineAt(Math.min(chunk.fromB, b.length)).number;
    if (at - AROUND > shown + 1) table.append(row("left-out", "⋯"));
    for (let n = Math.max(shown + 1, at - AROUND); n < at; n += 1) {
      table.append(row("same", b.line(n).text, String(n)));
    }
    for (let n = goneFrom; n <= goneTo; n += 1) table.append(row("gone", a.line(n).text));
    for (let n = newFrom; n <= newTo; n += 1) table.append(row("new", b.line(n).text, String(n)));
    shown = Math.max(newTo, at - 1);
  }
  for (let n = shown + 1; n <= Math.min(shown + AROUND, b.lines); n += 1) {
    table.append(row("same", b.line(n).text, String(n)));
  }
  return table;
}

/** What changed from one version to the other, as a piece of page. */
export function compare(before: Files, after: Files): DocumentFragment {
  const whole = document.createDocumentFragment();
  const paths = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  for (const path of paths) {
    const table = compareTexts(textOf(before[path]) ?? "", textOf(after[path]) ?? "");
    if (!table) continue;
    const title = document.createElement("h3");
    title.textContent = path;
    table.setAttribute("aria-label", text("changesOf", { path }));
    whole.append(title, table);
  }
  if (!whole.hasChildNodes()) {
    const same = document.createElement("p");
    same.textContent = text("noChanges");
    whole.append(same);
  }
  return whole;
}
