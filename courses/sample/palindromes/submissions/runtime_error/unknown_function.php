<?php

while (($line = fgets(STDIN)) !== false) {
    echo reverse($line) === $line ? "yes\n" : "no\n";
}
