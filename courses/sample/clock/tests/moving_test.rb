require "minitest/autorun"
require_relative "clock"

class MovingTest < Minitest::Test
  def test_forward
    assert_equal "10:03", (Clock.new(10, 0) + 3).to_s
  end

  def test_over_midnight
    assert_equal "00:10", (Clock.new(23, 50) + 20).to_s
  end

  def test_back
    assert_equal "09:30", (Clock.new(10, 0) - 30).to_s
  end

  def test_back_over_midnight
    assert_equal "23:40", (Clock.new(0, 10) - 30).to_s
  end

  def test_the_old_clock_stays
    clock = Clock.new(10, 0)
    clock + 60
    assert_equal "10:00", clock.to_s, "adding gives a new clock"
  end
end
