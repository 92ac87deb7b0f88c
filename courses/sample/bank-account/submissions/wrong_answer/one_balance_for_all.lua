local balance = 0
local Account = {}
Account.__index = Account
function Account:balance() return balance end
function Account:deposit(sum) balance = balance + sum end
function Account:withdraw(sum) balance = balance - sum end
function Account:close() balance = nil end
return { open = function(sum) balance = sum or 0 return setmetatable({}, Account) end }
