module Carrel
  # What the learner's code must not have or change.
  class Guard
    # Adding methods to these is honest; replacing what they had is noticed.
    WATCHED = [BasicObject, Object, Kernel, Module, Class, Comparable, Enumerable, Integer, Float, String, Symbol, Array, Hash, Range,
               NilClass, TrueClass, FalseClass, Proc, Method, UnboundMethod, Regexp, MatchData, Exception, StandardError, Numeric, Set, Struct,
               Rational, Complex, StringIO].freeze
    FROZEN = [Minitest, Minitest::Assertions, Minitest::Assertion, Minitest::Skip, Minitest::UnexpectedError, Minitest::Reportable,
              Minitest::Result, Minitest::Guard, Minitest::Test::LifecycleHooks, UnboundMethod, Method, Process, Signal].freeze

    PLAIN = { Integer => Numeric, Float => Numeric, Rational => Numeric, Complex => Numeric, String => String, Symbol => Symbol,
              Array => Array, Hash => Hash, NilClass => NilClass, TrueClass => TrueClass, FalseClass => FalseClass, Range => Range }.freeze
    NUMBERS = [Integer, Float, Rational, Complex].freeze

    # An object of the learner's own class is never equal to a plain value, whatever its `==` says.
    def self.make_assertions_fair
      class_of = Kernel.instance_method(:class)
      is_a = Module.instance_method(:===)
      at = Array.instance_method(:at)
      fetch = Hash.instance_method(:[])
      identical = BasicObject.instance_method(:equal?)
      fair = lambda do |expected, actual, depth|
        # Also what makes lists of a million numbers cheap.
        return true if identical.bind_call(expected, actual)
        kind = PLAIN[class_of.bind_call(expected)]
        return true if kind.nil? || depth > 100
        return false if BasicObject.equal?(actual) || !is_a.bind_call(kind, actual)
        return NUMBERS.include?(class_of.bind_call(actual)) || class_of.bind_call(actual).name.to_s == 'BigDecimal' if kind.equal?(Numeric)
        return true unless class_of.bind_call(expected).equal?(Array) || class_of.bind_call(expected).equal?(Hash)
        return expected.all? { |key, item| fair.call(item, fetch.bind_call(actual, key), depth + 1) } if kind.equal?(Hash)
        item_at = at.bind(actual)
        expected.each_with_index do |item, place|
          other = item_at.call(place)
          return false unless identical.bind_call(item, other) || fair.call(item, other, depth + 1)
        end
        true
      end
      { assert_equal: false, refute_equal: true }.each do |name, inverted|
        original = Minitest::Assertions.instance_method(name)
        Minitest::Assertions.define_method(name) do |expected, actual, message = nil|
          next original.bind_call(self, expected, actual, message) if inverted || fair.call(expected, actual, 0)
          flunk(message(message, '') { diff(expected, actual) }.call)
        end
      end
    end

    def self.close_doors
      refuse = lambda do |owner, name, label|
        owner.define_method(name) { |*| raise SecurityError, "#{label} is not available while tests run" }
      end
      %i[each_object trace_object_allocations reachable_objects_from dump dump_all].each do |name|
        refuse.call(ObjectSpace.singleton_class, name, "ObjectSpace.#{name}") if ObjectSpace.respond_to?(name)
      end
      refuse.call(Proc, :binding, 'Proc#binding')
      refuse.call(TracePoint.singleton_class, :new, 'TracePoint.new')
      refuse.call(TracePoint.singleton_class, :trace, 'TracePoint.trace')
      %i[set_trace_func syscall fork exec spawn system `].each { |name| refuse.call(Kernel, name, name.to_s) }
      %i[set_trace_func syscall fork exec spawn system `].each { |name| refuse.call(Kernel.singleton_class, name, name.to_s) }
      %i[fork exec spawn daemon].each { |name| refuse.call(Process.singleton_class, name, "Process.#{name}") }
      refuse.call(IO.singleton_class, :popen, 'IO.popen')
      # Both give the variables of the harness's own frames.
      %i[set_trace_func add_trace_func].each { |name| refuse.call(Thread, name, "Thread##{name}") }
      # `gets` and ARGF open what ARGV names.
      ARGV.freeze
      refuse.call(ARGF.class.singleton_class, :new, 'ARGF.class.new')
      refuse.call(RubyVM::InstructionSequence.singleton_class, :of, 'RubyVM::InstructionSequence.of') if defined?(RubyVM::InstructionSequence)
      guard_paths
      guard_libraries
      %w[fiddle ffi debug objspace coverage ripper/sexp pty win32ole].each { |name| $LOADED_FEATURES << "#{name}.rb" << "#{name}.so" }
    end

    # Nor are these found under their whole path, or by what `require` was before.
    def self.guard_libraries
      closed = %w[fiddle ffi ffi_c objspace coverage pty win32ole].freeze
      base = File.method(:basename)
      [Kernel, Kernel.singleton_class].product(%i[require require_relative gem_original_require]).each do |owner, name|
        next unless owner.method_defined?(name) || owner.private_method_defined?(name)
        original = owner.instance_method(name)
        # What is relative is so to the caller, which would be this file: the harness has its own.
        next if name == :require_relative
        owner.define_method(name) do |path|
          text = String.new(path.respond_to?(:to_path) ? path.to_path : path)
          raise LoadError, "#{text} is not available while tests run" if closed.include?(base.call(text, '.*'))
          original.bind_call(self, text)
        end
        owner.send(:private, name) if owner.equal?(Kernel)
      end
    end

    # No way into /proc, through which a process can read its own memory.
    def self.guard_paths
      expand, real, exist = %i[expand_path realpath exist?].map { |name| File.method(name) }
      allowed = %w[/dev/null /dev/urandom /dev/random].freeze
      # The path as a plain text, so that the one that is looked at is the one that is used.
      check = lambda do |path|
        next path if Integer === path || Hash === path || IO === path || path.nil?
        text = path.respond_to?(:to_path) ? path.to_path : path
        next path unless String === text || text.respond_to?(:to_str)
        text = String.new(String === text ? text : text.to_str)
        # A program to start.
        raise Errno::EACCES, text if text.lstrip.start_with?('|')
        absolute = expand.call(text)
        absolute = real.call(absolute) if exist.call(absolute)
        raise Errno::EACCES, text if absolute.match?(%r{\A/(proc|sys|dev)(/|\z)}) && !allowed.include?(absolute)
        text
      end
      { IO.singleton_class => %i[read write binread binwrite readlines foreach sysopen open copy_stream],
        File.singleton_class => %i[open new symlink link read write binread readlines foreach rename],
        File => %i[initialize reopen], IO => %i[reopen], Kernel => %i[open load], Kernel.singleton_class => %i[open load], Dir.singleton_class => %i[open new children entries each_child foreach chdir] }.each do |owner, names|
        two = %i[symlink link rename copy_stream].freeze
        names.each do |name|
          next unless owner.method_defined?(name) || owner.private_method_defined?(name)
          original = owner.instance_method(name)
          owner.define_method(name) do |*values, **options, &block|
            values[0] = check.call(values[0]) unless values.empty?
            values[1] = check.call(values[1]) if two.include?(name)
            original.bind_call(self, *values, **options, &block)
          end
          owner.send(:private, name) if owner.equal?(Kernel)
        end
      end
    end

    # `skipping` is called when a test, not the learner's code, asks to be skipped.
    def initialize(skipping)
      self.class.close_doors
      self.class.make_assertions_fair
      Minitest::Assertions.define_method(:skip) do |message = nil, _backtrace = nil|
        skipping.call
        raise Minitest::Skip, message || 'Skipped, no message given'
      end
      FROZEN.each(&:freeze)
      singletons = [Minitest::Runnable.singleton_class, Minitest::Test.singleton_class]
      instances = [Minitest::Test, Minitest::Runnable]
      known = (WATCHED + singletons).map { |owner| [owner, owner.ancestors, methods_of(owner, false)] }
      known += (instances + singletons).map { |owner| [owner, owner.ancestors, methods_of(owner, true)] }
      ancestors = Module.instance_method(:ancestors)
      lookup = Module.instance_method(:instance_method)
      same = UnboundMethod.instance_method(:==)
      # Adding modules to Object and friends is honest as long as everything known resolves as before.
      define_singleton_method(:changed) do
        known.each do |owner, before, methods|
          now = ancestors.bind_call(owner)
          return "#{owner}'s ancestors" unless (now & before) == before && now.first.equal?(before.first)
          methods.each do |name, method|
            found = begin
              lookup.bind_call(owner, name)
            rescue NameError
              nil
            end
            return "#{owner}##{name}" unless found && same.bind_call(found, method)
          end
        end
        nil
      end
    end

    def methods_of(owner, inherited)
      names = owner.instance_methods(inherited) + owner.private_instance_methods(inherited)
      names.uniq.map { |name| [name, owner.instance_method(name)] }
    end
  end
end
