#!/usr/bin/env bash
file=$1
