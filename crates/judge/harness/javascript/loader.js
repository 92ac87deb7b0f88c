// Loads the author's test files from memory and the learner's modules from disk, ES
// modules and CommonJS. Test files are never on disk.
'use strict';
const fs = require('fs');
const path = require('path');
const vm = require('vm');
const url = require('url');
const Module = require('module');
const { readFileSync, statSync } = fs;
const channel = require('./channel.js');

const EXTENSIONS = ['', '.js', '.mjs', '.cjs', '.json', '/index.js'];
const SYNTAX_OF_MODULES = /^\s*(import\s*[\w{*'"]|export\s+(default|const|let|var|function|async|class|\{|\*)|export\s*[{*])/m;

function isFile(file) {
  try { return statSync(file).isFile(); } catch { return false; }
}

function create(testFiles, builtins, suite) {
  const cache = new Map();
  const unreadable = new WeakMap();
  const isTestFile = (file) => testFiles.has(file);
  const readSource = (file) => (isTestFile(file) ? testFiles.get(file) : readFileSync(file, 'utf8'));

  function resolve(specifier, from) {
    const base = specifier.startsWith('file:') ? url.fileURLToPath(specifier) : path.resolve(path.dirname(from), specifier);
    for (const extension of EXTENSIONS) {
      if (isTestFile(base + extension) || isFile(base + extension)) return base + extension;
    }
    const error = new Error(`Cannot find module '${specifier}' from '${path.relative('/work', from)}'`);
    error.code = 'MODULE_NOT_FOUND';
    throw error;
  }

  const isRelative = (specifier) => /^(\.{0,2}\/|\.{1,2}$|file:)/.test(specifier);
  const builtinOf = (specifier, from) => (isTestFile(from) ? builtins[specifier.replace(/^node:/, '')] : builtins.shared[specifier]);

  function synthetic(name, value) {
    const names = new Set(['default']);
    if (value !== null && (typeof value === 'object' || typeof value === 'function')) {
      for (const key of Object.keys(value)) names.add(key);
    }
    return new vm.SyntheticModule([...names], function () {
      for (const key of names) {
        if (key !== 'default') this.setExport(key, value[key]);
      }
      const isModule = value !== null && typeof value === 'object' && value.__esModule && 'default' in value;
      this.setExport('default', isModule ? value.default : value);
    }, { identifier: name });
  }

  function isModuleSource(file, source) {
    if (file.endsWith('.mjs')) return true;
    if (file.endsWith('.cjs') || file.endsWith('.json')) return false;
    return SYNTAX_OF_MODULES.test(source);
  }

  function load(specifier, from) {
    if (!isRelative(specifier)) {
      const builtin = builtinOf(specifier, from);
      const key = `${isTestFile(from)}:${specifier}`;
      if (!cache.has(key)) cache.set(key, synthetic(specifier, builtin ?? Module.createRequire('/work/x.js')(specifier)));
      return cache.get(key);
    }
    const file = resolve(specifier, from);
    if (!cache.has(file)) cache.set(file, compile(file));
    return cache.get(file);
  }

  function compile(file) {
    const source = readSource(file);
    if (!isModuleSource(file, source)) return synthetic(file, requireFile(file));
    let module;
    try {
      module = new vm.SourceTextModule(source, settingsFor(file));
    } catch (error) {
      if (!isTestFile(file)) unreadable.set(error, path.relative('/work', file));
      throw error;
    }
    return module;
  }

  function settingsFor(file) {
    return {
      identifier: url.pathToFileURL(file).href,
      initializeImportMeta(meta) {
        meta.url = url.pathToFileURL(file).href;
        meta.filename = file;
        meta.dirname = path.dirname(file);
      },
      async importModuleDynamically(specifier) {
        const imported = load(specifier, file);
        if (imported.status === 'unlinked') await imported.link((name, parent) => load(name, fileOf(parent)));
        await imported.evaluate();
        return imported;
      },
    };
  }

  const fileOf = (module) => (module.identifier.startsWith('file:') ? url.fileURLToPath(module.identifier) : module.identifier);

  // A CommonJS module: the learner's by Node's own loader, a test helper from memory.
  function requireFile(file) {
    if (!isTestFile(file)) return suite.outside(() => Module.createRequire('/work/x.js')(file));
    if (file.endsWith('.json')) return JSON.parse(testFiles.get(file));
    return runCommonJs(file);
  }

  const commonJs = new Map();
  function runCommonJs(file) {
    if (commonJs.has(file)) return commonJs.get(file).exports;
    const module = { exports: {}, id: file, filename: file, loaded: false };
    commonJs.set(file, module);
    const require = (specifier) => {
      if (!isRelative(specifier)) return builtinOf(specifier, file) ?? Module.createRequire('/work/x.js')(specifier);
      const target = resolve(specifier, file);
      return isTestFile(target) ? requireFile(target) : suite.outside(() => requireFile(target));
    };
    // Strict, so that no callee can reach the test function through `caller`.
    const body = vm.compileFunction(`'use strict';${testFiles.get(file)}`, ['exports', 'require', 'module', '__filename', '__dirname'], { filename: file });
    body.call(module.exports, module.exports, require, module, file, path.dirname(file));
    return module.exports;
  }

  async function runTest(file) {
    if (!isModuleSource(file, readSource(file))) return suite.inside(() => runCommonJs(file));
    const module = load(file, '/work/x.js');
    await module.link((specifier, parent) => load(specifier, fileOf(parent)));
    // The learner's modules are evaluated before test cases may be registered.
    await evaluateDependencies(module, new Set());
    return suite.insideAsync(() => module.evaluate());
  }

  async function evaluateDependencies(module, seen) {
    for (const specifier of module.dependencySpecifiers ?? []) {
      const dependency = load(specifier, fileOf(module));
      if (seen.has(dependency)) continue;
      seen.add(dependency);
      if (isTestFile(fileOf(dependency))) await evaluateDependencies(dependency, seen);
      else await dependency.evaluate();
    }
  }

  function reportLoadFailure(error) {
    const stack = String((error && error.stack) || error);
    const place = [...stack.matchAll(/(?:file:\/\/)?\/work\/([^\s:()]+):(\d+)/g)].find((match) => !isTestFile('/work/' + match[1]));
    const syntax = error instanceof SyntaxError;
    const broken = syntax ? unreadable.get(error) : undefined;
    if (broken !== undefined) {
      channel.emit('load', [['kind', 'syntax'], ['file', broken], ['message', `${broken}: SyntaxError: ${error.message}`]]);
      return;
    }
    const inTest = [...stack.matchAll(/(?:file:\/\/)?\/work\/([^\s:()]+)/g)].some((match) => isTestFile('/work/' + match[1]));
    const text = `${(error && error.name) || 'Error'}: ${(error && error.message) || error}`;
    const unsupported = /^Error: jest\.\w+ is not supported$/.test(text);
    if ((syntax || unsupported) && inTest && !place && !/does not provide an export/.test(text)) {
      channel.emit('author', [['message', stack.slice(0, 2000)]]);
      return;
    }
    const fields = [['kind', syntax && place ? 'syntax' : 'runtime']];
    if (place) fields.push(['file', place[1]], ['line', place[2]]);
    const where = place ? `${place[1]}:${place[2]}: ` : '';
    channel.emit('load', [...fields, ['message', `your code could not be loaded: ${where}${text}`]]);
  }

  return { runTest, reportLoadFailure };
}

module.exports = { create };
