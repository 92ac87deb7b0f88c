module Carrel
  # The report channel. The key lives in a closure; the module itself is taken away before the learner's code.
  module Channel
    key = ''
    sequence = 0
    # dup: a program that closes descriptor 3 does not close this one.
    out = IO.for_fd(3, 'wb', autoclose: false).dup
    out.close_on_exec = true
    write = out.method(:syswrite)
    stat = out.method(:stat)
    # What stands behind the descriptor: nothing is said to a file that was put in its place.
    identity = stat.call.ino
    leave = Process.method(:exit!)
    encode = lambda do |value|
      value.to_s[0, 60_000].b.gsub(/[^A-Za-z0-9_.~-]/n) { |byte| format('%%%02x', byte.ord) }
    end

    define_singleton_method(:emit) do |verb, fields|
      record = +"\n#{key} #{sequence} #{verb}"
      fields.each { |name, value| record << " #{name}=#{encode.call(value)}" }
      record << "\n"
      sequence += 1
      leave.call(70) unless stat.call.ino == identity
      while record.bytesize.positive?
        written = write.call(record)
        record = record.byteslice(written..)
      end
    end

    # Blocks `kind name-length content-length`, see framework/session.rs.
    define_singleton_method(:read_input) do
      input = { options: {}, files: {}, mains: [], canaries: { 'pass' => {}, 'fail' => {} } }
      $stdin.binmode
      while (head = $stdin.gets)
        kind, name_length, content_length = head.split(' ')
        name = $stdin.read(name_length.to_i).force_encoding('UTF-8')
        content = $stdin.read(content_length.to_i).force_encoding('UTF-8')
        $stdin.read(1)
        case kind
        when 'key' then key = content
        when 'option' then input[:options][name] = content
        when 'canary' then input[:canaries][name][:name] = content
        when 'place' then input[:canaries][name][:place] = content.to_i
        when 'main' then input[:mains] << name
        else input[:files][name] = content
        end
      end
      $stdin.reopen('/dev/null')
      input
    end
  end
end
