# tries: is wrong, honestly
# outcome: wrong_answer
module Doubler
  def self.double(_) = 0
end
