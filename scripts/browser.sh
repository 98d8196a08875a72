#!/bin/sh
# What the browser tests need beyond Python, from Debian's packages; nothing where it is there already.
set -eu
if command -v chromium >/dev/null && command -v chromedriver >/dev/null; then exit 0; fi
packages="chromium chromium-driver fonts-noto-cjk"
if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
    echo "the browser tests need $packages: let an administrator install them (on Debian: apt-get install $packages)" >&2
    exit 1
fi
echo "installing $packages"
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >/dev/null
