# tries: ends the process while it is loaded
# outcome: runtime_error
module Doubler
  def self.double(_) = 0
end
exit! 0
