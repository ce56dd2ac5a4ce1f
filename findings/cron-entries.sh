#!/usr/bin/env bash
# How four crons of Debian 12 read the same entries. Needs Debian 12, root (unshare -m), and about four minutes.
#
# Seen with cron 3.0pl1-162, busybox-static 1:1.35.0-4+deb12u1, bcron 0.11-19 and the generator of systemd-cron
# 1.15.19-5; see the table at the end. What surprises:
#
#   - bcron and systemd-cron start an entry with both days restricted on days that are both; bcron's manual says either.
#   - systemd-cron makes one blank of several, inside of quotes too, and takes the days of week 5-7 for every day.
#   - Only Debian's cron takes the backslash from \%, and gives what follows a bare percent sign to standard input.
#   - bcron leaves out @reboot. (busybox's crond is not given such a line here.)
#
# Prints the table, and ends with 1 if it is another one. Nothing is installed: the packages are unpacked into a folder
# that is removed, and the crons run in a mount namespace with a /var/spool and a /run of their own.
set -euo pipefail

if [ "${1:-}" != inside ]; then
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    (cd "$folder" && apt-get download -q cron busybox-static bcron libbg2 systemd-cron >download.log 2>&1) || {
        cat "$folder/download.log" >&2
        exit 69
    }
    for package in "$folder"/*.deb; do dpkg -x "$package" "$folder/root"; done
    unshare -m "$0" inside "$folder"
    exit
fi

folder=$2
root=$folder/root
cd "$folder"
mount -t tmpfs none /var/spool
mount -t tmpfs none /run
mkdir -p /var/spool/cron/crontabs /var/spool/cron/tmp /run/systemd units
LD_LIBRARY_PATH=$(find "$root" -name 'libbg.so.2' -printf '%h\n' | head -1)
export LD_LIBRARY_PATH PATH="$root/usr/sbin:$root/usr/bin:$PATH"
getent passwd cron >/dev/null || export BCRON_USER=root

today=$(date +%-d) other=$(((today % 28) + 1)) week=$(date +%w) next=$((($(date +%w) + 1) % 7))

# The crontab for one cron; what it starts writes into the folder out/CRON.
entries() {
    mkdir -p "out/$1"
    local out="$folder/out/$1"
    cat <<TAB
* * * * * echo '50\\%' > $out/escaped
* * * * * cat > $out/bare %said
* * * * * echo 'a  b' > $out/blanks
* * $today * $next touch $out/day-of-month
* * $other * $week touch $out/day-of-week
TAB
    [ "$1" = busybox ] || echo "@reboot touch $out/reboot"
}

install_tab() {
    entries "$1" >/var/spool/cron/crontabs/root
    chmod 600 /var/spool/cron/crontabs/root
}

there() { if [ -e "out/$1" ]; then printf yes; else printf no; fi; }
line() { tr '\n' ' ' <"out/$1" 2>/dev/null || true; }

install_tab vixie
timeout 70 "$root/usr/sbin/cron" -f || true
install_tab busybox
timeout 70 "$root/bin/busybox" crond -f -c /var/spool/cron/crontabs 2>/dev/null || true
install_tab bcron
mkfifo /var/spool/cron/trigger
timeout 70 bcron-start >/dev/null 2>&1 || true
for cron in vixie busybox bcron; do
    printf '%s|escaped %s|bare %s|blanks %s|day of month %s|day of week %s' "$cron" "$(line $cron/escaped)" \
        "$(line $cron/bare)" "$(line $cron/blanks)" "$(there $cron/day-of-month)" "$(there $cron/day-of-week)"
    [ "$cron" = busybox ] || printf '|reboot %s' "$(there $cron/reboot)"
    printf '\n'
done >seen

printf '%s\n' "0 4 13 * 5 echo '50\\%'   'a  b'" '0 4 * * 5-7 true' >/var/spool/cron/crontabs/root
python3 "$root/lib/systemd/system-generators/systemd-crontab-generator" units 2>/dev/null
{
    echo "systemd-cron"
    grep -h OnCalendar units/cron-root-root-*.timer
    cat units/cron-root-root-0.sh
    echo
} >>seen

cat seen
diff - seen >&2 <<'TABLE'
vixie|escaped 50% |bare said |blanks a  b |day of month yes|day of week yes|reboot yes
busybox|escaped 50\% |bare |blanks a  b |day of month yes|day of week yes
bcron|escaped 50\% |bare |blanks a  b |day of month no|day of week no|reboot no
systemd-cron
OnCalendar=Fri *-*-13 4:0:00
OnCalendar= *-*-* 4:0:00
echo '50\%' 'a b'
TABLE
