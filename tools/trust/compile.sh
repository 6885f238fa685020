#!/bin/sh
# compile.sh DIRECTORY USER: runs `serve` once, and keeps its modules as compiled code in the directory. Node keeps them by their
# path, its own version and the user, so this runs in the image that is built, in the place and as the user of the service.
# The files belong to root and are only readable, because they are code: the service must not be able to change it.
set -eu
directory=$1 user=$2
mkdir "$directory"
chown "$user:$user" "$directory"
cat >/tmp/compile.yaml <<'YAML'
listen: { grpc: 127.0.0.1:0, admin: 127.0.0.1:0 }
# A condition loads a module of its own. The key is the one of RFC 8037, so nothing is fetched.
issuers:
  any:
    issuer: https://issuer.example.com
    audiences: [any]
    jwks: { keys: [{ kty: OKP, crv: Ed25519, x: 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo }] }
rules: [{ name: all, require: { when: 'true' } }]
drain: { delay: 0s }
YAML
# Node keeps them apart by the settings of V8 too, and bin/entry.js chooses one of these. The command ends by a signal, and
# timeout answers it with 124.
always='--disable-sigusr1 --max-semi-space-size=8 --heap-growing-percent=50 --memory-pool-timeout=1 --no-memory-reducer --retain-maps-for-n-gc=1000 --expose-gc'
for options in "$always" "$always --single-threaded"; do
  NODE_COMPILE_CACHE=$directory setpriv --reuid="$user" --regid="$user" --clear-groups \
    timeout --signal=TERM 10 node $options bin/peerproof.js serve --config /tmp/compile.yaml || [ $? -eq 124 ]
done
chown -R 0:0 "$directory"
chmod -R a+rX,go-w "$directory"
[ -n "$(find "$directory" -type f)" ]
