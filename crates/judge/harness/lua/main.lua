-- Runs an author's busted tests beside a learner's modules in one Lua process.
--
-- Started as `lua5.4 main.lua` with the report channel on standard output and the program's own output on
-- standard error (see framework/busted.rs). The tests come over standard input. The learner's modules are
-- loaded into a world of their own: no `debug`, no `os.exit`, no programs, no files outside /work and /tmp,
-- and copies of the library tables, so that nothing of the tests can be reached or changed.
local directory = arg[0]:match('^(.*)/[^/]*$')
local channel = dofile(directory .. '/channel.lua')
local input = channel.read_input()
local real_require, real_load, real_exit = require, load, os.exit

local found, core = pcall(real_require, 'busted.core')
if not found then
  channel.emit('author', 'message', 'busted is not installed in this environment: ' .. tostring(core))
  real_exit(0, false)
end
local suite = dofile(directory .. '/suite.lua')
local sandbox = dofile(directory .. '/sandbox.lua')(input, channel)
local busted = core()
local state = suite.gate(busted)
real_require 'busted'(busted)
real_require 'busted.languages.en'

-- Tests and the learner's modules meet in `require`: helpers of the tests come from memory.
local loaded = {}
function require(name)
  local source = input.files['/work/' .. name:gsub('%.', '/') .. '.lua']
  if source then
    if loaded[name] == nil then
      local value = assert(real_load(source, '@' .. name .. '.lua', 't'))(name)
      loaded[name] = value == nil and true or value
    end
    return loaded[name]
  end
  if sandbox.has(name) then return sandbox.require(name) end
  return real_require(name)
end

suite.run(busted, state, { input = input, channel = channel, sandbox = sandbox, exit = real_exit })
channel.emit('end')
real_exit(0, false)
