# Log files are made in the work directory: what the script can see.
teardown() {
  rm -f app.log "my app.log"
}

@test "counts lines that begin with ERROR" {
  printf 'INFO start\nERROR one\nERROR two\nINFO an ERROR inside\nERROR three\n' > app.log
  run bash count_errors.sh app.log
  echo "printed: $output"
  [ "$status" -eq 0 ]
  [ "$output" = "3" ]
}

@test "a file without errors gives 0" {
  printf 'INFO start\nINFO end\n' > app.log
  run bash count_errors.sh app.log
  echo "printed: $output, exit code $status"
  [ "$status" -eq 0 ]
  [ "$output" = "0" ]
}

@test "an empty file gives 0" {
  : > app.log
  run bash count_errors.sh app.log
  [ "$status" -eq 0 ]
  [ "$output" = "0" ]
}

@test "a name with spaces" {
  printf 'ERROR\n' > "my app.log"
  run bash count_errors.sh "my app.log"
  echo "printed: $output"
  [ "$output" = "1" ]
}

@test "no argument: usage and exit code 2" {
  run bash count_errors.sh
  echo "printed: $output, exit code $status"
  [ "$status" -eq 2 ]
  [ "$output" = "usage: count_errors.sh FILE" ]
}

@test "a missing file: exit code 1" {
  run bash count_errors.sh missing.log
  [ "$status" -eq 1 ]
  [ -n "$output" ]
}
