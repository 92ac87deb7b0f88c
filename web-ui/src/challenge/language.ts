// Grammars of the editor, each a chunk of its own. The service tells the page which one to load
// early (`modulepreload`), by the path of its source: crates/web/src/page/challenge/language.rs
// has the same list.
import type { Extension } from "@codemirror/state";

type Grammar = { default: () => Extension };

const GRAMMARS: Record<string, () => Promise<Grammar>> = {
  bash: () => import("./language/bash"),
  cpp: () => import("./language/cpp"),
  go: () => import("./language/go"),
  java: () => import("./language/java"),
  javascript: () => import("./language/javascript"),
  lua: () => import("./language/lua"),
  php: () => import("./language/php"),
  python: () => import("./language/python"),
  ruby: () => import("./language/ruby"),
  rust: () => import("./language/rust"),
  sql: () => import("./language/sql"),
};

/** The grammar of this name; plain text where there is none, or where it cannot be loaded now. */
export async function loadGrammar(name: string | undefined): Promise<Extension> {
  const load = name ? GRAMMARS[name] : undefined;
  if (!load) return [];
  try {
    return (await load()).default();
  } catch {
    return [];
  }
}
