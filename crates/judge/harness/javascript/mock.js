// jest.fn, jest.spyOn and what tests use of them.
'use strict';
const { mocks } = require('./expect.js');
const { apply, construct } = Reflect;

function create() {
  const all = [];

  function fn(implementation) {
    const fresh = () => ({ calls: [], results: [], instances: [], contexts: [], invocationCallOrder: [] });
    const state = fresh();
    const once = [];
    let body = implementation;
    const mock = function (...values) {
      state.calls.push(values);
      state.instances.push(this);
      state.contexts.push(this);
      const chosen = once.length ? once.shift() : body;
      try {
        const value = chosen ? (new.target ? construct(chosen, values) : apply(chosen, this, values)) : undefined;
        state.results.push({ type: 'return', value });
        return value;
      } catch (error) {
        state.results.push({ type: 'throw', value: error });
        throw error;
      }
    };
    const chain = (action) => (value) => { action(value); return mock; };
    const clear = () => { for (const list of Object.values(state)) list.length = 0; };
    Object.assign(mock, {
      mock: state,
      mockImplementation: chain((value) => { body = value; }),
      mockImplementationOnce: chain((value) => { once.push(value); }),
      mockReturnValue: chain((value) => { body = () => value; }),
      mockReturnValueOnce: chain((value) => { once.push(() => value); }),
      mockReturnThis: chain(() => { body = function () { return this; }; }),
      mockResolvedValue: chain((value) => { body = async () => value; }),
      mockResolvedValueOnce: chain((value) => { once.push(async () => value); }),
      mockRejectedValue: chain((value) => { body = async () => { throw value; }; }),
      mockRejectedValueOnce: chain((value) => { once.push(async () => { throw value; }); }),
      mockName: chain(() => {}),
      getMockName: () => 'jest.fn()',
      getMockImplementation: () => body,
      mockClear: chain(clear),
      mockReset: chain(() => { clear(); once.length = 0; body = undefined; }),
      mockRestore: chain(() => { clear(); once.length = 0; body = implementation; if (mock.restore) mock.restore(); }),
    });
    mocks.set(mock, state);
    all.push(mock);
    return mock;
  }

  function spyOn(object, name) {
    const original = object[name];
    if (mocks.has(original)) return original;
    const mock = fn(original);
    object[name] = mock;
    mock.restore = () => { object[name] = original; };
    return mock;
  }

  const unsupported = (name) => () => { throw new Error(`jest.${name} is not supported`); };
  return {
    fn, spyOn,
    isMockFunction: (value) => mocks.has(value),
    clearAllMocks() { for (const mock of all) mock.mockClear(); },
    resetAllMocks() { for (const mock of all) mock.mockReset(); },
    restoreAllMocks() { for (const mock of all) mock.mockRestore(); },
    setTimeout() {},
    mock: unsupported('mock'),
    useFakeTimers: unsupported('useFakeTimers'),
    useRealTimers() {},
  };
}

module.exports = { create };
