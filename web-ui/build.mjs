// Builds the scripts and styles of the pages into dist/, with hashed names, compressed, and with
// dist/assets.txt for the service's build (crates/web/build.rs).
//
//   node build.mjs
//
// Each file src/islands/NAME.ts is an entry: a page names the entries that it needs. A line of
// assets.txt is one of
//   file NAME PATH                    a file of dist/
//   style NAME                        the style sheet of every page
//   entry ENTRY NAME [NAME…]          an entry, then what it imports statically: all preloaded
//   chunk SOURCE NAME [NAME…]         a module that an entry loads later, by its source's path
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import { build } from "vite";

const root = fileURLToPath(new URL(".", import.meta.url));
const out = join(root, "dist");
rmSync(out, { recursive: true, force: true });

const islands = readdirSync(join(root, "src/islands")).filter((name) => name.endsWith(".ts"));
const input = { style: join(root, "src/style/main.css") };
for (const name of islands) input[basename(name, ".ts")] = join(root, "src/islands", name);

await build({
  root,
  configFile: false,
  logLevel: "warn",
  base: "/assets/",
  build: {
    outDir: out,
    assetsDir: ".",
    target: "es2022",
    manifest: "manifest.json",
    modulePreload: { polyfill: false },
    // Nothing may stand inline: the pages' content security policy forbids it for scripts.
    assetsInlineLimit: 0,
    rollupOptions: { input, output: { hashCharacters: "hex" } },
  },
});

const manifest = JSON.parse(readFileSync(join(out, "manifest.json"), "utf8"));
rmSync(join(out, "manifest.json"));

const lines = [];
for (const name of readdirSync(out).sort()) {
  const bytes = readFileSync(join(out, name));
  lines.push(`file ${name} ${name}`);
  if (/\.(js|css|svg|json|map)$/.test(name)) {
    const params = {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    };
    writeFileSync(join(out, `${name}.br`), brotliCompressSync(bytes, { params }));
  }
}

/** The file of a module and of all that it imports statically, each once, the module's first. */
function closure(key, found = []) {
  const module = manifest[key];
  if (found.includes(module.file)) return found;
  found.push(module.file);
  for (const next of module.imports ?? []) closure(next, found);
  return found;
}

for (const [key, module] of Object.entries(manifest).sort()) {
  if (module.file.endsWith(".css")) {
    lines.push(`style ${module.file}`);
  } else if (module.isEntry) {
    lines.push(`entry ${basename(key, ".ts")} ${closure(key).join(" ")}`);
    if (module.css) throw new Error(`${key} imports a style sheet: put it into src/style/main.css`);
  } else if (module.isDynamicEntry) {
    lines.push(`chunk ${key} ${closure(key).join(" ")}`);
  }
}
writeFileSync(join(out, "assets.txt"), `${lines.join("\n")}\n`);
