// Runs an author's tests (jest style or node:test) beside a learner's modules in one Node process.
//
// Order matters: secrets are read and standard input is closed, the built-ins that
// decide anything are kept, and ways to read this process's memory are taken away,
// all before a byte of the learner's code is loaded.
'use strict';
const path = require('path');
const channel = require('./channel.js');
const input = channel.readInput();
const guard = require('./guard.js');
const loader = require('./loader.js');
const runner = require('./runner.js');
const frontends = require('./frontends.js');

// The loader keeps every module with what it exports, and a program can ask it.
function forgetModules() {
  for (const name of Object.keys(require.cache)) {
    if (name.startsWith(__dirname)) delete require.cache[name];
  }
  module.children.length = 0;
}

async function main() {
  await guard.removePrivateDoors();
  forgetModules();
  const suite = runner.createSuite(input, guard);
  const frontend = frontends.create(input.options.framework, suite, guard);
  const modules = loader.create(input.files, frontend.builtins, suite);
  for (const [name, value] of Object.entries(frontend.globals)) {
    Object.defineProperty(globalThis, name, { value, writable: false, configurable: false, enumerable: false });
  }
  guard.remember();
  for (const name of input.mains) {
    let problem = null;
    try {
      await modules.runTest(path.join('/work', name));
    } catch (error) {
      problem = error;
    }
    if (problem !== null) {
      modules.reportLoadFailure(problem);
      channel.leave(0);
    }
  }
  suite.addCanaries(frontend.canaries);
  await suite.run();
  channel.emit('end', []);
  channel.leave(0);
}

main().catch((error) => {
  channel.emit('author', [['message', `the harness failed: ${error && error.stack}`]]);
  channel.leave(0);
});
