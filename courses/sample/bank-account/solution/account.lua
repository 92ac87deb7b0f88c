local Account = {}
Account.__index = Account

local function check(self)
  if self.closed then error('account is closed') end
end

local function check_amount(amount)
  if amount <= 0 then error('amount must be positive') end
end

function Account:balance()
  check(self)
  return self.amount
end

function Account:deposit(amount)
  check(self)
  check_amount(amount)
  self.amount = self.amount + amount
end

function Account:withdraw(amount)
  check(self)
  check_amount(amount)
  if amount > self.amount then error('not enough money') end
  self.amount = self.amount - amount
end

function Account:close()
  check(self)
  self.closed = true
end

return {
  open = function(amount)
    return setmetatable({ amount = amount or 0, closed = false }, Account)
  end,
}
