<?php

while (true) {
    $line = fgets(STDIN);
}
