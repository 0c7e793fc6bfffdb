#!/bin/sh
# Puts the settings into deploy/nginx.conf and runs nginx with it in the foreground: MINGJING_RUN must be writable.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
: "${MINGJING_RUN:=/tmp}" "${MINGJING_SERVER_NAME:=_}" "${MINGJING_HTTP_PORT:=8080}" "${MINGJING_HTTPS_PORT:=8443}"
: "${MINGJING_UPSTREAMS:=server 127.0.0.1:8001; server 127.0.0.1:8002;}" "${MINGJING_MIME_TYPES:=/etc/nginx/mime.types}"
: "${MINGJING_ACCESS_LOG:=/dev/stdout}"
: "${MINGJING_STATIC:=$here/../service/web/static}" "${MINGJING_CERTIFICATES:=/etc/mingjing/tls}"
export MINGJING_RUN MINGJING_SERVER_NAME MINGJING_HTTP_PORT MINGJING_HTTPS_PORT MINGJING_UPSTREAMS
export MINGJING_ACCESS_LOG MINGJING_MIME_TYPES MINGJING_STATIC MINGJING_CERTIFICATES
# shellcheck disable=SC2016 - the names, not their values
names='${MINGJING_RUN} ${MINGJING_SERVER_NAME} ${MINGJING_HTTP_PORT} ${MINGJING_HTTPS_PORT} ${MINGJING_UPSTREAMS}
${MINGJING_ACCESS_LOG} ${MINGJING_MIME_TYPES} ${MINGJING_STATIC} ${MINGJING_CERTIFICATES}'
envsubst "$names" <"$here/nginx.conf" >"$MINGJING_RUN/rendered.conf"
# -e: before the file is read nginx would write to a log that only root has.
exec nginx -e stderr -c "$MINGJING_RUN/rendered.conf" -g 'daemon off;' "$@"
