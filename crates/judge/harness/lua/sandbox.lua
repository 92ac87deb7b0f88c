-- The learner's world: copies of the standard libraries without the ways out of it.
return function(_, channel)
  local load, open, pairs, pcall, type, error = load, io.open, pairs, pcall, type, error
  local stderr, to_text, concat, select = io.stderr, tostring, table.concat, select
  local OUTPUT_BYTES_MAX = 20000
  local printed, printed_bytes = {}, 0

  local function record(text)
    if printed_bytes < OUTPUT_BYTES_MAX then
      printed[#printed + 1] = text
      printed_bytes = printed_bytes + #text
    end
    stderr:write(text)
  end

  local function copy(library)
    local own = {}
    for name, value in pairs(library) do own[name] = value end
    return own
  end

  local function refuse(what)
    return function() error(what .. ' is not available while tests run', 2) end
  end

  -- Paths below /work and /tmp only: no /proc, through which a process can read its own memory.
  local function allowed(path)
    path = to_text(path)
    if path:find('%.%.') or path:find('%z') then return false end
    return path:sub(1, 1) ~= '/' or path:find('^/work/') ~= nil or path:find('^/tmp/') ~= nil
  end
  local function guard(name, action)
    return function(path, ...)
      if path ~= nil and type(path) == 'string' and not allowed(path) then
        return nil, path .. ': Permission denied (' .. name .. ')', 13
      end
      return action(path, ...)
    end
  end

  local world = {}
  for _, name in pairs { 'assert', 'error', 'getmetatable', 'ipairs', 'next', 'pairs', 'pcall', 'rawequal', 'rawget', 'rawlen',
    'rawset', 'select', 'setmetatable', 'tonumber', 'tostring', 'type', 'xpcall', 'collectgarbage', 'warn', '_VERSION', 'unpack' } do
    world[name] = _G[name]
  end
  for _, name in pairs { 'string', 'table', 'math', 'utf8', 'coroutine', 'os', 'io', 'bit32' } do
    if _G[name] then world[name] = copy(_G[name]) end
  end
  world._G = world
  -- Both worlds share the strings' metatable; nobody gets at it.
  getmetatable('').__index = copy(string)
  getmetatable('').__metatable = 'strings'
  world.string.dump = nil
  world.debug = { traceback = debug.traceback }

  world.print = function(...)
    local parts = {}
    for at = 1, select('#', ...) do parts[at] = to_text((select(at, ...))) end
    record(concat(parts, '\t') .. '\n')
  end

  local output = setmetatable({}, { __metatable = 'file', __name = 'FILE*' })
  function output:write(...)
    for at = 1, select('#', ...) do record(to_text((select(at, ...)))) end
    return self
  end
  function output:flush() return self end
  function output:close() return nil, 'standard output stays open' end
  function output:setvbuf() return true end
  function output:seek() return nil, 'Illegal seek' end
  local empty = setmetatable({}, { __metatable = 'file', __name = 'FILE*' })
  function empty:read() return nil end
  function empty:lines() return function() return nil end end
  function empty:close() return true end
  local real_io = io
  world.io = {
    stdout = output, stderr = output, stdin = empty, type = io.type,
    write = function(...) return output:write(...) end,
    read = function() return nil end,
    open = guard('open', open),
    lines = function(path, ...)
      if path == nil then return function() return nil end end
      if not allowed(path) then error(to_text(path) .. ': Permission denied', 2) end
      return real_io.lines(path, ...)
    end,
    close = function(file) if file and file ~= output then return file:close() end return true end,
    output = function() return output end,
    input = function() return empty end,
    tmpfile = io.tmpfile,
    popen = refuse('io.popen'),
  }
  world.os.exit = refuse('os.exit')
  world.os.execute = refuse('os.execute')
  world.os.remove = guard('remove', os.remove)
  world.os.rename = function(from, to)
    if not (allowed(from) and allowed(to)) then return nil, 'Permission denied', 13 end
    return os.rename(from, to)
  end

  world.load = function(chunk, name, _, environment)
    if type(chunk) == 'function' then
      local parts = {}
      for piece in chunk do
        if piece == '' then break end
        parts[#parts + 1] = piece
      end
      chunk = concat(parts)
    end
    return load(chunk, name, 't', environment == nil and world or environment)
  end
  world.loadstring = world.load

  local function read_file(path)
    if not allowed(path) then return nil, path .. ': Permission denied' end
    local file, problem = open(path, 'rb')
    if not file then return nil, problem end
    local content = file:read('a')
    file:close()
    return content
  end
  world.loadfile = function(path, _, environment)
    local content, problem = read_file(path)
    if not content then return nil, problem end
    return load((content:gsub('^#[^\n]*', '')), '@' .. path, 't', environment == nil and world or environment)
  end
  world.dofile = function(path) return assert(world.loadfile(path))() end

  local loaded = { _G = world }
  for _, name in pairs { 'string', 'table', 'math', 'utf8', 'coroutine', 'os', 'io', 'debug' } do loaded[name] = world[name] end
  world.package = { loaded = loaded, preload = {}, path = './?.lua;./?/init.lua', cpath = '', config = package.config }

  local function find(name)
    local base = name:gsub('%.', '/')
    for _, path in pairs { '/work/' .. base .. '.lua', '/work/' .. base .. '/init.lua' } do
      local content = read_file(path)
      if content then return path:sub(7), content end
    end
  end

  -- Why the learner's code could not be loaded, told once.
  local function fail_to_load(kind, file, problem)
    local named, line, rest = to_text(problem):match('^([^:]+):(%d+): (.*)$')
    channel.emit('load', 'kind', kind, 'file', named or file, 'line', line or '', 'message',
      'your code could not be loaded: ' .. (named and named .. ':' .. line .. ': ' .. rest or to_text(problem)))
    os.exit(0, false)
  end

  local function require_module(name, from_tests)
    if loaded[name] ~= nil then return loaded[name] end
    if world.package.preload[name] then
      loaded[name] = world.package.preload[name](name) or true
      return loaded[name]
    end
    local path, content = find(name)
    if not path then error("module '" .. to_text(name) .. "' not found", 3) end
    local body, problem = load((content:gsub('^#[^\n]*', '')), '@' .. path, 't', world)
    if not body then
      if not from_tests then error(problem, 0) end
      fail_to_load('syntax', path, problem)
    end
    if from_tests then
      local ok, value = pcall(body, name)
      if not ok then fail_to_load('runtime', path, value) end
      if value ~= nil then loaded[name] = value end
    else
      local value = body(name)
      if value ~= nil then loaded[name] = value end
    end
    if loaded[name] == nil then loaded[name] = true end
    return loaded[name]
  end
  world.require = function(name) return require_module(name, false) end

  return {
    has = function(name) return loaded[name] ~= nil and _G[name] == nil or find(name) ~= nil end,
    require = function(name) return require_module(name, true) end,
    take_output = function()
      local text = concat(printed)
      printed, printed_bytes = {}, 0
      return text
    end,
    world = world,
  }
end
