{{- define "peerproof.podLabels" -}}
{{ include "peerproof.labels" . }}
{{- if include "peerproof.isMesh" . }}
sidecar.istio.io/inject: {{ ternary "true" "false" (not (empty (include "peerproof.hasSidecar" .))) | quote }}
{{- end }}
{{- if eq .Values.flavour "ambient" }}
istio.io/dataplane-mode: ambient
{{- end }}
{{- if eq .Values.flavour "kyma" }}
# If the Istio resource sets `networkPoliciesEnabled`, the gateway reaches only pods with this label.
networking.kyma-project.io/from-ingressgateway: allowed
{{- end }}
{{- with .Values.istio.revision }}
istio.io/rev: {{ . | quote }}
{{- end }}
{{- with .Values.podLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "peerproof.podAnnotations" -}}
kubectl.kubernetes.io/default-container: peerproof
{{- if and .Values.config .Values.restartOnChange }}
checksum/config: {{ include "peerproof.config" . | sha256sum }}
{{- end }}
{{- if include "peerproof.hasSidecar" . }}
# Peerproof calls issuers at start, through the sidecar, so the sidecar must start first.
proxy.istio.io/config: |
  holdApplicationUntilProxyStarts: true
  terminationDrainDuration: 25s
{{- end }}
{{- if ne .Values.flavour "kyma" }}
prometheus.io/scrape: "true"
prometheus.io/port: "9003"
prometheus.io/path: /metrics
{{- end }}
{{- with .Values.podAnnotations }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "peerproof.topologySpread" -}}
{{- if kindIs "slice" .Values.topologySpreadConstraints -}}
{{- toYaml .Values.topologySpreadConstraints -}}
{{- else -}}
{{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
- maxSkew: 1
  topologyKey: {{ . }}
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      {{- include "peerproof.selector" $ | nindent 6 }}
{{- end }}
{{- end -}}
{{- end -}}

{{- define "peerproof.volumes" -}}
- name: config
  {{- if .Values.existingConfig.secret }}
  secret:
    secretName: {{ .Values.existingConfig.secret }}
    {{- include "peerproof.configItems" . | nindent 4 }}
  {{- else }}
  configMap:
    name: {{ .Values.existingConfig.configMap | default (include "peerproof.name" .) }}
    {{- include "peerproof.configItems" . | nindent 4 }}
  {{- end }}
{{- if .Values.grpcTls.issuer.name }}
- name: grpc-tls
  secret:
    secretName: {{ include "peerproof.name" . }}-grpc-tls
{{- end }}
{{- /* A volume for each: one whose source is missing is not updated, and the others are. */}}
{{- range $at, $one := .Values.trustBundles }}
- name: trust-bundle-{{ $at }}
  projected:
    sources:
      {{- with $one.clusterTrustBundle }}
      - clusterTrustBundle:
          {{- if .signerName }}
          # Without a selector Kubernetes would take none of the bundles of the signer. An empty one takes all.
          labelSelector: {{ .labelSelector | default dict | toJson }}
          {{- end }}
          {{- toYaml (omit . "labelSelector") | nindent 10 }}
          path: bundle.pem
      {{- else }}
      - {{ ternary "configMap" "secret" (not (empty $one.configMap)) }}:
          name: {{ $one.configMap | default $one.secret }}
          items:
            - key: {{ $one.key | default "ca.crt" }}
              path: bundle.pem
      {{- end }}
{{- end }}
{{- with .Values.store.secret }}
- name: store
  secret:
    secretName: {{ . }}
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "peerproof.configItems" -}}
{{- if ne .Values.existingConfig.key "peerproof.yaml" -}}
items:
  - key: {{ .Values.existingConfig.key }}
    path: peerproof.yaml
{{- end -}}
{{- end -}}

{{- define "peerproof.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "peerproof.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}
