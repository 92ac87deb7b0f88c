<?php
// Reads titles, one a line, and writes their addresses as JSON.
require 'address.php';
while (($line = fgets(STDIN)) !== false) {
    fwrite(STDOUT, json_encode(address(rtrim($line, "\n"))) . "\n");
}
