// Piston's WebSocket, by the library that its clients use (npm `ws`).
'use strict';
const assert = require('node:assert');
const WebSocket = require('ws');

const [url, token] = process.argv.slice(2);
const address = `${url.replace('http', 'ws')}/api/v2/connect`;
const socket = new WebSocket(address, { headers: { Authorization: `Bearer ${token}` } });
const messages = [];
socket.on('open', () => {
  const files = [{ content: 'import sys\nfor line in sys.stdin: print("got", line.strip())' }];
  socket.send(JSON.stringify({ type: 'init', language: 'python', version: '*', files }));
  socket.send(JSON.stringify({ type: 'data', stream: 'stdin', data: 'one\ntwo\n' }));
});
socket.on('message', (text) => messages.push(JSON.parse(text)));
socket.on('error', (error) => {
  console.error(error);
  process.exit(1);
});
socket.on('close', (code, reason) => {
  assert.deepStrictEqual([code, reason.toString()], [4999, 'Job Completed'], JSON.stringify(messages));
  assert.deepStrictEqual(messages.map((one) => one.type), ['runtime', 'stage', 'data', 'exit']);
  assert.strictEqual(messages[2].data, 'got one\ngot two\n');
  assert.deepStrictEqual(messages[3], { type: 'exit', stage: 'run', code: 0, signal: null });
  process.exit(0);
});
