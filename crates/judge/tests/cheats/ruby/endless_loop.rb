# tries: never comes back
# outcome: time_limit
module Doubler
  def self.double(_)
    loop {}
  end
end
