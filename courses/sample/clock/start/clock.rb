class Clock
  def initialize(hour, minute)
  end
end
