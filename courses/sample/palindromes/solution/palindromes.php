<?php

function is_palindrome(string $line): bool
{
    $letters = preg_replace('/[^a-z]/', '', strtolower($line));
    return $letters === strrev($letters);
}

while (($line = fgets(STDIN)) !== false) {
    echo is_palindrome($line) ? "yes\n" : "no\n";
}
