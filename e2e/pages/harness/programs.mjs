// The sample course for tests that judge: nothing of it has to be built, nor done first.
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./service.mjs";

/** Publishes the sample course under another id, in the host's own runtimes and without prerequisites. */
export async function publishOnHost(service, course) {
  const directory = mkdtempSync(join(tmpdir(), `carrel-${course}-`));
  cpSync(join(root, "courses/sample"), directory, { recursive: true });
  const change = (path, work) => writeFileSync(path, work(readFileSync(path, "utf8")));
  change(join(directory, "course.toml"), (text) =>
    text.replace('id = "sample"', `id = "${course}"`).replace(/,? *requires = \[[^\]]*\]/g, ""),
  );
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (!existsSync(join(directory, entry.name, "challenge.toml"))) continue;
    change(join(directory, entry.name, "challenge.toml"), (text) =>
      text.replace(/^language = .*$/m, '$&\nenvironment = "host"'),
    );
  }
  await service.publish(directory, course);
  rmSync(directory, { recursive: true });
}
