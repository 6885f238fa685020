{{- define "peerproof.name" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if contains "peerproof" .Release.Name -}}
{{- .Release.Name | trunc 58 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-peerproof" (.Release.Name | trunc 48 | trimSuffix "-") -}}
{{- end -}}
{{- end -}}

{{- define "peerproof.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (include "peerproof.name" .) -}}
{{- end -}}

{{- define "peerproof.selector" -}}
app.kubernetes.io/name: peerproof
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "peerproof.commonLabels" -}}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The labels of every object but those of `helm test`, which must not be taken for pods of the service. */}}
{{- define "peerproof.labels" -}}
app.kubernetes.io/name: peerproof
{{ include "peerproof.commonLabels" . }}
{{- end -}}

{{- define "peerproof.testLabels" -}}
app.kubernetes.io/name: peerproof-test
{{ include "peerproof.commonLabels" . }}
{{- end -}}

{{- define "peerproof.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end -}}
