<?php

while (($line = fgets(STDIN)) !== false) {
    echo "no\n";
}
