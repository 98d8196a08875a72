#!/bin/sh
# What the tests need beyond Python and Java, from Debian's packages; nothing where it is there already.
set -eu
packages=""
need() { # need PROGRAM PACKAGE...
    command -v "$1" >/dev/null && return
    shift
    packages="$packages $*"
}
need chromium chromium fonts-noto-cjk
need chromedriver chromium-driver
need kcat kcat
need psql postgresql-client
[ -x /usr/lib/postgresql/15/bin/postgres ] || packages="$packages postgresql-15"
if [ -z "$packages" ]; then exit 0; fi
if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
    echo "some tests need$packages: let an administrator install them (on Debian: apt-get install$packages)" >&2
    exit 1
fi
echo "installing$packages"
apt-get update -qq
# shellcheck disable=SC2086 # a list of names
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >/dev/null
