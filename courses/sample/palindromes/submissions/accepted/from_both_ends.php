<?php

foreach (file('php://stdin', FILE_IGNORE_NEW_LINES) as $line) {
    $letters = array_values(array_filter(str_split(strtolower($line)), 'ctype_alpha'));
    $answer = 'Yes';
    for ($i = 0, $j = count($letters) - 1; $i < $j; $i++, $j--) {
        if ($letters[$i] !== $letters[$j]) {
            $answer = 'No';
        }
    }
    echo $answer, "  \n";
}
