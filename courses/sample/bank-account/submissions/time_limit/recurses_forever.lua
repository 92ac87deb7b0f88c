local module = {}

function module.open(amount)
  return module.open(amount)
end

return module
