-- Runs the author's tests through busted twice: first only to list the cases, then for good, with our two
-- cases between them. Busted knows its cases only while it runs the blocks around them.
local SETUPS = { setup = true, strict_setup = true, lazy_setup = true, teardown = true, strict_teardown = true, lazy_teardown = true }

-- Stands between busted and its executors; called before busted registers them.
local function gate(busted)
  local state = { listing = true }
  local register, safe = busted.register, busted.safe
  busted.register = function(descriptor, executor, attributes)
    if (descriptor == 'it' or descriptor == 'pending') and type(executor) == 'function' then
      local original = executor
      executor = function(element) return state.take(element, original) end
    end
    return register(descriptor, executor, attributes)
  end
  busted.safe = function(descriptor, run, element)
    if state.listing and SETUPS[descriptor] then return busted.status('success') end
    return safe(descriptor, run, element)
  end
  return state
end

local function run(busted, state, world)
  local input, channel, sandbox = world.input, world.channel, world.sandbox
  local include_skipped = input.options.include_skipped == '1'
  local load, ipairs, to_text, type, pcall = load, ipairs, tostring, type, pcall
  local floor = math.floor
  local plan, at, message, status, problem = {}, 0, nil, nil, nil

  local function full_name(element)
    local names = { element.name or element.descriptor }
    local above = busted.context.parent(element)
    while above and above.descriptor ~= 'file' and above.descriptor ~= 'suite' do
      if above.name then table.insert(names, 1, above.name) end
      above = busted.context.parent(above)
    end
    return table.concat(names, ' ')
  end

  local function describe(text)
    if type(text) == 'table' then
      local ok, shown = pcall(function() return text.message or require('pl.pretty').write(text) end)
      text = ok and shown or 'a table was raised as an error'
    end
    return (to_text(text):gsub('^[^\n:]*:%d+: ', function(place)
      local file = place:match('^(.*):%d+: $')
      return (input.files['/work/' .. file] or file:find('/', 1, true) == 1) and '' or place
    end))
  end

  local function subscribe(name, action)
    busted.subscribe(name, function(...)
      action(...)
      return nil, true
    end, { priority = 1 })
  end
  local function note(element, _, text)
    message = message or describe(text)
    if element.descriptor ~= 'it' then problem = problem or to_text(type(text) == 'table' and text.message or text) end
  end
  subscribe({ 'failure' }, note)
  subscribe({ 'error' }, note)
  subscribe({ 'test', 'end' }, function(_, _, result) status = result end)

  local function fail_to_load()
    local file, line = problem:match('^([^:\n]+):(%d+):')
    local ours = file and (input.files['/work/' .. file] or file:find('/', 1, true) == 1)
    if (file and not ours) or problem:find("module '[^']*' not found") then
      channel.emit('load', 'kind', 'runtime', 'file', file or '', 'line', line or '', 'message', 'your code could not be loaded: ' .. problem)
    else
      channel.emit('author', 'message', problem)
    end
    world.exit(0, false)
  end

  -- Our cases use the assertions that the author's use.
  local luassert = require 'luassert'
  local number = math.random(1, 1 << 40)
  local bodies = {
    pass = function() luassert.are.same({ number, 'x' }, { number, 'x' }) luassert.are.equal(number, number) end,
    fail = function() luassert.are.same({ number, 'x' }, { number + 1, 'x' }) end,
  }
  local function add_canaries()
    for _, kind in ipairs { 'pass', 'fail' } do
      local canary = input.canaries[kind]
      table.insert(plan, floor(canary.place * #plan / 1000) + 1, { name = canary.name, body = bodies[kind] })
    end
  end

  local function report(item, result)
    channel.emit('case', 'i', item, 'status', result, 'message', message or '', 'output', sandbox.take_output())
  end

  local function begin()
    at = at + 1
    channel.emit('start', 'i', at - 1)
    sandbox.take_output()
    message, status = nil, nil
  end

  local function run_canaries()
    while plan[at + 1] and plan[at + 1].body do
      begin()
      local ok, text = pcall(plan[at].body)
      message = not ok and describe(text) or nil
      report(at - 1, ok and 'passed' or 'failed')
    end
  end

  state.take = function(element, original)
    local name = full_name(element)
    if input.options.only ~= nil and name ~= input.options.only then return end
    if state.listing then
      plan[#plan + 1] = { name = name }
      return
    end
    run_canaries()
    begin()
    local ok, text = pcall(original, element)
    if not ok then message = message or describe(text) end
    local results = { success = 'passed', pending = 'skipped', failure = 'failed' }
    report(at - 1, ok and results[status] or 'errored')
  end

  for _, name in ipairs(input.mains) do
    local source = input.files['/work/' .. name]
    if include_skipped then source = source:gsub('%f[%w_]pending(%s*%(%s*[\'"])', 'it%1') end
    local body, fault = load(source, '@' .. name, 't')
    if not body then
      channel.emit('author', 'message', fault)
      world.exit(0, false)
    end
    local file = setmetatable({ getTrace = function(_, info) return info end }, { __call = body })
    busted.executors.file(name, file)
  end

  subscribe({ 'suite', 'reset' }, function()
    if problem then fail_to_load() end
    add_canaries()
    local fields = {}
    for _, item in ipairs(plan) do
      fields[#fields + 1] = 'name'
      fields[#fields + 1] = item.name
    end
    channel.emit('plan', table.unpack(fields))
    state.listing = false
  end)
  require 'busted.execute' (busted)(2, {})
  run_canaries()
end

return { gate = gate, run = run }
