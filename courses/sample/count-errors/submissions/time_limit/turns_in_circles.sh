#!/usr/bin/env bash
while :; do :; done
