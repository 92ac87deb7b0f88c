<?php

function address(string $title): string
{
    return str_replace(' ', '-', trim(strtolower($title))) ?: 'page';
}
