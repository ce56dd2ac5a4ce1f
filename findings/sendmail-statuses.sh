#!/usr/bin/env bash
# What sendmail programs that hand the message to a relay themselves say by their exit status. Needs Debian 12, python3.
#
# Seen with Debian 12's msmtp 1.8.23-1, esmtp 1.2-18+b1 and ssmtp 2.64-11, called as PROGRAM -i -f FROM -- RECIPIENT:
#
#   what the relay did                             msmtp  esmtp  ssmtp
#   was not there                                     75     69      1
#   took the message                                   0      0      0
#   refused the recipient, 550                        65     70      1
#   refused the recipient, 451                        69     70      1
#   refused the whole message, 554                    69     70      1
#   had the whole message, closed without a word      76     70      1
#
# So esmtp and ssmtp say the same of "surely not sent" and of "may have been sent". Prints the table that it sees, and
# ends with 1 if that is another one. Nothing is installed: the packages are unpacked into a folder that is removed.
set -euo pipefail

folder=$(mktemp -d)
relay=""
trap '[ -z "$relay" ] || kill "$relay" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"

apt-get download -q msmtp=1.8.23-1 esmtp=1.2-18+b1 ssmtp=2.64-11 \
    libgsasl18 libsecret-1-0 libesmtp6 libntlm0 libgssglue1 libidn12 >download.log 2>&1 || {
    cat download.log >&2
    exit 69
}
for package in *.deb; do dpkg -x "$package" root; done
LD_LIBRARY_PATH=$(find "$folder/root" -name '*.so*' -printf '%h\n' | sort -u | paste -sd:)
export LD_LIBRARY_PATH

cat >relay.py <<'PYTHON'
# A relay for one table row: the first argument says at what it stops being kind. Prints its port.
import socket, sys, threading

deed = sys.argv[1]
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)


def serve(connection):
    lines = connection.makefile("rb")
    say = lambda text: connection.sendall(text.encode() + b"\r\n")
    say("220 relay.example")
    for line in lines:
        verb = line[:4].upper()
        if verb == b"RCPT":
            say({"recipient-550": "550 unknown", "recipient-451": "451 later"}.get(deed, "250 fine"))
        elif verb == b"DATA":
            say("354 go on")
            while lines.readline() not in (b".\r\n", b""):
                pass
            if deed == "silent":
                break
            say("554 no" if deed == "message-554" else "250 taken")
        elif verb == b"QUIT":
            say("221 bye")
            break
        else:
            say("250 fine")
    connection.shutdown(socket.SHUT_RDWR)


while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
PYTHON
printf 'From: a@x.example\nTo: b@y.example\nSubject: s\n\nhello\n' >message

export HOME="$folder"
configure() {
    printf 'defaults\nhost 127.0.0.1\nport %s\ntls off\nauth off\naccount default\nfrom a@x.example\n' "$1" >.msmtprc
    printf 'hostname = 127.0.0.1:%s\nstarttls = disabled\n' "$1" >.esmtprc
    printf 'mailhub=127.0.0.1:%s\nhostname=x.example\nFromLineOverride=YES\n' "$1" >ssmtp.conf
    chmod 600 .msmtprc .esmtprc
}

# Prints the status of a program that is given the message.
status() {
    local code=0
    timeout 20 "$@" -i -f a@x.example -- b@y.example <message >/dev/null 2>&1 || code=$?
    printf ' %s' "$code"
}

row() {
    printf '%s' "$1"
    status root/usr/bin/msmtp
    status root/usr/bin/esmtp
    status root/usr/sbin/ssmtp -Cssmtp.conf
    printf '\n'
}

{
    for deed in away kind recipient-550 recipient-451 message-554 silent; do
        : >port
        python3 relay.py "$deed" >port &
        relay=$!
        until [ -s port ]; do sleep 0.1; done
        configure "$(cat port)"
        # A port that was just in use and is free now: nobody is there.
        if [ "$deed" = away ]; then kill "$relay"; wait "$relay" 2>/dev/null || true; fi
        row "$deed"
        kill "$relay" 2>/dev/null || true
        wait "$relay" 2>/dev/null || true
        relay=""
    done
} >seen

cat >expected <<'TABLE'
away 75 69 1
kind 0 0 0
recipient-550 65 70 1
recipient-451 69 70 1
message-554 69 70 1
silent 76 70 1
TABLE
cat seen
diff expected seen >&2
