-- tries: leaves a test by yielding out of it, by values that mean "pending", and by errors that are no texts
-- outcome: rejected
local calls = 0
return {
  double = function(x)
    calls = calls + 1
    if coroutine.isyieldable() then coroutine.yield() end
    if calls == 1 then error({ pending = true, message = 'later' }) end
    if calls == 2 then error(setmetatable({}, { __tostring = function() return 'ok' end, __eq = function() return true end })) end
    return 0
  end
}
