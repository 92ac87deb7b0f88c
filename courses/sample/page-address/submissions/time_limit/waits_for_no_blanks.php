<?php

function address(string $title): string
{
    while (str_contains($title, ' ')) {
        $title = str_replace('  ', ' ', $title);
    }
    return strtolower($title);
}
