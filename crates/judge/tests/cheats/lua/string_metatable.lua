-- tries: changes the methods of strings
-- outcome: rejected
getmetatable('').__index = function() return function() return true end end
return { double = function() return 0 end }
