#!/bin/sh
# Starts coturn with turnserver.conf beside this file and, behind it, what belongs to this place:
#   CASEROUND_TURN_SECRET      the same word Caseround has
#   CASEROUND_MEDIA_ADDRESSES  addresses of the media server, comma separated; the only ones relayed to
#   TURN_ADDRESS               this machine's own address, to listen on and to relay from
#   TURN_CERTIFICATE, TURN_KEY fullchain.pem and privkey.pem of the relay's name
# The secret goes into a file of this user, never on the command line, where every process could read it.
set -eu
umask 077
for file in "${TURN_CERTIFICATE:?the certificate of the relay, PEM with its chain}" "${TURN_KEY:?its key, PEM}"; do
  [ -r "$file" ] || { echo "turnserver.sh: $file cannot be read by user $(id -u): change its owner" >&2; exit 1; }
done
conf=$(mktemp)
{
  cat "$(dirname "$0")/turnserver.conf"
  echo "static-auth-secret=${CASEROUND_TURN_SECRET:?the word shared with Caseround: openssl rand -hex 32}"
  echo "listening-ip=${TURN_ADDRESS:?this machine\'s own address}"
  echo "cert=$TURN_CERTIFICATE"
  echo "pkey=$TURN_KEY"
  echo "${CASEROUND_MEDIA_ADDRESSES:?addresses of the media server}" | tr -d ' ' | tr ',' '\n' | sed 's/^/allowed-peer-ip=/'
} >"$conf"
exec turnserver -c "$conf" --pidfile= "$@"
