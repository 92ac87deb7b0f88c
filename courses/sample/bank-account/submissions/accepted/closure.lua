local module = {}

function module.open(amount)
  local balance, open = amount or 0, true
  local function ask(condition, text)
    if not condition then error(text, 3) end
  end
  print('a new account')
  return {
    balance = function() ask(open, 'account is closed') return balance end,
    deposit = function(_, sum)
      ask(open, 'account is closed')
      ask(sum > 0, 'amount must be positive')
      balance = balance + sum
    end,
    withdraw = function(_, sum)
      ask(open, 'account is closed')
      ask(sum > 0, 'amount must be positive')
      ask(sum <= balance, 'not enough money')
      balance = balance - sum
    end,
    close = function() ask(open, 'account is closed') open = false end,
  }
end

return module
