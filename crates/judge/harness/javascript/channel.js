// The report channel: records that nobody without the key can write. The key lives
// in this closure only.
'use strict';
const fs = require('fs');
const { readSync, writeSync, closeSync, fstatSync } = fs;
const { apply } = Reflect;
// Never `Buffer.from`: small ones share a pool of memory that everybody can look at.
const { alloc, byteLength } = Buffer;
const { utf8Write, fill, toString: toText } = Buffer.prototype;
const byteToHex = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  return /[A-Za-z0-9_.~-]/.test(character) ? character : '%' + byte.toString(16).padStart(2, '0');
});
const reallyExit = process.reallyExit.bind(process);
const stringify = String;
const identity = (() => {
  try { return fstatSync(3).ino; } catch { return null; }
})();

let key = '';
let sequence = 0;

function toBytes(text) {
  const bytes = alloc(byteLength(text));
  apply(utf8Write, bytes, [text, 0, bytes.length]);
  return bytes;
}

function encode(text) {
  const bytes = toBytes(stringify(text).slice(0, 60000));
  let encoded = '';
  for (let at = 0; at < bytes.length; at += 1) encoded += byteToHex[bytes[at]];
  return encoded;
}

function emit(verb, fields) {
  let record = `\n${key} ${sequence} ${verb}`;
  for (let at = 0; at < fields.length; at += 1) record += ` ${fields[at][0]}=${encode(fields[at][1])}`;
  sequence += 1;
  const bytes = toBytes(record + '\n');
  if (fstatSync(3).ino !== identity) reallyExit(70);
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(3, bytes, written);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
  apply(fill, bytes, [0]);
}

// Blocks `kind name-length content-length`, see framework/session.rs.
function readInput() {
  const parts = [];
  const piece = Buffer.alloc(65536);
  for (;;) {
    let count = 0;
    try {
      count = readSync(0, piece, 0, piece.length, null);
    } catch (error) {
      if (error.code === 'EAGAIN') continue;
      if (error.code !== 'EOF') throw error;
    }
    if (count === 0) break;
    parts.push(Buffer.from(piece.subarray(0, count)));
  }
  piece.fill(0);
  closeSync(0);
  const bytes = Buffer.concat(parts);
  const input = { options: {}, files: new Map(), mains: [], canaries: {} };
  let at = 0;
  while (at < bytes.length) {
    const end = bytes.indexOf(10, at);
    const [kind, nameLength, contentLength] = apply(toText, bytes.subarray(at, end), ['latin1']).split(' ');
    const nameEnd = end + 1 + Number(nameLength);
    const contentEnd = nameEnd + Number(contentLength);
    const name = bytes.subarray(end + 1, nameEnd).toString();
    const content = bytes.subarray(nameEnd, contentEnd).toString();
    at = contentEnd + 1;
    if (kind === 'key') key = content;
    else if (kind === 'option') input.options[name] = content;
    else if (kind === 'canary') (input.canaries[name] ??= {}).name = content;
    else if (kind === 'place') (input.canaries[name] ??= {}).place = Number(content);
    else if (kind === 'main') input.mains.push(name);
    else input.files.set('/work/' + name, content);
  }
  bytes.fill(0);
  for (const part of parts) part.fill(0);
  // Descriptor 0 must exist, so that no file of the learner's takes its place.
  fs.openSync('/dev/null', 'r');
  return input;
}

module.exports = { emit, readInput, leave: (code) => reallyExit(code) };
