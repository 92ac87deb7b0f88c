# Runs an author's minitest suites beside a learner's code in one Ruby process.
#
# Secrets are read and standard input is closed, minitest is loaded and frozen, and ways to look into this
# process are taken away, all before the learner's code is loaded.
require_relative 'channel'
Carrel::INPUT = Carrel::Channel.read_input
begin
  require 'minitest'
  require 'minitest/spec'
  require 'minitest/mock'
  require 'minitest/benchmark'
rescue LoadError => error
  Carrel::Channel.emit(:author, message: "minitest is not installed in this environment: #{error.message}")
  Process.exit!(0)
end
require 'stringio'
require 'set'
require_relative 'guard'

# `require 'minitest/autorun'` would run the suites at exit, after everything; the harness runs them.
def Minitest.autorun; end
$LOADED_FEATURES << 'minitest/autorun.rb' << 'minitest/pride.rb'

module Carrel
  exit_now = Process.method(:exit!)
  emit = Channel.method(:emit)
  input = INPUT
  remove_const(:INPUT)
  remove_const(:Channel)
  files = input[:files]
  loaded = {}
  skip_free = input[:options]['include_skipped'] == '1'

  # Test files and their helpers come from memory.
  run_file = lambda do |name|
    next false if loaded[name]
    loaded[name] = true
    source = files[name]
    source = source.gsub(/^(\s*)skip\b(?=\s*($|["'(#]))/, '\1nil #skip') if skip_free
    TOPLEVEL_BINDING.eval(source, "/work/#{name}")
    true
  end
  find = lambda do |path|
    [path, "#{path}.rb"].map { |file| file.delete_prefix('/work/') }.find { |file| files.key?(file) }
  end
  real_require = Kernel.instance_method(:require)
  real_relative = Kernel.instance_method(:require_relative)
  Kernel.module_eval do
    define_method(:require) do |path|
      next false if %w[minitest/autorun minitest/pride].include?(path)
      name = path.start_with?('.', '/') ? find.call(File.expand_path(path, '/work')) : nil
      name ? run_file.call(name) : real_require.bind_call(self, path)
    end
    define_method(:require_relative) do |path|
      base = File.dirname(caller_locations(1, 1).first.absolute_path || '/work/x.rb')
      absolute = File.expand_path(path, base)
      name = find.call(absolute)
      name ? run_file.call(name) : real_require.bind_call(self, absolute)
    end
    private :require, :require_relative
  end

  $LOAD_PATH.unshift('/work')
  Dir.chdir('/work')
  skipped_by_test = false
  guard = Guard.new(-> { skipped_by_test = true })
  ready = false
  # Registered first, so it runs after what the learner's code registers, as minitest itself does.
  at_exit do
    next unless ready
    ready = false
    changed = guard.changed
    if changed
      emit.call(:forged, message: "the program changed `#{changed}`")
      exit_now.call(0)
    end
    # Names and order are fixed now: every suite in the order it was written, its cases by line.
    only = input[:options]['only']
    plan = []
    Minitest::Runnable.runnables.each do |suite|
      next if suite.nil? || !(suite < Minitest::Test)
      names = suite.public_instance_methods(true).grep(/\Atest_/).map(&:to_s)
      names.select! { |name| files.key?(suite.instance_method(name).source_location&.first.to_s.delete_prefix('/work/')) }
      names.sort_by! { |name| [suite.instance_method(name).source_location&.last || 0, name] }
      names.each do |name|
        label = "#{suite}##{name}"
        plan << [label, suite, name] if only.nil? || only == label
      end
    end
    number = Random.new.rand(1..2**40)
    canaries = Class.new(Minitest::Test) do
      define_method(:test_pass) { assert_equal [number, 'x'], [number, 'x'] }
      define_method(:test_fail) { assert_equal [number, 'x'], [number + 1, 'x'] }
    end
    Minitest::Runnable.runnables.delete(canaries)
    %w[pass fail].each do |kind|
      canary = input[:canaries][kind]
      plan.insert(canary[:place] * plan.size / 1000, [canary[:name], canaries, "test_#{kind}"])
    end
    input = nil

    code_of = lambda do |suite, name|
      file, line = suite.instance_method(name).source_location
      lines = files[file.to_s.delete_prefix('/work/')]&.lines
      next '' unless lines && line
      indent = lines[line - 1][/\A\s*/].size
      body = lines.drop(line).take_while { |text| !(text =~ /\A\s{#{indent}}end\b/) }
      body.join.gsub(/^\s{0,#{indent + 2}}/, '')
    end
    fields = plan.flat_map { |label, suite, name| [[:name, label], [:code, suite.equal?(canaries) ? '' : code_of.call(suite, name)]] }
    emit.call(:plan, fields)

    failed = Minitest::Assertion
    unexpected = Minitest::UnexpectedError
    skipped = Minitest::Skip
    plan.each_with_index do |(_, suite, name), place|
      emit.call(:start, i: place)
      skipped_by_test = false
      captured = StringIO.new
      real_out = $stdout
      $stdout = captured
      # What `new` and `run` are is fixed: minitest's classes are frozen.
      result = Minitest::Test.instance_method(:run).bind_call(Minitest::Runnable.method(:new).unbind.bind_call(suite, name))
      $stdout = real_out
      changed = guard.changed
      if changed
        emit.call(:forged, message: "the program changed `#{changed}`")
        exit_now.call(0)
      end
      failures = result.failures
      first = failures.first
      status = if first.nil? then 'passed'
               elsif skipped === first then skipped_by_test ? 'skipped' : 'errored'
               elsif unexpected === first then 'errored'
               elsif failed === first then 'failed'
               else 'errored'
               end
      message = ''
      if first && status != 'skipped'
        message = first.message.to_s
        if status == 'errored'
          error = first.respond_to?(:error) ? first.error : first
          where = (error.backtrace || []).find { |line| line.start_with?('/work/') && !files.key?(line[%r{\A/work/([^:]+)}, 1]) }
          message = "#{error.class}: #{error.message}#{where && "\n    #{where.delete_prefix('/work/')}"}"
        end
      end
      emit.call(:case, i: place, status: status, message: message, output: captured.string)
    end
    emit.call(:end, {})
    exit_now.call(0)
  end

  begin
    input[:mains].each { |name| run_file.call(name) }
  rescue SystemExit, SignalException
    raise
  rescue Exception => error
    place = (error.message.scan(%r{/work/([^:\s]+):(\d+)}) + (error.backtrace || []).filter_map { |line| line[%r{\A/work/([^:]+):(\d+)}] && [$1, $2] })
            .find { |file, _| !files.key?(file) }
    if error.is_a?(SyntaxError) && place.nil?
      emit.call(:author, message: error.message)
    else
      text = "#{error.class}: #{error.message}".gsub('/work/', '')
      emit.call(:load, kind: error.is_a?(SyntaxError) ? 'syntax' : 'runtime', file: place && place[0], line: place && place[1],
                       message: "your code could not be loaded: #{place && !error.is_a?(SyntaxError) ? place.join(':') + ': ' : ''}#{text}")
    end
    exit_now.call(0)
  end
  ready = true
end
