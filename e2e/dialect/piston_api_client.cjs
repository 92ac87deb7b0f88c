// A client of Piston (npm `piston-api-client`). It sends no key of its own: its requests get one here.
'use strict';
const assert = require('node:assert');
const { PistonClient } = require('piston-api-client');

const [url, token] = process.argv.slice(2);
const plain = globalThis.fetch;
globalThis.fetch = (address, options) =>
  plain(address, { ...options, headers: { ...options.headers, Authorization: token } });

(async () => {
  const client = new PistonClient({ server: url });
  const runtimes = await client.runtimes();
  assert(runtimes.success && runtimes.data.some((one) => one.aliases.includes('py')), runtimes);
  const done = await client.execute({
    language: 'py',
    version: '*',
    files: [{ content: 'import sys\nprint(1, flush=True)\nprint(2, file=sys.stderr, flush=True)' }],
  });
  assert(done.success, done);
  assert.deepStrictEqual([done.data.run.stdout, done.data.run.stderr], ['1\n', '2\n']);
  assert.strictEqual(done.data.run.output.length, 4);
  assert.strictEqual(done.data.run.signal, null);
  const late = await client.execute({
    language: 'py',
    version: '*',
    files: [{ content: 'while True: pass' }],
    run_timeout: 500,
  });
  assert.deepStrictEqual([late.data.run.status, late.data.run.signal], ['TO', 'SIGKILL']);
  process.exit(0);
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
