// The real service: `carrel serve` of this tree on a free port over a state directory of its own.
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../..", import.meta.url));
const START_MS = 60_000;
const END_MS = 30_000;
export const PASSWORD = "correct horse battery staple";

/** The service and what is done to it from outside. */
export class Service {
  /** `more`: settings of its own, by the names of their variables. */
  static async start(more = {}) {
    const service = new Service();
    service.program = process.env.CARREL_PROGRAM ?? join(root, "target/debug/carrel");
    service.directory = mkdtempSync(join(tmpdir(), "carrel-pages-"));
    chmodSync(service.directory, 0o711); // the web process runs as another user and has to pass
    service.environment = {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      CARREL_STATE_DIRECTORY: join(service.directory, "state"),
      CARREL_RUN_DIRECTORY: join(service.directory, "run"),
      CARREL_ACCOUNT_PLAIN_HTTP: "true",
      CARREL_ACCOUNT_ADDRESS_PER_MINUTE: "0",
      CARREL_WORKER_ALLOW_UNREPEATABLE: "true",
      CARREL_WORKER_ALLOW_MISSING_LAYERS: "true",
      ...more,
    };
    await service.begin("127.0.0.1:0");
    return service;
  }

  /** Starts the process; `address` is where it listens. */
  async begin(address) {
    const log = openSync(join(this.directory, "log"), "a");
    this.process = spawn(this.program, ["serve", "--listen", address], {
      env: this.environment,
      stdio: ["ignore", "pipe", log],
    });
    const lines = createInterface({ input: this.process.stdout });
    this.url = await new Promise((resolve, reject) => {
      const fail = () => reject(new Error(`the service did not begin to serve:\n${this.log()}`));
      const timer = setTimeout(fail, START_MS);
      this.process.once("exit", fail);
      lines.on("line", (line) => {
        const found = line.trim().match(/^carrel serves (http:\/\/\S+)$/);
        if (!found) return;
        clearTimeout(timer);
        this.process.off("exit", fail);
        resolve(found[1]);
      });
    });
  }

  log() {
    return readFileSync(join(this.directory, "log"), "utf8");
  }

  /** Runs `carrel ARGUMENTS…` over the same state; returns its standard output. */
  run(...arguments_) {
    return this.runWith("", ...arguments_);
  }

  runWith(input, ...arguments_) {
    const options = { env: this.environment, input, encoding: "utf8", stdio: "pipe" };
    return execFileSync(this.program, arguments_, options);
  }

  /** Adds a person with the password of all tests; `roles` are by course. */
  addPerson(name, { operator = false, displayName = name, roles = {} } = {}) {
    const more = operator ? ["--operator"] : [];
    this.runWith(`${PASSWORD}\n`, "admin", "user", "add", name, "--display-name", displayName, "--password-stdin", ...more);
    for (const [course, role] of Object.entries(roles)) {
      this.run("admin", "role", "set", name, course, role);
    }
  }

  /** Publishes a directory as a course, as a program does: with an operator's token. */
  async publish(directory, course) {
    this.token ??= this.makeToken();
    const archive = execFileSync("tar", ["-C", directory, "-cz", "."], { maxBuffer: 1 << 28 });
    const answer = await fetch(`${this.url}/api/v1/courses/${course}/versions`, {
      method: "POST",
      headers: { Authorization: `Bearer ${this.token}`, "Content-Type": "application/gzip" },
      body: archive,
    });
    if (!answer.ok) throw new Error(`publishing ${course}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  makeToken() {
    this.addPerson("publisher", { operator: true });
    const told = this.run("admin", "token", "create", "publisher", "--scope", "operate", "--scope", "author");
    return told.match(/carrel_[0-9A-Za-z]{49}/)[0];
  }

  /** Ends the process as an operator would, or (with `SIGKILL`) as a crash does. */
  async end(signal = "SIGTERM") {
    if (this.process.exitCode !== null) return;
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    const timer = setTimeout(() => this.process.kill("SIGKILL"), END_MS);
    this.process.kill(signal);
    await ended;
    clearTimeout(timer);
  }

  async stop() {
    await this.end();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
