#!/bin/sh
# Prints the path of a CPython 3.11-3.13 that can make a virtual environment; else one line on stderr, exit 1.
# Usage: find_python.sh [PYTHON]   (a name or path that is to be used and no other)
set -u

supported='import sys; sys.exit(not (sys.implementation.name == "cpython" and (3, 11) <= sys.version_info[:2] <= (3, 13)))'
version='import sys; print(sys.implementation.name, ".".join(map(str, sys.version_info[:3])))'
seen=''

for candidate in ${1:-python3.13 python3.12 python3.11 python3 python}; do
    path=$(command -v "$candidate" 2>/dev/null) || continue
    # A version manager's shim may stand on the path and refuse to run.
    found=$("$path" -I -c "$version" 2>/dev/null) || { seen="$seen; $candidate does not run"; continue; }
    "$path" -I -c "$supported" 2>/dev/null || { seen="$seen; $candidate is $found"; continue; }
    if ! "$path" -I -c 'import ensurepip, venv' 2>/dev/null; then
        seen="$seen; $candidate lacks venv or ensurepip (on Debian and Ubuntu: apt install ${found#cpython }-venv)"
        seen=$(printf '%s' "$seen" | sed -E 's/apt install 3\.([0-9]+)\.[0-9]+-venv/apt install python3.\1-venv/')
        continue
    fi
    "$path" -I -c 'import sys; print(sys.executable)'
    exit 0
done

if [ -n "${1:-}" ] && [ -z "$seen" ]; then seen="; $1 is not there"; fi
printf 'yinuo needs CPython 3.11, 3.12 or 3.13%s. Install one, or name it: make PYTHON=/path/to/python3\n' "${seen:-; no python3 is on the path}" >&2
exit 1
