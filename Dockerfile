# The image of Peerproof. Build: docker build -t peerproof:0.1.0 . (npm run image reads the final stage, and needs no engine.)
# The version of Node is the one that the tests run with: the devDependency `node` in package.json (a test compares them).
# The base image is pinned by the digest of its index, so that every build starts from the same bytes. To renew it, for a later
# version or for later fixes of Debian under the same tag:
#   docker buildx imagetools inspect node:26.10.0-slim     (the line "Digest:")
# Change both FROM lines, the label base.digest and the devDependency.

FROM node:26.10.0-slim@sha256:ec7758ee051e457b468b32bde57b0879010b325bb9862718e9615225ce4aaae1 AS build
WORKDIR /app
COPY package.json package-lock.json ./
# No install script is needed, so none runs. So the npm package `node` stays empty, and the build uses the Node of the base image.
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src src
COPY tools/trust tools/trust
RUN npm run build
# Installs again, without devDependencies: no compiler, no linter, no second Node.
RUN npm ci --omit=dev --ignore-scripts
# Keeps the modules of `serve` as compiled code, which saves processor time at each start. Without src/ the command runs
# dist/, as it does in the image.
COPY bin bin
RUN rm -rf src && sh tools/trust/compile.sh /compiled 1000

FROM node:26.10.0-slim@sha256:ec7758ee051e457b468b32bde57b0879010b325bb9862718e9615225ce4aaae1
# A build for others says where its code is: --build-arg SOURCE=https://… --build-arg REVISION=$(git rev-parse HEAD)
ARG SOURCE=""
ARG REVISION=""
LABEL org.opencontainers.image.title="peerproof" \
      org.opencontainers.image.description="Envoy external authorization that proves a token belongs to the workload that sends it" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.digest="sha256:ec7758ee051e457b468b32bde57b0879010b325bb9862718e9615225ce4aaae1"
ENV NODE_ENV=production
# It is only read. For a user other than 1000 it has no effect.
ENV NODE_COMPILE_CACHE=/compiled
WORKDIR /app
COPY package.json ./
COPY bin bin
COPY console console
# `migrate --for` makes its files from these.
COPY istio istio
COPY kustomize kustomize
COPY proxies proxies
# Only for programs that look for the packages of an image, and for their licences: dist/ has the code of all of them.
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=build /compiled /compiled
# A number, because Kubernetes cannot tell from a name that it is not root. Nothing is written, so the root file system can be
# read-only.
USER 1000:1000
# gRPC checks; HTTP checks, if `listen.http` is set; health and metrics.
EXPOSE 9001 9002 9003
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9003/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# SIGUSR1 would open the debugger on a port of the pod, and its other containers could run code in this one. The default of 16 MB
# takes 60 MB more memory and is not faster. By default V8 lets the heap grow to several times of what is in use: the faster the
# service allocates, the more. Here it is one and a half times. Pages that V8 has emptied go back after one second, and by default
# after eight. When no check is under way, V8 would collect the maps of what checks use, and with them its fast code: the first
# checks after a quiet time would take three times as long. A start with many rules collects its garbage once
# (src/lib/compact-heap.ts). entry.js adds a setting by the CPU quota. All of it is measured in docs/performance.md.
ENTRYPOINT ["node", "--disable-sigusr1", "--max-semi-space-size=8", "--heap-growing-percent=50", "--memory-pool-timeout=1", "--no-memory-reducer", "--retain-maps-for-n-gc=1000", "--expose-gc", "bin/entry.js"]
CMD ["serve", "--config", "/etc/peerproof/peerproof.yaml"]
