// Collects describe/test trees, then runs them one by one and reports each result.
'use strict';
const channel = require('./channel.js');
const { setTimeout: later, clearTimeout: forget } = globalThis;
const OUTPUT_CHARACTERS_MAX = 20000;
const TIMEOUT_MS = 5000;
const { apply } = Reflect;
const PromiseClass = Promise;

function createSuite(input, guard) {
  const includeSkipped = input.options.include_skipped === '1';
  const root = newGroup(null, '');
  let group = root;
  let open = false;
  let onlyUsed = false;
  const cases = [];
  let output = '';
  let fail = null;

  function newGroup(parent, name, mode) {
    return { parent, name, mode, beforeAll: [], afterAll: [], beforeEach: [], afterEach: [], entered: false, failure: null, remaining: 0 };
  }

  function needOpen(what) {
    if (!open) throw new Error(`${what} can be called from test files only`);
  }

  function addGroup(name, body, mode) {
    needOpen('describe');
    const own = newGroup(group, String(name), mode);
    const outer = group;
    group = own;
    try {
      const result = body();
      if (result && typeof result.then === 'function') result.then(() => {}, () => {});
    } finally {
      group = outer;
    }
  }

  function addCase(name, body, mode, options = {}) {
    needOpen('test');
    if (mode === 'only') onlyUsed = true;
    cases.push({ group, name: String(name), body, mode, timeout: options.timeout ?? TIMEOUT_MS, style: options.style ?? 'jest' });
  }

  function addHook(kind, body) {
    needOpen(kind);
    group[kind].push(body);
  }

  function fullName(item) {
    const names = [item.name];
    for (let at = item.group; at.parent; at = at.parent) names.unshift(at.name);
    return names.join(' > ');
  }

  function modeOf(item) {
    const modes = [item.mode];
    for (let at = item.group; at; at = at.parent) modes.push(at.mode);
    return modes;
  }

  // Places the two cases of ours among the author's.
  function addCanaries(bodies) {
    const wanted = input.options.only;
    const kept = cases.filter((item) => wanted === undefined || fullName(item) === wanted);
    cases.length = 0;
    cases.push(...kept);
    for (const kind of ['pass', 'fail']) {
      const { name, place } = input.canaries[kind];
      const item = { group: root, name, body: bodies[kind], mode: undefined, timeout: TIMEOUT_MS, style: 'jest', canary: true };
      cases.splice(Math.floor((place * cases.length) / 1000), 0, item);
    }
  }

  function isSkipped(item) {
    const modes = modeOf(item);
    if (item.canary) return false;
    if (typeof item.body !== 'function') return true;
    if (modes.includes('never')) return true;
    if (onlyUsed || modes.includes('only')) {
      if (!modes.includes('only') && !includeSkipped) return true;
    }
    return !includeSkipped && modes.includes('skip');
  }

  async function run() {
    const plan = [];
    for (const item of cases) {
      plan.push(['name', fullName(item)]);
      if (!item.canary && item.body) plan.push(['code', sourceOf(item.body)]);
      for (let at = item.group; at; at = at.parent) at.remaining += 1;
    }
    channel.emit('plan', plan);
    captureOutput();
    for (let at = 0; at < cases.length; at += 1) {
      channel.emit('start', [['i', at]]);
      output = '';
      const result = isSkipped(cases[at]) ? { status: 'skipped' } : await runCase(cases[at]);
      await leaveGroups(cases[at]);
      const changed = guard.findChanged();
      if (changed !== null) {
        channel.emit('forged', [['message', `the program changed the built-in ${changed}`]]);
        channel.leave(0);
      }
      channel.emit('case', [['i', at], ['status', result.status], ['message', result.message ?? ''], ['output', output]]);
    }
  }

  async function runCase(item) {
    const chain = [];
    for (let at = item.group; at; at = at.parent) chain.unshift(at);
    try {
      for (const at of chain) {
        if (at.entered) continue;
        at.entered = true;
        for (const hook of at.beforeAll) await call(hook, item, []);
      }
      for (const at of chain) for (const hook of at.beforeEach) await call(hook, item, []);
      await call(item.body, item, item.style === 'node' ? [newContext(item)] : []);
    } catch (error) {
      return describeFailure(error);
    } finally {
      chain.reverse();
      for (const at of chain) {
        for (const hook of at.afterEach) {
          try { await call(hook, item, []); } catch (error) { item.hookFailure = error; }
        }
      }
    }
    return item.hookFailure ? describeFailure(item.hookFailure) : item.skippedInside ? { status: 'skipped' } : { status: 'passed' };
  }

  async function leaveGroups(item) {
    for (let at = item.group; at; at = at.parent) {
      at.remaining -= 1;
      if (at.remaining === 0 && at.entered) {
        for (const hook of at.afterAll) {
          try { await call(hook, item, []); } catch { /* told by no framework as a case */ }
        }
      }
    }
  }

  // Calls with a time limit; `done` callbacks where the function declares a parameter (jest's rule).
  function call(body, item, values) {
    return new PromiseClass((resolve, reject) => {
      fail = reject;
      const timer = later(() => reject(new Error(`exceeded timeout of ${item.timeout} ms for a test`)), item.timeout);
      const settle = (action) => (value) => { forget(timer); action(value); };
      try {
        if (item.style === 'jest' && body.length > 0) {
          const done = (error) => (error ? settle(reject)(error) : settle(resolve)());
          done.fail = (error) => settle(reject)(error ?? new Error('done.fail was called'));
          apply(body, undefined, [done]);
          return;
        }
        const result = apply(body, undefined, values);
        if (result && typeof result.then === 'function') result.then(settle(resolve), settle(reject));
        else settle(resolve)();
      } catch (error) {
        settle(reject)(error);
      }
    });
  }

  // node:test's context with subtests, which count for their parent.
  function newContext(item) {
    const hooks = { beforeEach: [], afterEach: [] };
    const context = {
      name: item.name,
      signal: new AbortController().signal,
      diagnostic() {},
      skip() { if (!includeSkipped) item.skippedInside = true; },
      todo() {},
      plan() {},
      runOnly() {},
      before: (hook) => call(hook, item, []),
      after: (hook) => addAfter(item, hook),
      beforeEach: (hook) => hooks.beforeEach.push(hook),
      afterEach: (hook) => hooks.afterEach.push(hook),
      get mock() { return require('node:test').mock; },
      async test(name, options, body) {
        const own = typeof options === 'function' ? options : typeof name === 'function' ? name : body;
        if (typeof own !== 'function' || (options && options.skip && !includeSkipped)) return;
        try {
          for (const hook of hooks.beforeEach) await call(hook, item, []);
          await call(own, { ...item, style: 'node' }, [newContext({ ...item, name: String(name) })]);
          for (const hook of hooks.afterEach) await call(hook, item, []);
        } catch (error) {
          const wrapped = new Error(`${typeof name === 'string' ? name : 'subtest'}: ${(error && error.message) || error}`);
          wrapped.isAssertion = isAssertion(error);
          item.subtestFailure ??= wrapped;
          item.hookFailure ??= wrapped;
        }
      },
    };
    return context;
  }

  function addAfter(item, hook) {
    item.group.afterEach.push(hook);
  }

  const isAssertion = (error) => Boolean(error && (error.isAssertion === true || error.code === 'ERR_ASSERTION'));

  function describeFailure(error) {
    if (isAssertion(error)) return { status: 'failed', message: stripColours(String(error.message)) };
    let text = 'the test threw a value that is not an error';
    try {
      text = error instanceof Error || (error && error.message) ? `${error.name}: ${error.message}` : `thrown: ${String(error)}`;
      const place = /\/work\/([^\s()]+:\d+)(?::\d+)?/.exec(String(error.stack));
      if (place && !input.files.has('/work/' + place[1].replace(/:\d+$/, ''))) text += `\n    at ${place[1]}`;
    } catch { /* a value that cannot be described */ }
    return { status: 'errored', message: text };
  }

  function captureOutput() {
    for (const stream of [process.stdout, process.stderr]) {
      const write = stream.write.bind(stream);
      stream.write = (piece, ...rest) => {
        if (output.length < OUTPUT_CHARACTERS_MAX) output += String(piece).slice(0, OUTPUT_CHARACTERS_MAX);
        return write(piece, ...rest);
      };
    }
    const onError = (error) => { if (fail) fail(error); };
    process.on('uncaughtException', onError);
    process.on('unhandledRejection', onError);
  }

  return {
    addGroup, addCase, addHook, addCanaries, run,
    isOpen: () => open,
    setTimeoutForCases(ms) { for (const item of cases) item.timeout = ms; },
    inside(body) { open = true; try { return body(); } finally { open = false; } },
    async insideAsync(body) { open = true; try { return await body(); } finally { open = false; } },
    outside(body) { const was = open; open = false; try { return body(); } finally { open = was; } },
  };
}

const stripColours = (text) => text.replace(/\u001b\[[0-9;]*m/g, '');

function sourceOf(body) {
  const text = Function.prototype.toString.call(body);
  const match = /^(?:async\s+)?(?:function\s*\w*\s*)?\(?[^()]*\)?\s*(?:=>)?\s*\{([\s\S]*)\}$/.exec(text);
  const lines = (match ? match[1] : text).replace(/^\s*\n|\s+$/g, '').split('\n');
  const indent = Math.min(...lines.filter((line) => line.trim()).map((line) => /^\s*/.exec(line)[0].length));
  return lines.map((line) => line.slice(Number.isFinite(indent) ? indent : 0)).join('\n');
}

module.exports = { createSuite };
