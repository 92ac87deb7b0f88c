local Account = {}
Account.__index = Account
function Account:balance() if self.closed then error('account is closed') end return self.amount end
function Account:deposit(sum)
  if self.closed then error('account is closed') end
  if sum <= 0 then error('amount must be positive') end
  self.amount = self.amount + sum
end
function Account:withdraw(sum)
  if self.closed then error('account is closed') end
  if sum <= 0 then error('amount must be positive') end
  if sum >= self.amount then error('not enough money') end
  self.amount = self.amount - sum
end
function Account:close() if self.closed then error('account is closed') end self.closed = true end
return { open = function(sum) return setmetatable({ amount = sum or 0 }, Account) end }
