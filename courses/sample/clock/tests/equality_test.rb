require "minitest/autorun"
require_relative "clock"

class EqualityTest < Minitest::Test
  def test_same_time
    assert_equal Clock.new(1, 30), Clock.new(25, 30)
  end

  def test_other_time
    refute_equal Clock.new(1, 30), Clock.new(1, 31)
  end

  def test_key_of_a_hash
    assert_equal 1, { Clock.new(0, 0) => 1 }[Clock.new(24, 0)]
  end

  def test_not_equal_to_other_things
    refute_equal Clock.new(1, 30), "01:30"
  end
end
