// The editor: CodeMirror 6 over all files of the challenge, one tab each.
import {
  defaultKeymap,
  history,
  historyKeymap,
  indentWithTab,
} from "@codemirror/commands";
import { closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete";
import {
  bracketMatching,
  indentOnInput,
  indentUnit,
  syntaxHighlighting,
} from "@codemirror/language";
import { lintGutter, setDiagnostics, type Diagnostic } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, Prec, type Extension, type TransactionSpec } from "@codemirror/state";
import {
  EditorView,
  drawSelection,
  dropCursor,
  highlightActiveLine,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";
import type { Content, Files, PageFile } from "./files";
import { loadGrammar } from "./language";
import { loadKeys, type KeyStyle } from "./keys";
import { text } from "./text";
import { theme } from "./theme";

interface Open {
  file: PageFile;
  state: EditorState;
  tab: HTMLButtonElement;
}

export interface EditorOptions {
  files: PageFile[];
  tabs: HTMLElement;
  place: HTMLElement;
  /** Lets the browser take the editor's own style sheet. */
  nonce: string;
  keys: KeyStyle;
  /** Something of the learner's was changed. */
  changed: () => void;
  submit: () => void;
  run: () => void;
}

export class Editor {
  readonly view: EditorView;
  private readonly open: Open[];
  private shown = 0;
  private readonly keyCompartment = new Compartment();
  private keyExtension: Extension = [];

  private constructor(
    private readonly options: EditorOptions,
    grammars: Map<string | undefined, Extension>,
    keys: Extension,
  ) {
    this.keyExtension = keys;
    this.open = options.files.map((file) => ({
      file,
      state: this.start(file, file.area.value, grammars.get(file.grammar) ?? []),
      tab: this.makeTab(file),
    }));
    // With its first state at once: that one knows the nonce of the style sheet.
    const first = this.open[0]?.state;
    this.view = new EditorView({ parent: options.place, ...(first ? { state: first } : {}) });
    options.tabs.addEventListener("keydown", (event) => this.moveBetweenTabs(event));
    this.show(0);
  }

  /** Loads the grammars of the files and opens the first. */
  static async start(options: EditorOptions): Promise<Editor> {
    const names = [...new Set(options.files.map((file) => file.grammar))];
    const [keys, ...loaded] = await Promise.all([
      loadKeys(options.keys),
      ...names.map((name) => loadGrammar(name)),
    ]);
    const grammars = new Map(names.map((name, at) => [name, loaded[at] ?? []]));
    return new Editor(options, grammars, keys ?? []);
  }

  private start(file: PageFile, doc: string, grammar: Extension): EditorState {
    const { nonce, submit, run } = this.options;
    const mine = [
      { key: "Mod-Enter", run: () => (submit(), true) },
      { key: "Shift-Mod-Enter", run: () => (run(), true) },
    ];
    return EditorState.create({
      doc,
      extensions: [
        EditorView.cspNonce.of(nonce),
        this.keyCompartment.of(this.keyExtension),
        Prec.highest(keymap.of(mine)),
        lineNumbers(),
        highlightSpecialChars(),
        history(),
        drawSelection(),
        dropCursor(),
        indentOnInput(),
        bracketMatching(),
        closeBrackets(),
        highlightActiveLine(),
        highlightSelectionMatches(),
        lintGutter(),
        keymap.of([
          ...closeBracketsKeymap,
          ...defaultKeymap,
          ...searchKeymap,
          ...historyKeymap,
          // Escape and then Tab leaves the editor: CodeMirror sees to that before any key map.
          indentWithTab,
        ]),
        indentUnit.of(file.indent),
        EditorState.tabSize.of(file.tabColumns),
        EditorState.readOnly.of(file.fixed),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({
          "aria-label": text(file.fixed ? "fileFixed" : "file", { path: file.path }),
          "aria-describedby": "editor-help",
          // Also where it is only read: the keyboard has to reach it to scroll.
          tabindex: "0",
          ...(file.fixed ? { "aria-readonly": "true" } : {}),
        }),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          file.area.value = update.state.doc.toString();
          if (!file.fixed) this.options.changed();
        }),
        syntaxHighlighting(classHighlighter),
        grammar,
        theme,
      ],
    });
  }

  private makeTab(file: PageFile): HTMLButtonElement {
    const tab = document.createElement("button");
    tab.type = "button";
    tab.role = "tab";
    tab.className = "editor-tab";
    tab.textContent = file.path;
    if (file.fixed) {
      const mark = document.createElement("span");
      mark.className = "editor-tab-fixed";
      mark.textContent = text("fixed");
      tab.append(" ", mark);
    }
    tab.setAttribute("aria-controls", this.options.place.id);
    tab.addEventListener("click", () => {
      this.show(this.open.findIndex((open) => open.tab === tab));
      this.view.focus();
    });
    this.options.tabs.append(tab);
    return tab;
  }

  private moveBetweenTabs(event: KeyboardEvent): void {
    const rightToLeft = document.documentElement.dir === "rtl";
    const forward = rightToLeft ? "ArrowLeft" : "ArrowRight";
    const back = rightToLeft ? "ArrowRight" : "ArrowLeft";
    const last = this.open.length - 1;
    const to = {
      [forward]: this.shown === last ? 0 : this.shown + 1,
      [back]: this.shown === 0 ? last : this.shown - 1,
      Home: 0,
      End: last,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.show(to);
    this.open[to]?.tab.focus();
  }

  private show(index: number): void {
    const next = this.open[index];
    if (!next) return;
    const before = this.open[this.shown];
    // The first time there is nothing of this view to be put away.
    if (before && before !== next) before.state = this.view.state;
    this.shown = index;
    this.view.setState(next.state);
    for (const [at, { tab }] of this.open.entries()) {
      tab.setAttribute("aria-selected", String(at === index));
      tab.tabIndex = at === index ? 0 : -1;
    }
    next.tab.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.options.place.setAttribute("aria-label", next.file.path);
  }

  private stateOf(open: Open): EditorState {
    return this.open[this.shown] === open ? this.view.state : open.state;
  }

  private change(open: Open, spec: TransactionSpec): void {
    if (this.open[this.shown] === open) {
      this.view.dispatch(spec);
      return;
    }
    open.state = open.state.update(spec).state;
    open.file.area.value = open.state.doc.toString();
  }

  /** The learner's files as they are now. */
  read(): Files {
    const mine = this.open.filter((open) => !open.file.fixed);
    const entries = mine.map((open): [string, Content] => [
      open.file.path,
      this.stateOf(open).doc.toString(),
    ]);
    return Object.fromEntries(entries);
  }

  /** Puts other texts in; each can be undone. Files that are not open here are left aside. */
  replace(files: Files): void {
    for (const open of this.open) {
      const next = files[open.file.path];
      if (open.file.fixed || typeof next !== "string") continue;
      const state = this.stateOf(open);
      if (state.doc.toString() === next) continue;
      this.change(open, { changes: { from: 0, to: state.doc.length, insert: next } });
    }
  }

  /** Marks a line of a file; without one, all marks go. */
  mark(path?: string, line?: number, message = ""): void {
    for (const open of this.open) {
      const state = this.stateOf(open);
      const marks: Diagnostic[] = [];
      if (open.file.path === path && line !== undefined) {
        const at = state.doc.line(Math.min(Math.max(line, 1), state.doc.lines));
        marks.push({ from: at.from, to: at.to, severity: "error", message });
      }
      this.change(open, setDiagnostics(state, marks));
      open.tab.toggleAttribute("data-marked", marks.length > 0);
    }
  }

  /** Leads to a line of a file. */
  go(path: string, line: number): void {
    const index = this.open.findIndex((open) => open.file.path === path);
    if (index < 0) return;
    this.show(index);
    const { doc } = this.view.state;
    const at = doc.line(Math.min(Math.max(line, 1), doc.lines));
    this.view.dispatch({ selection: { anchor: at.from }, scrollIntoView: true });
    this.view.focus();
  }

  /** Changes to the keys of another editor. */
  async useKeys(style: KeyStyle): Promise<void> {
    this.keyExtension = await loadKeys(style);
    for (const open of this.open) {
      const effects = this.keyCompartment.reconfigure(this.keyExtension);
      this.change(open, { effects });
    }
  }

  focus(): void {
    this.view.focus();
  }
}
