#!/usr/bin/env bash
# What sendmail programs make of `-i -f FROM -- RECIPIENT…` and of `-oi`. Needs Debian 12, root (unshare -m, overlayfs),
# apt-get install from the network, and some minutes.
#
# Each package is installed by itself into an overlay of this system that is thrown away, and relays to a server on the
# loopback of a network of its own. The message has a line with a dot alone. Surprising:
#
#   - dma 0.13 takes -i, and ignores -oi: what follows the dot is lost, with status 0. It sends each recipient a copy.
#   - ssmtp 2.64 (with FromLineOverride=YES) ignores -f: the envelope's sender is the From field's.
#
# Prints the table, and ends with 1 if it is another one.
set -euo pipefail
programs="postfix exim4-daemon-light nullmailer opensmtpd dma msmtp esmtp ssmtp"

try() { # in the overlay: runs the program and tells what the relay was sent
    : >/relay/seen
    local status=0
    timeout 60 /usr/sbin/sendmail "$@" </relay/message >/dev/null 2>&1 || status=$?
    after >/dev/null 2>&1
    printf '|%s %s' "$status" "$(sort /relay/seen | tr '\n' ' ')"
}

inside() {
    ip link set lo up
    python3 /relay/relay.py &
    relay=$!
    until (: </dev/tcp/127.0.0.1/2525) 2>/dev/null; do sleep 0.3; done
    after() { sleep 1; }
    case $1 in
    postfix)
        postconf -e 'relayhost=[127.0.0.1]:2525' inet_interfaces=loopback-only mydestination= inet_protocols=ipv4 \
            smtp_tls_security_level=none myhostname=h.example
        postfix start >/dev/null 2>&1
        after() { postqueue -f && sleep 8; }
        ;;
    exim4-daemon-light)
        cat >/etc/exim4/exim4.conf <<'CONFIGURATION'
primary_hostname = h.example
begin acl
begin routers
all:
  driver = manualroute
  route_list = * 127.0.0.1
  self = send
  transport = relay
begin transports
relay:
  driver = smtp
  port = 2525
  hosts_avoid_tls = *
begin retry
CONFIGURATION
        after() { exim4 -qff && sleep 6; }
        ;;
    nullmailer)
        echo '127.0.0.1 smtp --port=2525' >/etc/nullmailer/remotes
        su mail -s /bin/sh -c nullmailer-send >/dev/null 2>&1 &
        after() { sleep 8; }
        ;;
    opensmtpd)
        printf 'action r relay host smtp://127.0.0.1:2525\nmatch from local for any action r\n' >/etc/smtpd.conf
        smtpd >/dev/null 2>&1
        until smtpctl show stats >/dev/null 2>&1; do sleep 0.3; done
        after() { sleep 8; }
        ;;
    dma)
        printf 'SMARTHOST 127.0.0.1\nPORT 2525\nMAILNAME h.example\n' >/etc/dma/dma.conf
        after() { sleep 4 && dma -q && sleep 6; }
        ;;
    msmtp)
        printf 'defaults\nhost 127.0.0.1\nport 2525\ntls off\nauth off\naccount default\nfrom c@x.example\n' >/etc/msmtprc
        ln -sf /usr/bin/msmtp /usr/sbin/sendmail
        ;;
    esmtp)
        printf 'hostname = 127.0.0.1:2525\nstarttls = disabled\n' >/etc/esmtprc
        ln -sf /usr/bin/esmtp /usr/sbin/sendmail
        ;;
    ssmtp) printf 'mailhub=127.0.0.1:2525\nhostname=h.example\nFromLineOverride=YES\n' >/etc/ssmtp/ssmtp.conf ;;
    esac
    printf '%s' "$1"
    try -i -f f@x.example -- r@y.example s@z.example
    try -oi -f f@x.example r@y.example
    printf '\n'
    kill "$relay"
}

overlay() { # in a mount namespace: installs the package and runs `inside` in it
    local place=$2/overlay # the mounts end with this namespace
    mkdir -p "$place"
    mount -t tmpfs none "$place"
    mkdir "$place/upper" "$place/work" "$place/root"
    mount -t overlay overlay -o "lowerdir=/,upperdir=$place/upper,workdir=$place/work" "$place/root"
    mount -t proc proc "$place/root/proc"
    mount --rbind /dev "$place/root/dev"
    mkdir "$place/root/relay"
    cp "$2/relay.py" "$2/message" "$0" "$place/root/relay/"
    printf '#!/bin/sh\nexit 101\n' >"$place/root/usr/sbin/policy-rc.d"
    chmod 755 "$place/root/usr/sbin/policy-rc.d"
    echo h.example >"$place/root/etc/mailname"
    DEBIAN_FRONTEND=noninteractive chroot "$place/root" apt-get install -y -q --no-install-recommends "$1" \
        >"$2/install.log" 2>&1 || { cat "$2/install.log" >&2; exit 69; }
    chroot "$place/root" unshare -n "/relay/${0##*/}" inside "$1"
}

case ${1:-} in
inside) inside "$2"; exit ;;
overlay) overlay "$2" "$3"; exit ;;
esac

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
printf 'From: a@x.example\nTo: r@y.example\nSubject: s\n\nbefore\n.\nafter\n' >"$folder/message"
cat >"$folder/relay.py" <<'PYTHON'
# A relay that writes down senders, recipients, and whether a message came whole.
import socket, threading

listener = socket.create_server(("127.0.0.1", 2525))


def serve(connection):
    lines = connection.makefile("rb")
    say = lambda text: connection.sendall(text.encode() + b"\r\n")
    say("220 relay.example")
    for line in lines:
        verb = line[:4].upper()
        if verb in (b"MAIL", b"RCPT"):
            tell(line.split(b":", 1)[1].split(b">")[0].lstrip(b" <").decode())
            say("250 fine")
        elif verb == b"DATA":
            say("354 go on")
            text = b""
            while (more := lines.readline()) not in (b".\r\n", b""):
                text += more
            tell("whole" if b"after" in text else "cut")
            say("250 taken")
        elif verb == b"QUIT":
            say("221 bye")
            break
        else:
            say("250 fine")
    connection.close()


def tell(text):
    with open("/relay/seen", "a") as file:
        file.write(text + "\n")


while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
PYTHON
for program in $programs; do unshare -m "$0" overlay "$program" "$folder"; done | tee "$folder/seen"
diff "$folder/seen" - >&2 <<'TABLE'
postfix|0 f@x.example r@y.example s@z.example whole |0 f@x.example r@y.example whole 
exim4-daemon-light|0 f@x.example r@y.example s@z.example whole |0 f@x.example r@y.example whole 
nullmailer|0 f@x.example r@y.example s@z.example whole |0 f@x.example r@y.example whole 
opensmtpd|0 f@x.example r@y.example s@z.example whole |0 f@x.example r@y.example whole 
dma|0 f@x.example f@x.example r@y.example s@z.example whole whole |0 cut f@x.example r@y.example 
msmtp|0 f@x.example r@y.example s@z.example whole |0 f@x.example r@y.example whole 
esmtp|0 f@x.example r@y.example s@z.example whole |0 f@x.example r@y.example whole 
ssmtp|0 a@x.example r@y.example s@z.example whole |0 a@x.example r@y.example whole 
TABLE
