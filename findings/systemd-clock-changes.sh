#!/usr/bin/env bash
# Which times systemd's OnCalendar leaves out when the clock changes. Needs Debian 12 (apt-get download).
#
# Seen with systemd 252 (252.39-1~deb12u2), zone Europe/Berlin, 2026:
#
#   2:30 each day, on 29 March, when 2:00 to 3:00 is skipped      not at all on that day
#   2:30 each day, on 25 October, when 2:00 to 3:00 comes twice   the first time only
#   each half hour, on 25 October                                 02:30 the first time only
#
# Debian's cron starts a job with a fixed time right after the jump, and one with a star in each of the two hours.
# Ends with 1 if it sees something else. Nothing is installed: the packages are unpacked into a folder that is removed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -q systemd libsystemd-shared >download.log 2>&1 || {
    cat download.log >&2
    exit 69
}
for package in *.deb; do dpkg -x "$package" root; done
LD_LIBRARY_PATH=$(find "$folder/root" -name 'libsystemd-shared-*.so' -printf '%h\n' | sort -u | paste -sd:)
export LD_LIBRARY_PATH TZ=UTC

# after FROM COUNT CALENDAR: the instants at which it starts, in UTC.
after() {
    root/usr/bin/systemd-analyze calendar --base-time="$1" --iterations="$2" "$3" |
        sed -nE 's/^ *(Next elapse|Iter\. #[0-9]+): [A-Za-z]+ ([-0-9]+ [:0-9]+) UTC$/\2/p'
}

{
    echo skipped
    after '2026-03-28 00:00:00 UTC' 2 '*-*-* 02:30:00 Europe/Berlin'
    echo twice
    after '2026-10-24 23:00:00 UTC' 2 '*-*-* 02:30:00 Europe/Berlin'
    echo star
    after '2026-10-24 23:45:00 UTC' 3 '*-*-* *:30:00 Europe/Berlin'
} >seen
cat seen
diff - seen >&2 <<'TIMES'
skipped
2026-03-28 01:30:00
2026-03-30 00:30:00
twice
2026-10-25 00:30:00
2026-10-26 01:30:00
star
2026-10-25 00:30:00
2026-10-25 02:30:00
2026-10-25 03:30:00
TIMES
