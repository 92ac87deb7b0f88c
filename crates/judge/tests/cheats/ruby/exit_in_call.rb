# tries: ends the process from within a call
# outcome: runtime_error
module Doubler
  def self.double(_) = exit!(0)
end
