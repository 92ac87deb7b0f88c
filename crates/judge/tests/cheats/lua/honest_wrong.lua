-- tries: is wrong, honestly
-- outcome: wrong_answer
return { double = function() return 0 end }
