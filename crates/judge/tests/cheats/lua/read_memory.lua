-- tries: reads its own memory for the key
-- outcome: wrong_answer
return { double = function() local f = io.open('/proc/self/mem') or io.open('/work/../proc/self/mem') return f and 4 or 0 end }
