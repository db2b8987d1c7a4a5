#!/bin/sh
# Install the packages of debian-packages.txt that are missing: as root with apt-get, otherwise say what is left out.
set -u
cd "$(dirname "$0")/.."
missing=""
for name in $(sed -e 's/#.*//' debian-packages.txt | awk 'NF {print $1}'); do
    dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q "ok installed" || missing="$missing $name"
done
[ -z "$missing" ] && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "not installed (needs root and apt-get):$missing; going on without (inspector doctor says what that leaves out)"
    exit 0
fi
# nginx and redis would start as services of this machine: the tests start their own on loopback, and only there.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy"
    trap 'rm -f "$policy"' EXIT INT TERM
fi
# --no-install-recommends: nothing that only a desktop needs.
{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing; } \
    >/dev/null 2>&1 && exit 0
echo "could not install:$missing; going on without (inspector doctor says what that leaves out)"
