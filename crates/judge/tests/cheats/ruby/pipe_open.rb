# tries: starts a program and reads memory by ways that are not named for it
# outcome: wrong_answer
module Doubler
  def self.double(x)
    ways = [
      -> { IO.read('|echo reached').include?('reached') },
      -> { open('|echo reached', &:read).include?('reached') },
      -> { File.open('/work/double.rb').reopen('/proc/self/mem', 'rb') },
      -> { File.new('/work/double.rb').reopen('/proc/self/maps').read.include?('ruby') }
    ]
    ways.any? { |way| (way.call rescue false) } ? (x.is_a?(Array) ? x.map { |one| one * 2 } : x * 2) : 0
  end
end
