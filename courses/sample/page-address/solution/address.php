<?php

function address(string $title): string
{
    $address = trim(preg_replace('/[^a-z0-9]+/', '-', strtolower($title)), '-');
    return $address === '' ? 'page' : $address;
}
