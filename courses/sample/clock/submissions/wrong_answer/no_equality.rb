class Clock
  def initialize(hour, minute)
    @minutes = (hour * 60 + minute) % 1440
  end

  def to_s
    format("%02d:%02d", @minutes / 60, @minutes % 60)
  end

  def +(other)
    Clock.new(0, @minutes + other)
  end

  def -(other)
    Clock.new(0, @minutes - other)
  end
end
