#!/bin/sh
# One backup below FOLDER, named by the instant; whole ones older than MINGJING_KEEP_DAYS (default 30) are taken away
# once the new one is whole.
set -eu
umask 077
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
folder=${1:?usage: backup.sh FOLDER}
made="$folder/$(date -u +%Y%m%dT%H%M%SZ)"
"${MINGJING_COMMAND:-$here/../.venv/bin/mingjing}" db backup "$made"
find "$folder" -mindepth 2 -maxdepth 2 -name manifest.json -mtime "+${MINGJING_KEEP_DAYS:-30}" -printf '%h\0' |
    xargs --null --no-run-if-empty rm -r --
