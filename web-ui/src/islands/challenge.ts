// The challenge page: editor, draft, submitting with live checks, running, history.
import { Draft, type ServerDraft, type Standing } from "../challenge/draft";
import { Editor } from "../challenge/editor";
import { readFiles } from "../challenge/files";
import { offerHistory, showChanges } from "../challenge/history";
import { chosenKeys, rememberKeys, type KeyStyle } from "../challenge/keys";
import { follow } from "../challenge/live";
import { Panel } from "../challenge/panel";
import { runProgram } from "../challenge/run";
import { sendSubmission } from "../challenge/sending";
import { say, text, timeOfDay } from "../challenge/text";

function find<T extends Element>(selector: string): T {
  const found = document.querySelector<T>(selector);
  if (!found) throw new Error(`the page lacks ${selector}`);
  return found;
}

const form = find<HTMLFormElement>("#work");
const told = form.dataset;
const panel = new Panel(find("#result"));
const submitButton = find<HTMLButtonElement>("#submit");
const runButton = find<HTMLButtonElement>("#run");
const submissions = `/api/v1/courses/${told["course"]}/challenges/${told["challenge"]}/submissions`;

let stopFollowing: (() => void) | undefined;

async function begin(): Promise<void> {
  const files = readFiles(form);
  let draft: Draft | undefined;
  const editor = await Editor.start({
    files,
    tabs: find("#tabs"),
    place: find("#editor"),
    nonce: told["nonce"] ?? "",
    keys: chosenKeys(),
    changed: () => draft?.changed(),
    submit: () => void submit(editor, () => draft),
    run: () => void run(),
  });
  form.classList.add("alive");
  draft = new Draft({
    url: `/api/v1/courses/${told["course"]}/challenges/${told["challenge"]}/draft`,
    place: `carrel:draft:${told["user"]}:${told["course"]}/${told["challenge"]}`,
    revision: Number(told["revision"]) || 0,
    files: editor.read(),
    read: () => editor.read(),
    write: (next) => editor.replace(next),
    show: showStanding,
    conflict: (theirs) => offerChoice(theirs, editor, () => draft),
  });
  draft.resume();
  offerKeys(editor);
  offerHistory(find("#history"), editor);
  offerStart(editor);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.submitter === runButton) void run();
    else void submit(editor, () => draft);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.defaultPrevented) return;
    event.preventDefault();
    if (event.shiftKey) void run();
    else void submit(editor, () => draft);
  });
  panel.root.addEventListener("click", (event) => {
    const place = (event.target as Element).closest<HTMLElement>("[data-go-line]");
    if (!place) return;
    event.preventDefault();
    editor.go(place.dataset["goFile"] ?? "", Number(place.dataset["goLine"]));
  });
  panel.root.addEventListener("submit", (event) => {
    // Taking a submission back does not leave the page: its stream tells what became of it.
    event.preventDefault();
    const { action } = event.target as HTMLFormElement;
    void fetch(action, { method: "POST", redirect: "manual" });
  });
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.querySelector("[data-close]")?.addEventListener("click", () => dialog.close());
  }
  const open = panel.root.dataset["stream"];
  if (open) watch(open, editor);
  // A mark for whoever measures: from here on one can type.
  performance.mark("editor-usable");
}

async function submit(editor: Editor, draft: () => Draft | undefined): Promise<void> {
  // After the challenge has closed, the page has it disabled.
  if (submitButton.disabled || submitButton.getAttribute("aria-disabled") === "true") return;
  setBusy(true);
  stopFollowing?.();
  editor.mark();
  panel.begin();
  say(text("sending"));
  panel.root.scrollIntoView({ block: "nearest" });
  void draft()?.save();
  const sent = await sendSubmission(submissions, editor.read(), told["step"], () => panel.wait());
  if ("problem" in sent) {
    say(panel.refuse(sent.problem, () => setBusy(false)));
    return;
  }
  watch(`${location.pathname}/submissions/${sent.id}/stream`, editor);
}

function watch(url: string, editor: Editor): void {
  setBusy(true);
  stopFollowing = follow({
    url,
    show: (name, markup) => {
      panel.show(name, markup);
      if (name === "verdict" || name === "cancelled" || name === "parked") finish(editor);
    },
    connected: (connected) => panel.connected(connected),
    ended: () => setBusy(false),
  });
}

/** The verdict stands in the page: it is said once, its line is marked, lists are brought up to date. */
function finish(editor: Editor): void {
  performance.mark("verdict-shown");
  const verdict = panel.root.querySelector<HTMLElement>("[data-say]");
  if (!verdict) return;
  say(verdict.dataset["say"] ?? "");
  const { markFile, markLine, markMessage } = verdict.dataset;
  if (markFile && markLine) editor.mark(markFile, Number(markLine), markMessage ?? "");
  for (const piece of panel.root.querySelectorAll<HTMLTemplateElement>("template[data-into]")) {
    const place = document.querySelector(piece.dataset["into"] ?? "");
    // After a reload in the middle of a run the entry is listed already, as on its way.
    const entry = piece.content.querySelector<HTMLElement>("[data-submission]");
    const id = entry?.dataset["submission"];
    const listed = id ? place?.querySelector(`[data-submission="${id}"]`) : undefined;
    if (listed && entry) listed.replaceWith(entry);
    else if (piece.dataset["how"] === "replace") place?.replaceChildren(piece.content);
    else place?.prepend(piece.content);
    piece.remove();
  }
  find<HTMLElement>("#history-empty").hidden = true;
  reveal(document);
  const local = new Intl.DateTimeFormat(document.documentElement.lang, {
    dateStyle: "medium",
    timeStyle: "short",
  });
  for (const time of find("#history").querySelectorAll<HTMLTimeElement>("time[data-local]")) {
    time.textContent = local.format(new Date(time.dateTime));
  }
}

/** Shows what only scripts can do. */
function reveal(below: ParentNode): void {
  for (const element of below.querySelectorAll<HTMLElement>("[data-needs-scripts]")) {
    element.hidden = false;
  }
}

function setBusy(busy: boolean): void {
  submitButton.setAttribute("aria-disabled", String(busy));
}

async function run(): Promise<void> {
  if (runButton.getAttribute("aria-disabled") === "true") return;
  runButton.setAttribute("aria-disabled", "true");
  find<HTMLDetailsElement>("#try").open = true;
  await runProgram(form, runButton.formAction, find("#run-output"));
  runButton.setAttribute("aria-disabled", "false");
}

function showStanding(standing: Standing): void {
  const place = find<HTMLElement>("#standing");
  place.dataset["standing"] = standing.kind;
  place.textContent = tellStanding(standing);
  // Only what needs the reader is said aloud; that all is well would be chatter.
  if (standing.kind === "refused" || standing.kind === "signed-out") say(place.textContent);
  if (standing.kind === "offline" && wasOnline) say(place.textContent);
  wasOnline = standing.kind !== "offline" && (wasOnline || standing.kind === "saved");
}
let wasOnline = true;

function tellStanding(standing: Standing): string {
  switch (standing.kind) {
    case "untouched":
      return "";
    case "changed":
    case "saving":
      return text("saving");
    case "saved":
      return text("saved", { time: timeOfDay(standing.at) });
    case "offline":
      return text(standing.here ? "offline" : "offlineLost");
    case "signed-out":
      return text(standing.here ? "signedOutKept" : "signedOut");
    case "refused":
      return text("draftRefused", { detail: standing.detail });
    case "conflict":
      return text("conflictShort");
  }
}

function offerChoice(theirs: ServerDraft, editor: Editor, draft: () => Draft | undefined): void {
  const box = find<HTMLElement>("#conflict");
  box.hidden = false;
  say(text("conflict"));
  box.onclick = (event) => {
    const what = (event.target as Element).closest<HTMLElement>("[data-do]")?.dataset["do"];
    if (what === "compare") void showChanges(text("changesTheirs"), theirs.files, editor.read());
    if (what !== "take" && what !== "insist") return;
    box.hidden = true;
    if (what === "take") draft()?.take(theirs);
    else void draft()?.insist(theirs);
    editor.focus();
  };
}

function offerKeys(editor: Editor): void {
  const choice = find<HTMLSelectElement>("#keys");
  choice.value = chosenKeys();
  choice.addEventListener("change", () => {
    const style = choice.value as KeyStyle;
    rememberKeys(style);
    void editor.useKeys(style);
  });
}

/** Back to what the author gave; what stood there can be brought back by undoing. */
function offerStart(editor: Editor): void {
  find<HTMLButtonElement>("#start-over").addEventListener("click", () => {
    if (!window.confirm(text("startOver"))) return;
    const files = readFiles(form).map((file): [string, string] => {
      const start = file.area.parentElement?.querySelector<HTMLTemplateElement>("[data-start]");
      // Where the page shows the start itself there is no template of it.
      return [file.path, start?.content.textContent ?? file.area.defaultValue];
    });
    editor.replace(Object.fromEntries(files));
    editor.focus();
  });
}

reveal(document);
void begin();
