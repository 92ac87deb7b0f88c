-- tries: finalisers and closers that end the program or write results when it ends
-- outcome: wrong_answer
local keep = setmetatable({}, { __gc = function() print('ok 1 - double two'); pcall(os.exit, 0) end })
return {
  double = function()
    local ending <close> = setmetatable({}, { __close = function() print('1..2\nok 1\nok 2'); end })
    collectgarbage('collect')
    return 0
  end
}
