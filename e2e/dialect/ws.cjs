// Piston's WebSocket, by the library that its clients use (npm `ws`): a talk with a program while it runs.
'use strict';
const assert = require('node:assert');
const WebSocket = require('ws');

const [url, token] = process.argv.slice(2);
const address = `${url.replace('http', 'ws')}/api/v2/connect`;
const socket = new WebSocket(address, { headers: { Authorization: `Bearer ${token}` } });
const messages = [];
const say = (data) => socket.send(JSON.stringify({ type: 'data', stream: 'stdin', data }));
// What is said when the program has said this.
const answers = { 'first?\n': 'one\n', 'got one\nsecond?\n': 'two\n' };
let heard = '';
socket.on('open', () => {
  const content = 'print("first?", flush=True)\nprint("got", input())\nprint("second?", flush=True)\nprint("got", input())';
  socket.send(JSON.stringify({ type: 'init', language: 'python', version: '*', files: [{ content }] }));
});
socket.on('message', (text) => {
  const message = JSON.parse(text);
  messages.push(message);
  if (message.type !== 'data') return;
  heard += message.data;
  if (heard in answers) {
    say(answers[heard]);
    heard = '';
  }
});
socket.on('error', (error) => {
  console.error(error);
  process.exit(1);
});
socket.on('close', (code, reason) => {
  assert.deepStrictEqual([code, reason.toString()], [4999, 'Job Completed'], JSON.stringify(messages));
  const kinds = messages.filter((one) => one.type !== 'data').map((one) => one.type);
  assert.deepStrictEqual(kinds, ['runtime', 'stage', 'exit']);
  assert.strictEqual(heard, 'got two\n');
  assert.deepStrictEqual(messages.at(-1), { type: 'exit', stage: 'run', code: 0, signal: null });
  process.exit(0);
});
