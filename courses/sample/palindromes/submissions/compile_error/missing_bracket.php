<?php

while (($line = fgets(STDIN)) !== false {
    echo "yes\n";
}
