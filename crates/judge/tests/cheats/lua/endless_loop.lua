-- tries: never comes back
-- outcome: time_limit
return { double = function() while true do end end }
