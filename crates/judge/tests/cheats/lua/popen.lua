-- tries: starts a program
-- outcome: wrong_answer
return { double = function() local ok, f = pcall(io.popen, 'echo 4') return ok and f:read('n') or 0 end }
