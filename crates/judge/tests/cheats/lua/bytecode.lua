-- tries: loads byte code that breaks out
-- outcome: wrong_answer
return { double = function() return (pcall(load, '\27Lua')) and 0 end }
