<?php

function address(string $title): string
{
    return strtolower($title;
}
