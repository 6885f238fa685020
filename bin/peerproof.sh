#!/bin/sh
# peerproof.sh [ARGUMENT...]: runs peerproof.js with the settings of V8 that fit the processors of this
# container (docs/performance.md). V8 reads them only at its start. NODE names another program than `node`.
set -eu

is_one_processor() {
  [ "$(nproc)" -gt 1 ] || return 0
  # The quota and its period in microseconds (cgroup v2). Without a quota the first word is `max`.
  read -r quota period 2>/dev/null </sys/fs/cgroup/cpu.max || return 1
  [ "$quota" != max ] && [ "$quota" -lt $((2 * period)) ]
}

set -- "$(dirname "$0")/peerproof.js" "$@"
# On one processor, the helper threads of V8 take it from the thread that answers checks. NODE_OPTIONS does
# not accept this.
if is_one_processor; then set -- --single-threaded "$@"; fi
# The default of 16 MB takes 60 MB more memory and is not faster. By default V8 lets the heap grow to several
# times of what is in use: the faster the service allocates, the more. Here it is one and a half times.
# SIGUSR1 would open the debugger on a port of the pod, and its other containers could run code in this one.
exec "${NODE:-node}" --disable-sigusr1 --max-semi-space-size=8 --heap-growing-percent=50 "$@"
