-- tries: answers with an object that says it equals everything
-- outcome: wrong_answer
local t = setmetatable({}, { __eq = function() return true end, __index = function() return 4 end })
return { double = function() return t end }
