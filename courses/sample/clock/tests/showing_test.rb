require "minitest/autorun"
require_relative "clock"

class ShowingTest < Minitest::Test
  def test_morning
    assert_equal "08:05", Clock.new(8, 5).to_s
  end

  def test_midnight
    assert_equal "00:00", Clock.new(24, 0).to_s
  end

  def test_many_minutes
    assert_equal "01:40", Clock.new(0, 100).to_s
  end

  def test_below_zero
    assert_equal "23:59", Clock.new(0, -1).to_s, "one minute before midnight"
    assert_equal "19:20", Clock.new(-1, -220).to_s, "hours and minutes below 0"
  end
end
