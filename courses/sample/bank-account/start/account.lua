local account = {}

function account.open(amount)
end

return account
