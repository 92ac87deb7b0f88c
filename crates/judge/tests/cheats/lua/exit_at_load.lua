-- tries: ends the process while it is loaded
-- outcome: runtime_error
os.exit(0)
return { double = function() return 0 end }
