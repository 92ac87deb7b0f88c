class Clock
  attr_reader :hour, :minute

  def initialize(hour, minute)
    @hour = (hour + minute.div(60)) % 24
    @minute = minute % 60
    puts "tick"
  end

  def to_s
    "#{hour.to_s.rjust(2, "0")}:#{minute.to_s.rjust(2, "0")}"
  end

  def +(other) = Clock.new(hour, minute + other)

  def -(other) = Clock.new(hour, minute - other)

  def ==(other) = other.is_a?(Clock) && to_s == other.to_s

  def eql?(other) = self == other

  def hash = to_s.hash
end
