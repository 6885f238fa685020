{{/* What follows from the flavour. Helm has no other values than text here, so a list is JSON and "" is false. */}}

{{- define "peerproof.isMesh" -}}
{{- if has .Values.flavour (list "istio" "ambient" "kyma") -}}true{{- end -}}
{{- end -}}

{{- define "peerproof.hasSidecar" -}}
{{- $usual := has .Values.flavour (list "istio" "kyma") -}}
{{- if kindIs "bool" .Values.sidecar -}}{{- $usual = .Values.sidecar -}}{{- end -}}
{{- if $usual -}}true{{- end -}}
{{- end -}}

{{/* Whether a proxy of the mesh stands before the ports, so that Istio's policies are enforced. */}}
{{- define "peerproof.isEnforced" -}}
{{- if or (include "peerproof.hasSidecar" .) (eq .Values.flavour "ambient") -}}true{{- end -}}
{{- end -}}

{{- define "peerproof.doors" -}}
{{- $usual := ternary (list "http") (list "grpc") (eq .Values.flavour "kyma") -}}
{{- .Values.doors | default $usual | toJson -}}
{{- end -}}

{{/* Over gRPC a check is answered with the document itself. Over HTTP the documents need a port. */}}
{{- define "peerproof.servesMetadata" -}}
{{- if and .Values.config.resourceMetadata (has "http" (include "peerproof.doors" . | fromJsonArray)) -}}true{{- end -}}
{{- end -}}

{{/* The ports that proxies use, each with its name. A name tells Istio the protocol. */}}
{{- define "peerproof.doorPorts" -}}
{{- $all := dict "grpc" (dict "name" "grpc-authz" "port" 9001) "http" (dict "name" "http-check" "port" 9002) -}}
{{- $ports := list -}}
{{- range include "peerproof.doors" . | fromJsonArray -}}{{- $ports = append $ports (get $all .) -}}{{- end -}}
{{- if include "peerproof.servesMetadata" . -}}{{- $ports = append $ports (dict "name" "http-metadata" "port" 9004) -}}{{- end -}}
{{- $ports | toJson -}}
{{- end -}}

{{/* The same, and the port with the public keys of internal tokens, if any are minted. */}}
{{- define "peerproof.callerPorts" -}}
{{- $ports := include "peerproof.doorPorts" . | fromJsonArray -}}
{{- if include "peerproof.mints" . -}}{{- $ports = append $ports (dict "name" "http-keys" "port" 9005) -}}{{- end -}}
{{- $ports | toJson -}}
{{- end -}}

{{/* Whether internal tokens are minted. The applications that ask, verify them too, so they get the keys. */}}
{{- define "peerproof.mints" -}}
{{- $identity := get (.Values.config | default dict) "identity" | default dict -}}
{{- if get $identity "token" -}}true{{- end -}}
{{- end -}}

{{- define "peerproof.reader" -}}
{{- $usual := dict "namespace" "monitoring" "serviceAccount" "prometheus" "podLabels" dict -}}
{{- if eq .Values.flavour "kyma" -}}
{{- $labels := dict "telemetry.kyma-project.io/metric-scrape" "true" -}}
{{- $usual = dict "namespace" "kyma-system" "serviceAccount" "telemetry-metric-agent" "podLabels" $labels -}}
{{- end -}}
{{- .Values.metrics.reader | default $usual | toJson -}}
{{- end -}}
