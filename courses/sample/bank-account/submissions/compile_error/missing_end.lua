local module = {}

function module.open(amount)
  local self = { amount = amount or 0 }
  function self:balance() return self.amount
  return self
end

return module
