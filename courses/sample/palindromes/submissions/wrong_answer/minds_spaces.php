<?php

while (($line = fgets(STDIN)) !== false) {
    $line = strtolower(trim($line));
    echo $line === strrev($line) ? "yes\n" : "no\n";
}
