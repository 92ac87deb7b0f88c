class Clock
  def initialize(hour, minute)
    @minutes = hour * 60 + minute

  def to_s
    format("%02d:%02d", @minutes / 60, @minutes % 60)
  end
end
