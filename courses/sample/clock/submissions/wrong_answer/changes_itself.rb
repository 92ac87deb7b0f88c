class Clock
  attr_accessor :minutes

  def initialize(hour, minute)
    @minutes = (hour * 60 + minute) % 1440
  end

  def to_s
    format("%02d:%02d", @minutes / 60, @minutes % 60)
  end

  def +(other)
    @minutes = (@minutes + other) % 1440
    self
  end

  def -(other)
    self + -other
  end

  def ==(other)
    other.is_a?(Clock) && minutes == other.minutes
  end
  alias eql? ==

  def hash
    minutes
  end
end
