<?php

function address(string $title): string
{
    $words = [''];
    foreach (str_split(strtolower($title)) as $character) {
        if (ctype_alnum($character)) {
            $words[count($words) - 1] .= $character;
        } else {
            $words[] = '';
        }
    }
    return implode('-', array_filter($words, fn ($word) => $word !== '')) ?: 'page';
}
